"""What commands that change records and cases share: which cases are asked for, evidence by path, steps on the screen,
telling the verifiers."""

import argparse
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from bot import clock, console, rooms
from bot.commands.subject_code import subject_code
from bot.errors import UsageError
from bot.settings import Home
from verify.errors import VerifyError

if TYPE_CHECKING:
    from index.cases.book import CaseStep
    from index.cases.evidence import Evidence


SHOWN_REPORTS = 20


class Case(Protocol):
    """An objection or a repair, as far as both are alike."""

    @property
    def number(self) -> str: ...

    @property
    def steps(self) -> "Sequence[CaseStep]": ...


AnyCase = TypeVar("AnyCase", bound=Case)
ReadCase = TypeVar("ReadCase", bound=Case, covariant=True)


class Cases(Protocol[ReadCase]):
    """The cases of one kind: ``Objections``, ``Repairs``."""

    def get(self, number: str, *, actor: str, now: datetime) -> ReadCase: ...

    def of_unit(self, unit: str, *, actor: str, now: datetime) -> tuple[ReadCase, ...]: ...

    def of_subject(self, code: str, *, actor: str, now: datetime) -> tuple[ReadCase, ...]: ...

    def open_cases(self, *, actor: str, now: datetime) -> tuple[ReadCase, ...]: ...

    def evidence(self, number: str, file_id: int, *, actor: str, now: datetime) -> "Evidence": ...


def listed(cases: Cases[AnyCase], options: argparse.Namespace) -> tuple[AnyCase, ...]:
    """Those of ``--unit`` or of ``--subject``; without either what is still open."""
    now, actor = clock.now(), clock.operator()
    if options.unit and options.subject:
        raise UsageError("--unit 和 --subject 只能用一个。", next_step="请去掉其中一个。")
    if options.unit:
        return cases.of_unit(options.unit, actor=actor, now=now)
    if options.subject:
        return cases.of_subject(subject_code(options.subject), actor=actor, now=now)
    return cases.open_cases(actor=actor, now=now)


def looked_at(cases: Cases[AnyCase], options: argparse.Namespace) -> AnyCase:
    """The case of the number given; its evidence is saved to ``--out``."""
    now, actor = clock.now(), clock.operator()
    found = cases.get(options.number, actor=actor, now=now)
    if options.out:
        ids = [each.id for step in found.steps for each in step.files]
        files = [(each, cases.evidence(found.number, each, actor=actor, now=now)) for each in ids]
        save(Path(options.out).absolute(), files)
    return found


def evidence(paths: Iterable[str]) -> "list[Evidence]":
    """The files at ``paths``; no more of one is read than may be handed in."""
    from index.cases.evidence import MAX_BYTES, Evidence

    found = []
    for path in map(Path, paths):
        try:
            with path.open("rb") as file:
                found.append(Evidence(path.name, file.read(MAX_BYTES + 1)))
        except OSError as cause:
            raise UsageError(
                f"读不了材料 {path}：{cause.strerror}。",
                next_step="请核对路径和读取权限。本次没有写入任何内容。",
                code="EVIDENCE_UNREADABLE",
            ) from cause
    return found


def choice(kind: Any, typed: str, what: str) -> Any:
    """A value of an enumeration, by its Chinese word or its English name."""
    found = next((each for each in kind if typed in (each.value, each.name.lower())), None)
    if found is None:
        raise UsageError(f"没有名为“{typed}”的{what}。", next_step=f"可用：{'、'.join(kind)}。", code="CHOICE_UNKNOWN")
    return found


def typed_for(name: str | None) -> str:
    """Who acts, as the book names them: whoever typed the command stands beside the name they typed."""
    operator = clock.operator()
    named = operator if name is None else name.strip()
    return named if named in ("", operator) else f"{named}（{operator} 代录）"


def show_steps(steps: "Sequence[CaseStep]") -> None:
    for step in steps:
        console.line(f"{step.at:%Y-%m-%d %H:%M}　{step.event}　{step.before or '—'} → {step.after}　{step.actor}")
        console.line(f"　　{step.reason}")
        for file in step.files:
            console.line(f"　　材料 {file.id}　{file.name}（{file.size_bytes} 字节，SHA-256 {file.sha256[:16]}…）")


def save(folder: Path, files: "Iterable[tuple[int, Evidence]]") -> None:
    """Writes evidence into ``folder``, each under its number and name. Never overwrites."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, file in files:
            with (folder / f"{number}-{file.name}").open("xb") as target:
                target.write(file.content)
    except FileExistsError as cause:
        raise UsageError(
            f"{folder} 中已有同名文件。", next_step="请用 --out 换一个空目录。", code="OUT_NOT_EMPTY"
        ) from cause
    except OSError as cause:
        raise UsageError(
            f"不能写入 {folder}：{cause.strerror}。",
            next_step="请用 --out 换一个可以写入的目录。",
            code="OUT_NOT_WRITABLE",
        ) from cause


def tell_verifiers(home: Home, case_number: str) -> None:
    """Says which reports a closed case has flagged, and publishes it. The case stays closed."""
    from index.cases.notices import flagged

    publish_notices(home, flagged(rooms.store(home), case_number))


def publish_notices(home: Home, numbers: Sequence[str]) -> None:
    """Says which reports were flagged, and publishes it where there are keys. What was stored stays stored."""
    if not numbers:
        console.say("没有报告要新加提示：没有未到期的报告显示过这条数据，或者已有同样的提示。")
        return
    more = "等" if len(numbers) > SHOWN_REPORTS else ""
    console.say(f"已提示 {len(numbers)} 份未到期的报告：{'、'.join(numbers[:SHOWN_REPORTS])}{more}。")
    try:
        rooms.issuing(home).publish(clock.now())
    except VerifyError as problem:
        console.say(f"数据已改，但提示没有发布：{problem.message}下一步：{problem.next_step}（{problem.code}）")
    else:
        console.say(f"提示已写入状态清单。下一步：把 {home.public} 同步到核验服务。")
