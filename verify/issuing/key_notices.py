"""What the key administrator should know: what ends soon, and what lies where it should not.

* The newest signing key ends within two weeks: a new one must be listed a week before it signs.
* The key list ends within a month, or says not what the office is: after its end nobody can verify anything.
* A real office: private keys in the clear, the root among the keys in daily use.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from verify.issuing.keys import LAST_MONTH, KeyStore
from verify.validity import SHANGHAI

ENDS_SOON = timedelta(days=14)


def notices(keys: KeyStore, now: datetime) -> Iterator[str]:
    """Sentences for people. Raises KeyringError when there are no keys."""
    able = [state.signs_until for state in keys.list() if state.has_private and state.entry.revoked_at is None]
    newest = max(able, default=None)
    if newest is None or newest - now < ENDS_SOON:
        until = "没有可用的签名密钥" if newest is None else f"最新的签名密钥只签到 {_day(newest)}"
        yield f"{until}。请接上根密钥，执行 chenghe keys rotate。"
    listed = keys.key_list()
    if listed.expires_at - now < LAST_MONTH:
        ends = _day(listed.expires_at)
        yield f"公钥清单 {ends} 到期，到期后核验都答“无法确认”。请接上根密钥，执行 chenghe keys rotate。"
    elif not keys.suits(listed, now):
        yield "公钥清单与机构现在的名称、网址、登记日志或证书不一致。请接上根密钥，执行 chenghe keys export。"
    yield from _at_rest(keys)


def _at_rest(keys: KeyStore) -> Iterator[str]:
    if keys.sample:
        return
    plain = keys.in_the_clear()
    if plain:
        yield f"没有加密的私钥：{'、'.join(plain)}。请设好口令，执行 chenghe keys rotate。"
    if keys.root_at_hand():
        yield "根密钥就在 keys 目录里。平时请把 root.pem 移到离线介质上，用时加 --root。"


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d}"
