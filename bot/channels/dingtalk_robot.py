"""A DingTalk robot as the developer console shows it: 凭证与基础信息, 机器人."""

from dataclasses import dataclass, field

from bot.channels.app_settings import AppSettings


@dataclass(frozen=True, slots=True)
class Robot:
    """``app``: its name with us; ``corp``: CorpId; ``key``, ``secret``: Client ID and Secret; ``code``: RobotCode."""

    app: str
    corp: str
    key: str
    secret: str = field(repr=False)
    code: str


def robot_of(settings: AppSettings) -> Robot:
    """Raises UsageError. The RobotCode is the Client ID where the console does not show another."""
    key = settings.text("client_id")
    corp, secret = settings.text("corp_id"), settings.secret("client_secret")
    return Robot(settings.name, corp, key, secret, settings.text("robot_code", key))
