"""Which log a command is about, and where its files are: a folder or a site, under a pinned trust file.

* The issuer, its log and its witnesses come from the trust file, never from the log itself.
* What was believed before is remembered as the signed checkpoint: of a fork, both sides can then be shown.
"""

import argparse
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot import clock, fetching
from bot.errors import UsageError
from bot.settings import Home

if TYPE_CHECKING:
    from verify.keylist import LogKey
    from verify.transparency.tiles import Read
    from verify.trust import Trust

CHECKPOINT, COSIGNED = "log/checkpoint", "log/cosigned"


@dataclass(frozen=True, slots=True)
class LogSource:
    """One log of one issuer. ``read``: below the published folder. ``data``: its checkpoint, unverified."""

    trust: "Trust"
    log: "LogKey"
    read: "Read"
    data: bytes
    folder: Path | None

    def tile(self, path: str) -> bytes | None:
        """Below ``log/``."""
        return self.read(f"log/{path}")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folder", metavar="DIR", help="公开目录（或它的副本），里面有 log/（默认 数据目录/public）")
    parser.add_argument("--url", metavar="URL", help="从核验网站读取，例如 https://verify.example.gov.cn")
    parser.add_argument("--trust", metavar="FILE", help="信任文件（默认 数据目录/public/trust.json 或 trust.json）")


@contextmanager
def opened(options: argparse.Namespace, home: Home, checkpoint: Path | None = None) -> "Iterator[LogSource]":
    """``checkpoint``: instead of the published one. Raises UsageError or TrustError; a site that fails: UsageError."""
    from verify.transparency.evidence import Folder

    trust = _trust(options, home)
    if options.url:
        site = fetching.Site(options.url)
        read, folder = site.read, None
    else:
        folder = Path(options.folder) if options.folder else home.public
        read = Folder(folder).read
    try:
        data = content_of(checkpoint) if checkpoint else read(CHECKPOINT)
        yield _source(trust, read, data, folder)
    except OSError as cause:
        raise UsageError(
            f"读不到登记日志：{cause.strerror or cause}。",
            next_step="请检查网址、网络和读取权限后重试。",
            code="LOG_UNREACHABLE",
        ) from cause
    finally:
        if options.url:
            site.close()


def content_of(path: Path) -> bytes:
    """A checkpoint somebody names. Raises UsageError."""
    from verify.transparency.evidence import FILE_LIMIT_BYTES

    try:
        with path.open("rb") as file:
            return file.read(FILE_LIMIT_BYTES)
    except OSError as cause:
        raise UsageError(
            f"打不开 {path}：{cause.strerror}。", next_step="请检查路径和读取权限。", code="FILE_NOT_OPENED"
        ) from cause


def memory_of(home: Home, act: str, origin: str) -> Path:
    """Where the last checkpoint of a log is remembered. ``act``: who remembers."""
    return home.root / "log-memory" / f"{act}-{re.sub('[^0-9A-Za-z.-]', '_', origin)}"


def remembered(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _source(trust: "Trust", read: "Read", data: bytes | None, folder: Path | None) -> LogSource:
    from verify.errors import TrustError
    from verify.transparency.notes import read_checkpoint

    if data is None:
        raise UsageError(
            "这里没有登记日志：没有 log/checkpoint。",
            next_step="请用 --folder 指定公开目录的副本，或用 --url 指定核验网址。",
            code="LOG_NOT_FOUND",
        )
    origin = read_checkpoint(data)[1].origin
    log = next((each for each in trust.keys.logs if each.origin == origin), None)
    if log is None:
        raise TrustError(
            "信任文件中没有列出这个登记日志。", next_step="请向签发机构索取最新的信任文件。", code="LOG_NOT_LISTED"
        )
    return LogSource(trust, log, read, data, folder)


def _trust(options: argparse.Namespace, home: Home) -> "Trust":
    """Raises TrustError for one older than what others handed to us before."""
    from verify.remembering import Memory
    from verify.trust import load

    published = options.folder is None and options.url is None and home.published_trust.exists()
    path = Path(options.trust) if options.trust else home.published_trust if published else home.exported_trust
    try:
        trust = load(path.read_bytes())
    except OSError as cause:
        raise UsageError(
            f"读不到信任文件 {path}。",
            next_step="请用 --trust 指定签发机构用 chenghe keys export 导出的文件。",
            code="TRUST_FILE_MISSING",
        ) from cause
    if path != home.published_trust:
        Memory(home.seen).admit(trust, clock.now())
    return trust
