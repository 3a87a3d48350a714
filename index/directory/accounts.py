"""How two accounts are compared, and how one is written: ``wecom:ww1234/zhangsan``.

* The 企业微信 account of a member (userid) is one whatever its case: the platform holds ``ZhangSan`` and ``zhangsan``
  for the same, and hands on either. All others are compared as they are.

Source: developer.work.weixin.qq.com, 成员管理 (userid: 唯一性检查时会忽略大小写); OpenID Connect Core §2 (sub is
case-sensitive).
"""

import re
from enum import StrEnum

from index.directory.model import Account
from index.errors import DirectoryError

_VISIBLE = re.compile("[!-~]{1,255}")


class Platform(StrEnum):
    """Where accounts come from. The first four are ``bot.channels.messages.Platform``; ``oidc`` is the web sign-in."""

    WECOM = "wecom"
    WECHAT = "wechat"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    OIDC = "oidc"

    @property
    def label(self) -> str:
        return _LABELS[self.value]


_LABELS = {"wecom": "企业微信", "wechat": "微信", "dingtalk": "钉钉", "feishu": "飞书", "oidc": "统一登录"}


def compared(account: Account) -> Account:
    """The account as it is stored and looked for."""
    if account.platform != Platform.WECOM or not account.account.isascii():  # the Kelvin sign would become k
        return account
    return Account(account.platform, account.tenant, account.account.lower())


def given(platform: str, tenant: str, account: str) -> Account:
    """An account as a person typed it. Raises DirectoryError for what no platform gives."""
    if _VISIBLE.fullmatch(tenant) is None or _VISIBLE.fullmatch(account) is None:
        raise DirectoryError(
            "企业 ID 和账号只含英文字母、数字和符号，不是名称或昵称。",
            next_step="请从平台的管理后台复制，见 docs/staff.md。",
            code="ACCOUNT_UNREADABLE",
        )
    return compared(Account(Platform(platform).value, tenant, account))


def written(account: Account) -> str:
    """For people and for the audit."""
    return f"{account.platform}:{account.tenant}/{account.account}"
