"""``chenghe channels list | check``: which apps of which platforms there are, and whether each can work.

* One app's fault hides no other's. Each line that is not in order says the next step.
* ``--online`` asks each platform whether it knows the app (``bot.channels.access``) and, with ``--address``, whether
  our own address is served. Nothing else goes out, and no secret is shown.
* 0: all in order; 1: something is not; 2: the file cannot be read at all.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from bot import clock, console
from bot.commands import Commands
from bot.errors import UsageError
from bot.settings import Home

if TYPE_CHECKING:
    from bot.channels.configuring import Inspected
    from bot.post.counting import AppCounts

GOOD, BAD, TOLD = "好", "错", "看"
OUR_HOST = "https://<公网域名>"
REFUSED, POST_ONLY = b"MALFORMED", HTTPStatus.METHOD_NOT_ALLOWED
"""What our own address says to a request that is not the platform's; some take only POST."""
SECONDS = 10.0
NAME_CHARACTERS = 60


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    group = commands.add_parser("channels", help="平台应用：列出，检查配置能不能用").add_subparsers(
        dest="channels", required=True, metavar="动作"
    )
    listing = group.add_parser("list", parents=[common], help="列出 channels.toml 里的应用和最近收到的消息")
    checking = group.add_parser("check", parents=[common], help="检查每个应用：配置、密钥、地址、最近收到的消息")
    checking.add_argument("app", nargs="?", metavar="APP", help="只查这一个应用")
    checking.add_argument("--online", action="store_true", help="向平台取一次 access_token，看密钥是否正确")
    checking.add_argument("--address", metavar="URL", help="公网地址，如 https://chat.credit.example.gov.cn")
    for parser, run in ((listing, list_apps), (checking, check_apps)):
        parser.add_argument("--json", action="store_true", help="输出 JSON")
        parser.set_defaults(run=run)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: in order, not in order, or only told."""

    state: str
    message: str
    next_step: str = ""

    def to_json(self) -> dict[str, str]:
        return {"state": {GOOD: "good", BAD: "bad", TOLD: "told"}[self.state], "message": self.message} | (
            {"next_step": self.next_step} if self.next_step else {}
        )


def list_apps(options: argparse.Namespace, home: Home) -> int:
    from bot.channels.advice import ABOUT

    apps = _inspected(home)
    found = [(each, _counts(home, each.name)) for each in apps]
    if options.json:
        console.print_json([_listed(each, counts) for each, counts in found])
        return 0
    for each, counts in found:
        title = ABOUT[each.kind].title if each.kind in ABOUT else f"kind 不对：{each.kind or '没有写'}"
        state = "" if each.fault is None else "　配置有错，见 chenghe channels check"
        console.line(f"{each.name or '（没有名称）'}　{title}　{_last(counts)}{state}")
    return 0


def check_apps(options: argparse.Namespace, home: Home) -> int:
    address = _address(options.address)
    apps = [each for each in _inspected(home) if options.app in (None, each.name)]
    if not apps:
        raise UsageError(
            f"channels.toml 里没有名为 {options.app} 的应用。",
            next_step="用 chenghe channels list 看有哪些应用。",
            code="CHANNEL_UNKNOWN",
        )
    found = asyncio.run(_checked(apps, home, address, online=options.online))
    if options.json:
        console.print_json([_listed(each, None) | {"findings": _json(findings)} for each, findings in found])
    else:
        _say(found)
    return 1 if any(finding.state == BAD for _, findings in found for finding in findings) else 0


async def _checked(
    apps: "list[Inspected]", home: Home, address: str | None, *, online: bool
) -> "list[tuple[Inspected, list[Finding]]]":
    """One after the other: the order of the file is the order of what is told."""
    return [(each, [finding async for finding in _findings(each, home, address, online)]) for each in apps]


async def _findings(each: "Inspected", home: Home, address: str | None, online: bool) -> AsyncIterator[Finding]:
    from bot.channels.advice import ABOUT

    if each.channel is None:
        for finding in _faults(each):
            yield finding
        return
    yield Finding(GOOD, "配置完整，密钥都读得到")
    try:
        if online:
            yield await _access(each)
    finally:
        await each.channel.close()
    if ABOUT[each.kind].field:
        yield _where(each, address)
        if online and address is not None:
            yield await _served(f"{address}/channels/{each.name}")
    else:
        yield Finding(TOLD, f"不要公网地址；{ABOUT[each.kind].connected}")
    for finding in _messages(each, _counts(home, each.name)):
        yield finding


def _faults(each: "Inspected") -> Iterator[Finding]:
    """What stands in the file; every variable that is not set at once."""
    if each.unset:
        names = "、".join(each.unset)
        yield Finding(
            BAD,
            f"环境变量 {names} 没有设置",
            "在启动诚核的地方设置（systemd 用 EnvironmentFile=），运行本命令时也要设置。",
        )
    elif each.fault is not None:
        yield Finding(BAD, each.fault.message.rstrip("。"), each.fault.next_step)


async def _access(each: "Inspected") -> Finding:
    from bot.channels.access import HasAccess
    from bot.channels.advice import next_step
    from bot.channels.messages import SendFailed

    if not isinstance(each.channel, HasAccess):
        return Finding(TOLD, "这种接法没有能单独查的密钥：保存地址、建立长连接时才验证")
    try:
        name = await each.channel.check_access()
    except SendFailed as refused:
        what = "没有问到平台" if "cannot be reached" in str(refused) else "平台不认这个应用"
        return Finding(BAD, f"{what}（{refused}）", next_step(each.kind, str(refused)))
    shown = "".join(each for each in name if each.isprintable())[:NAME_CHARACTERS]
    return Finding(GOOD, "平台认得这个应用" + (f"：{shown}" if shown else ""))


def _where(each: "Inspected", address: str | None) -> Finding:
    from bot.channels.advice import ABOUT

    return Finding(TOLD, f"后台“{ABOUT[each.kind].field}”填 {address or OUR_HOST}/channels/{each.name}")


async def _served(url: str) -> Finding:
    """Our address asked as a browser would ask it."""
    import aiohttp

    mend = "确认 chenghe serve 在运行、代理放行了 /channels/、域名指向这台代理。"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS), trust_env=False) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            status, said = response.status, await response.content.read(len(REFUSED))
    except (aiohttp.ClientError, TimeoutError) as cause:
        return Finding(BAD, f"从这台机器连不上 {url}（{type(cause).__name__}）", mend)
    if status == POST_ONLY or (status, said) == (HTTPStatus.BAD_REQUEST, REFUSED):
        return Finding(GOOD, f"从这台机器访问这个地址，应答 {status}，与诚核一致")
    more = "地址最后一段要与 name 相同，改了 channels.toml 要重启服务。" if status == HTTPStatus.NOT_FOUND else ""
    return Finding(BAD, f"{url} 的应答是 {status}，不像诚核", more + mend)


def _messages(each: "Inspected", counts: "AppCounts | None") -> Iterator[Finding]:
    from bot.channels.advice import next_step

    if counts is None or counts.last_at is None:
        yield Finding(TOLD, "近 9 天没有收到过消息", "在平台上给它发一句话；仍没有的，对照该平台页面的“出了问题”。")
        return
    yield Finding(TOLD, _last(counts))
    if counts.fault:
        yield Finding(
            BAD if counts.unsent else TOLD,
            f"有答复没有送达：待发 {counts.unsent}，放弃 {counts.given_up}；平台最后说：{counts.fault}",
            next_step(each.kind, counts.fault),
        )


def _last(counts: "AppCounts | None") -> str:
    if counts is None or counts.last_at is None:
        return "近 9 天没有收到过消息"
    when = counts.last_at.astimezone(clock.now().tzinfo).strftime("%Y-%m-%d %H:%M")
    twice = f"，可能送达两次 {counts.perhaps_twice}" if counts.perhaps_twice else ""
    return f"最近一条消息 {when}，待答 {counts.waiting}，待发 {counts.unsent}，放弃 {counts.given_up}{twice}"


def _say(found: "list[tuple[Inspected, list[Finding]]]") -> None:
    from bot.channels.advice import ABOUT

    for each, findings in found:
        console.line(f"{each.name or '（没有名称）'}　{ABOUT[each.kind].title if each.kind in ABOUT else ''}".rstrip())
        for finding in findings:
            console.line(f"　{finding.state}　{finding.message}")
            if finding.next_step:
                console.line(f"　　　下一步：{finding.next_step}")


def _inspected(home: Home) -> "tuple[Inspected, ...]":
    import time

    from bot.channels.configuring import inspect_channels

    found = inspect_channels(home.channels, clock.now, time.monotonic) if home.channels.exists() else ()
    if not found:
        raise UsageError(
            f"{home.channels} 里还没有应用。",
            next_step="从 docs/channels/ 里选一个平台，照那一页的步骤写 channels.toml。",
            code="CHANNELS_NONE",
        )
    return found


def _counts(home: Home, app: str) -> "AppCounts | None":
    """None: no app has ever brought a message here."""
    if not home.messages.exists():
        return None
    from bot.post.counting import app_counts
    from bot.post.office import open_messages

    engine = open_messages(home.messages)
    try:
        with engine.connect() as connection:
            return app_counts(connection, app)
    finally:
        engine.dispose()


def _address(given: str | None) -> str | None:
    from bot.channels.app_settings import is_address

    if given is None or is_address(given.rstrip("/")):
        return given and given.rstrip("/")
    raise UsageError(
        "--address 应是 https 地址，不含路径。", next_step="例如 --address https://chat.credit.example.gov.cn"
    )


def _listed(each: "Inspected", counts: "AppCounts | None") -> dict[str, Any]:
    found: dict[str, Any] = {"name": each.name, "kind": each.kind, "in_order": each.fault is None}
    if counts is not None:
        last = None if counts.last_at is None else counts.last_at.isoformat()
        found |= {"last_message_at": last, "waiting": counts.waiting, "unsent": counts.unsent}
        found |= {"given_up": counts.given_up}
    return found


def _json(findings: list[Finding]) -> list[dict[str, str]]:
    return [each.to_json() for each in findings]
