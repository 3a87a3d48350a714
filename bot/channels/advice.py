"""What an administrator is told about an app: its page, where our address goes, what to do about a platform's code.

The pages (docs/channels/) say more; here stands what stops a new app from answering at all.

Source: the error codes of each platform as its server API module names them; docs/channels/.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_CODE = re.compile(r"[A-Za-z]+|[0-9]+")


@dataclass(frozen=True, slots=True)
class About:
    """One kind. ``field``: where the console takes our address; "" when we connect to the platform."""

    title: str
    page: str
    field: str = ""
    connected: str = ""
    """What the log says once a long connection stands or does not; only of kinds without an address."""


ABOUT: Mapping[str, About] = MappingProxyType(
    {
        "wecom": About("企业微信自建应用", "wecom", "应用详情页 → 接收消息 → 设置API接收 → URL"),
        "wecom-robot": About("企业微信智能机器人（URL 回调）", "wecom-robot", "API 配置 → 使用URL回调 → URL"),
        "wecom-robot-socket": About(
            "企业微信智能机器人（长连接）", "wecom-robot", connected="日志里出现“connected to WeCom”就是连上了"
        ),
        "wechat": About("微信公众号、服务号", "wechat", "消息推送配置（旧版：服务器配置）→ 服务器地址(URL)"),
        "dingtalk": About("钉钉机器人（HTTP 模式）", "dingtalk", "机器人配置 → 消息接收模式：HTTP 模式 → 消息接收地址"),
        "dingtalk-stream": About(
            "钉钉机器人（Stream 模式）", "dingtalk", connected="日志里没有“no connection to DingTalk”就是连上了"
        ),
        "feishu": About("飞书（事件发到服务器）", "feishu", "事件与回调 → 事件配置 → 订阅方式 → 请求地址"),
        "feishu-socket": About(
            "飞书（长连接）", "feishu", connected="日志里没有“no long connection to Feishu”就是连上了"
        ),
    }
)

_UNREACHABLE = "这台机器连不上平台：检查网络、DNS、防火墙的出口规则（本程序不用系统代理）。"
STEPS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "wecom": {
            "40001": "Secret 不对：在应用详情页的 Secret 后点“查看”，重新抄到 secret。",
            "40013": "企业ID 不对：在“我的企业 → 企业信息”最下面重新抄到 corp_id。",
            "40056": "AgentId 不对：在应用详情页重新抄到 agent_id。",
            "301002": "Secret 和 AgentId 不是同一个应用的：在应用详情页把两样一起重新抄。",
            "60020": "在应用详情页最下面的“企业可信IP”里填上这台机器的出口 IP。",
            "81013": "把收不到的成员加进应用的“可见范围”。",
        },
        "wechat": {
            "40001": "AppSecret 不对：重置后抄到 app_secret。",
            "40013": "AppID 不对：重新抄到 app_id。",
            "40125": "AppSecret 不对或已被重置：抄新的到 app_secret。",
            "40164": "在“IP白名单”里填上这台机器的出口 IP，几分钟后生效。",
            "40243": "AppSecret 被冻结：在后台解冻，10 分钟后生效。",
            "48001": '没有“客服消息”权限：写 reply = "passive"，重新启动。',
            "50007": "公众号被冻结：到微信公众平台处理。",
        },
        "dingtalk": {
            "invalidClientIdOrSecret": "Client ID 或 Client Secret 不对：在“凭证与基础信息”里重新抄。",
            "authFailed": "Client ID 或 Client Secret 不对：在“凭证与基础信息”里重新抄。",
            "AccessTokenPermissionDenied": "在“权限管理”里申请 qyapi_robot_sendmsg，再发布一个版本。",
            "ApiCountLimitForOrg": "本月接口调用量用完了：升级钉钉版本，或改用 Stream 模式。",
            "notExsit": "应用没有发布，或 robot_code 抄错：发布一个版本，重新抄 RobotCode。",
        },
        "feishu": {
            "10003": "App ID 不对：在“凭证与基础信息”里重新抄到 app_id。",
            "10014": "App Secret 不对：在“凭证与基础信息”里重新抄到 app_secret。",
            "99991672": "缺权限：按 docs/channels/feishu.md 第二节的表开通，再发布一个版本。",
            "230013": "把收不到的成员加进应用的“可用范围”，再发布一个版本。",
            "11205": "应用还没有机器人能力：“添加应用能力 → 机器人”，再发布一个版本。",
        },
    }
)


def next_step(kind: str, said: str) -> str:
    """What to do about what ``SendFailed`` says."""
    about = ABOUT[kind]
    if "cannot be reached" in said:
        return _UNREACHABLE
    steps = STEPS[about.page.partition("-")[0]]
    found = next((steps[code] for code in _CODE.findall(said) if code in steps), None)
    return found or f"请对照 docs/channels/{about.page}.md 的“出了问题”。"
