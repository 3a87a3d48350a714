"""``chenghe verify``: QR text, pictures, reports and folders of them. 0 all valid, 1 something is not, 2 no answer.

* An input is a path when something is there, or when it looks like the name of a file; otherwise it is a code.
* Names and texts come from an enemy: what a terminal would obey or hide is written out (‹U+001B›).
"""

import argparse
import os
import re
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import category

from bot import clock, console, rooms
from bot.commands import Commands
from bot.errors import UsageError
from bot.settings import Home

if TYPE_CHECKING:
    from verify.check import Verification
    from verify.documents.examine import SealedContents
    from verify.trust import Trust

_FILE_NAME = re.compile(r"\.(docx?|docm|pdf|png|jpe?g|zip|txt)", re.IGNORECASE)
_COMMANDING = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    verifying = commands.add_parser("verify", parents=[common], help="核验：核验码文字、图片、报告文件或文件夹")
    verifying.add_argument("inputs", nargs="+", metavar="INPUT")
    verifying.add_argument("--at", metavar="ISO", help="核验哪一时刻的效力（默认现在）")
    verifying.add_argument("--offline", action="store_true", help="只用导出的信任文件，不看本机的任何其他数据")
    verifying.add_argument("--trust", metavar="FILE", help="信任文件（默认 数据目录/trust.json）")
    verifying.add_argument("--json", action="store_true", help="输出 JSON")
    verifying.set_defaults(run=run)


def run(options: argparse.Namespace, home: Home) -> int:
    from verify.public.shelf import Shelf

    now = clock.now()
    at = clock.moment(options.at) if options.at else now
    trust = _trust(options, home, now)
    sealed = None if options.offline or options.trust else Shelf(home.public)
    results = list(_results(options.inputs, trust, at, now, sealed))
    if options.json:
        console.print_json([{"input": _encodable(name), **result.to_json()} for name, result in results])
    else:
        for name, result in results:
            console.line(readable(name, result))
    return _exit_status([result for _, result in results])


def _trust(options: argparse.Namespace, home: Home, now: datetime) -> "Trust":
    """The pinned trust file. On the issuing machine itself the published one is renewed first (unless offline)."""
    from verify.trust import load

    if options.trust:
        path = Path(options.trust)
    elif options.offline:
        path = home.exported_trust if home.exported_trust.exists() else home.published_trust
    else:
        path = home.published_trust
        if home.keys.exists():
            rooms.issuing(home).publish(now)
    try:
        return load(path.read_bytes())
    except OSError as cause:
        raise UsageError(
            f"读不到信任文件 {path}。",
            next_step="请在签发机器上运行 chenghe keys export，再用 --trust 指定导出的文件。",
            code="TRUST_FILE_MISSING",
        ) from cause


def _results(
    inputs: list[str], trust: "Trust", at: datetime, now: datetime, sealed: "SealedContents | None"
) -> "Iterator[tuple[str, Verification]]":
    from verify.documents.examine import examine, examine_folder

    for given in inputs:
        path = _path(given)
        if path is None:
            yield given, examine(given, name="", trust=trust, at=at, now=now, sealed=sealed)
        elif path.is_dir():
            yield from examine_folder(path, trust=trust, at=at, now=now, sealed=sealed)
        else:
            yield given, examine(path, name=path.name, trust=trust, at=at, now=now, sealed=sealed)


def _path(given: str) -> Path | None:
    """The file or folder meant by ``given``; None for a code. Raises UsageError for what is neither."""
    try:
        mode = os.stat(given).st_mode
    except (OSError, ValueError) as cause:  # nothing there, no permission, a name too long to be one
        if isinstance(cause, PermissionError) or _FILE_NAME.fullmatch(Path(given).suffix):
            raise _not_opened(given) from cause
        return None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise _not_opened(given)
    return Path(given)


def _not_opened(given: str) -> UsageError:
    return UsageError(
        f"找不到或打不开文件 {plain(given)}。",
        next_step="请检查路径和读取权限；也可以直接给出核验码文字。",
        code="FILE_NOT_OPENED",
    )


def _exit_status(results: "list[Verification]") -> int:
    from verify.reasons import Verdict

    verdicts = {result.verdict for result in results}
    if not results or Verdict.INDETERMINATE in verdicts:
        return 2
    return 0 if verdicts == {Verdict.VALID} else 1


def readable(name: str, result: "Verification") -> str:
    lines = [f"{_mark(result)} {result.verdict.label}　{_short(name)}", f"  {result.message}"]
    if result.credential is not None:
        facts = result.credential.facts
        lines.append(
            f"  {facts.subject_name}　{facts.subject_code}　{result.credential.number}　"
            f"有效期至 {facts.valid_until:%Y-%m-%d} 24 时"
        )
        lines.append(f"  结论：{result.conclusion}")
    lines += [
        f"  ≠ {difference.where}：签发 {_quoted(difference.issued)}，送验 {_quoted(difference.found)}"
        for difference in result.differences
    ]
    lines += [f"  ! {notice.message}{notice.next_step}（{notice.value}）" for notice in result.notices]
    lines.append(f"  下一步：{result.next_step}（{result.reason.value}）")
    return "\n".join(map(plain, lines))


def plain(text: str) -> str:
    """``text`` on one line, with every character that commands a terminal or hides written out."""
    return "".join(f"‹U+{ord(c):04X}›" if category(c) in _COMMANDING else c for c in text)


def _encodable(name: str) -> str:
    """File names need not be UTF-8; JSON is."""
    return name.encode(errors="backslashreplace").decode()


def _mark(result: "Verification") -> str:
    marks: dict[str, str] = {"valid": "✓", "indeterminate": "?"}
    return marks.get(result.verdict.value, "✗")


def _short(name: str) -> str:
    return name if len(name) <= 80 else f"{name[:60]}…"


def _quoted(text: Any) -> str:
    return f"“{text}”" if text else "（无）"
