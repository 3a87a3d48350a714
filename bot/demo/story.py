"""The story ``chenghe demo`` tells: every step is the real thing, on fictional data, in a folder of its own.

question → cited answer · company → report · verify → valid · one cell edited → altered, cell named ·
a month later → expired · revoked → revoked · forged key → forged
"""

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot import console, rooms
from bot.commands.asking import print_answer
from bot.commands.verifying import readable
from bot.demo import forging
from bot.errors import BotError
from bot.settings import Home
from verify.validity import first_moment_after

if TYPE_CHECKING:
    from verify.check import Verification
    from verify.issuing.orders import IssuedReport
    from verify.issuing.service import Issuing

DATA = Path(__file__).parent / "data"
MARKER = "这是诚核演示目录.txt"
COMPANY = "91320902MA1EX0M1XB"
CLEAN_BUSINESS = "92320903MA1EX0M28N"
COMPANIES = (COMPANY, CLEAN_BUSINESS, "93320904MA1EX0M36W", "91320981MA1EX0M44E", "91320925MA1EX0M526")
YEARS = 3
ACTOR = "演示"
QUESTIONS = (
    "专用信用报告多长时间内有效？",
    "生态环境领域归哪个单位负责？",
    "已经修复的违法记录会不会显示在报告上？",
    "查询结果由采购代理机构保存多久？",
    "专用信用报告下载要几个工作日？",
)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the story plays: the home, the moment it is told, the room with the key."""

    home: Home
    now: datetime
    issuing: "Issuing"

    def examine(self, what: Path | str, *, at: datetime | None = None) -> "Verification":
        from verify.documents.examine import examine
        from verify.public.shelf import Shelf
        from verify.transparency.evidence import LogShelf
        from verify.trust import load

        trust = load(self.home.published_trust.read_bytes())
        shelf, log = Shelf(self.home.public), LogShelf(self.home.public, trust.keys.logs)
        return examine(what, name="", trust=trust, at=at or self.now, now=self.now, sealed=shelf, evidence=log.evidence)


def tell(home: Home, now: datetime) -> int:
    """0 when every step came out as the story says; raises BotError at the first that did not."""
    _begin(home, now)
    _chapter("一、政策：读入虚构城市“云汀市”的三份政策文件")
    _policies(home)
    _chapter("二、提问：有据则答并引原文，过期先说明，无据就说没有")
    _questions(home, now)
    _chapter("三、记录：导入五家企业（另一家事业单位应被拒绝）和各部门的记录")
    _records(home, now)
    _chosen(home, now)
    stage = Stage(home, now, rooms.issuing(home, lambda: now))
    _chapter("四、签发：两份专用信用报告")
    report, clean = (_issue(stage, code) for code in (COMPANY, CLEAN_BUSINESS))
    _chapter("五、核验：扫一扫就知道")
    _verify(stage, report, clean)
    _end(home)
    return 0


def _begin(home: Home, now: datetime) -> None:
    """A fresh folder each time; a folder that is not ours is never emptied."""
    from index.rules.offices import copy_profile

    if home.root.exists() and any(home.root.iterdir()) and not (home.root / MARKER).exists():
        raise BotError(
            f"{home.root} 不是演示目录，不会清空它。",
            next_step="换一个目录：chenghe --home 新目录 demo",
            code="DEMO_HOME_IN_USE",
        )
    shutil.rmtree(home.root, ignore_errors=True)
    copy_profile("yunting", home.office)
    (home.root / MARKER).write_text(
        f"诚核演示目录，建于 {now:%Y-%m-%d %H:%M}；全部内容虚构，再次演示时会清空。\n", encoding="utf-8"
    )
    console.line(f"诚核演示 · 全部数据均为虚构 · 目录 {home.root}")


def _chapter(title: str) -> None:
    console.line(f"\n━━ {title}")


def _policies(home: Home) -> None:
    library = rooms.library(home)
    paths = console.progress(sorted((DATA / "policies").iterdir()), label="读取政策文件")
    for added in library.add_files(paths):
        if added.problem:
            raise BotError(added.problem.message, next_step=added.problem.next_step, code=added.problem.code)
        for document in added.documents:
            console.line(f"  ✓ 《{document.title}》{document.document_number or ''}（{len(document.passages)} 段）")


def _questions(home: Home, now: datetime) -> None:
    from index.questions.model import Channel

    with rooms.desk(home) as desk:
        for question in QUESTIONS:
            console.line(f"\n  问：{question}")
            exchange = desk.ask(question, as_of=now.date(), channel=Channel.TERMINAL)
            print_answer(exchange.answer)
            desk.keep(exchange)


def _records(home: Home, now: datetime) -> None:
    from index.records.importing import import_records, import_subjects

    engine, office = rooms.store(home), rooms.office(home)
    subjects = import_subjects(engine, DATA / "subjects.csv", office, now=now, actor=ACTOR)
    console.line(f"  主体：导入 {subjects.inserted} 家，拒绝 {subjects.rejected} 家")
    for error in subjects.errors:
        console.line(f"    ✗ 第 {error.row} 行：{error.message}")
    files = sorted((DATA / "records").iterdir())
    reports = [
        import_records(engine, path, office, unit=path.stem, now=now, actor=ACTOR)
        for path in console.progress(files, label="导入记录")
    ]
    for report in reports:
        console.line(f"  {report.file}：{report.inserted} 条记录")
        for error in report.errors:
            console.line(f"    ✗ 第 {error.row} 行 {error.column}：{error.message}")


def _chosen(home: Home, now: datetime) -> None:
    """Which records a report of today would show, and by which rule the others stay out."""
    from index.access import Duty
    from index.admission import admit
    from index.records.inclusion import exclusion
    from index.records.reading import Reader
    from index.records.window import query_window

    office, today = rooms.office(home), now.date()
    window = query_window(today, YEARS, office.calendar)
    engine = rooms.store(home)
    duty = Duty(office.issuer_name, "演示", ACTOR, "演示：说明列入规则")
    console.line(f"\n  近三年（{window.start} 至 {window.end}）的报告会列入哪些记录：")
    for code in COMPANIES:
        entitlement = admit(engine, duty, code, now=now, office=office)
        found = Reader(engine, entitlement=entitlement, now=now).material(code)
        console.line(f"  {found.subject.name}")
        for record in found.records:
            kept_out = exclusion(
                record, subject_code=code, window=window, issue_day=today, domains=office.domains_on(today)
            )
            verdict = "列入" if kept_out is None else f"不列入：{kept_out.reason}"
            console.line(f"    {record.decided_on} {record.document_number}　{verdict}")


def _issue(stage: Stage, code: str) -> "IssuedReport":
    from verify.issuing.orders import IssueRequest

    report = stage.issuing.issue(
        IssueRequest(subject_code=code, years=YEARS, purpose="银行贷款", moment=stage.now, actor=ACTOR)
    )
    console.line(
        f"  报告 {report.number}　有效期至 {report.valid_until:%Y-%m-%d} 24 时　手输核验码 {report.typed_code}"
    )
    files = [report.docx, report.qr_png] if report.pdf is None else [report.docx, report.pdf, report.qr_png]
    console.line("\n".join(f"    {path}" for path in files))
    return report


def _verify(stage: Stage, report: "IssuedReport", clean: "IssuedReport") -> None:
    _expect("扫描核验码图片", stage.examine(report.qr_png), "valid")
    _expect("核验报告文件（Word）", stage.examine(report.docx), "valid")
    if report.pdf is not None:
        _expect("核验报告文件（PDF）", stage.examine(report.pdf), "valid")

    folder = stage.home.root / "attacks"
    folder.mkdir()
    edited = forging.edit_one_cell(report.docx, folder / "改了一格.docx")
    _expect("把表格里的“有 1 条”改成“未查询到”", stage.examine(edited), "altered")

    month_later = first_moment_after(report.valid_until)
    _expect(f"一个月后（{month_later:%Y-%m-%d %H:%M:%S}）再核验", stage.examine(report.docx, at=month_later), "expired")

    stage.issuing.revoke(clean.number, reason="演示：发现数据有误", actor=ACTOR, now=stage.now)
    _expect("撤销另一份报告后核验它", stage.examine(clean.docx), "revoked")

    forged = forging.sign_with_own_key(report.qr_text)
    _expect("用自己的密钥伪造同样内容的核验码", stage.examine(forged), "forged")


def _expect(step: str, result: "Verification", verdict: str) -> None:
    console.line(f"\n  {step}：\n{readable('', result)}")
    if result.verdict.value != verdict:
        raise BotError(
            f"演示没有按预期进行：应为 {verdict}，得到 {result.verdict.value}。",
            next_step="请把上面的输出报告给开发者。",
            code="DEMO_UNEXPECTED",
        )


def _end(home: Home) -> None:
    console.line("\n━━ 演示完成。接下来可以：")
    console.line(f'  chenghe --home {home.root.name} ask "异议要在几个工作日内答复？"')
    console.line(f"  chenghe --home {home.root.name} verify {home.root.name}/reports {home.root.name}/attacks")
    console.line(f"  chenghe --home {home.root.name} log audit")
    console.line(f"  chenghe --home {home.root.name} serve")
