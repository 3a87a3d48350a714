"""B15, B16, B18, B19: objection, repair, what may be extended, and what the end of the basis means."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from index.cases import objections, repairs
from index.cases.evidence import Evidence
from index.channel import Channel
from index.errors import CaseError, RuleError
from index.records.model import LegalState, Severity, SubjectKind
from index.rules.bases import register
from index.rules.model import Basis
from index.rules.offices import load_office, load_profile
from index.rules.subject_kinds import SubjectKinds
from index.store import tables
from tests.index.records.samples import code_of
from tests.inventory.reading import documents, domains, notes, printed
from tests.verify.issuing.office import ACTOR, COMPANY, ISSUED, SHOP, TestOffice
from verify.errors import BasisExpired
from verify.issuing.orders import IssuedReport
from verify.notices import Notice
from verify.reasons import Reason, Verdict
from verify.validity import SHANGHAI

SCHOOL = {
    "名称": "示例学校（虚构）",
    "统一社会信用代码": code_of("12320900MA9EX0M83"),
    "主体类型": "事业单位",
}
NUMBER = "盐环罚〔2025〕示例12号"
PROOF = Evidence("证明材料.pdf", b"%PDF-1.7\nfictional")
LAST_DAY = datetime(2026, 8, 31, 10, 0, tzinfo=SHANGHAI)
AFTER = datetime(2026, 9, 1, 0, 0, tzinfo=SHANGHAI)
SUCCESSOR = Basis("示例市专用信用报告办法（虚构）", "示政办发〔2026〕9号", date(2026, 9, 1), None)


def later(office: TestOffice) -> datetime:
    office.wall += timedelta(minutes=1)
    return office.wall


def remark(content: dict[str, str]) -> str:
    return content.get("一、分领域查询结果／第13行 生态环境领域／备注", "")


def objected(office: TestOffice, report: IssuedReport) -> tuple[objections.Objections, str]:
    desk = objections.Objections(office.engine, office.office)
    reason = "该决定已被撤销，记录有误（虚构）"
    filing = objections.Filing(COMPANY, report.number, NUMBER, None, reason, Channel.SELF, "网上用户 王**")
    return desk, desk.file(filing, [PROOF], later(office)).number


def test_b15_an_upheld_objection_corrects_the_record_and_tells_whoever_verifies_an_unexpired_report(
    office: TestOffice,
) -> None:
    office.add_records({})
    report = office.issue()
    desk, number = objected(office, report)
    assert desk.get(number, actor=ACTOR, now=later(office)).unit == "市生态环境局"
    during = printed(office, office.issue(office.wall))
    assert (documents(during), remark(during)) == ({NUMBER}, "异议处理中")
    event = objections.Event
    for step in (event.ACCEPT, event.VERIFY, event.CORRECT, event.FEEDBACK):
        upheld = {"correction": {"legal_state": LegalState.REVOKED}, "files": [PROOF]} if step is event.CORRECT else {}
        desk.act(
            number, step, actor="李核实", reason=f"{step}（虚构）", unit="市生态环境局", now=later(office), **upheld
        )
    closed = desk.get(number, actor=ACTOR, now=later(office))
    assert [step.after for step in closed.steps] == ["已提交", "已受理", "核实中", "更正", "已反馈"]
    office.issuing.publish(later(office))
    told = office.examine(report.docx, at=office.wall)
    assert (told.verdict, told.notices) == (Verdict.VALID, (Notice.DATA_CORRECTED,))
    assert told.notices[0].message == "数据已更正，请重新获取。"
    assert documents(printed(office, office.issue(later(office)))) == set()


@pytest.mark.parametrize(
    "change", [{"KZ_FLZT": "撤销"}, {"KZ_FLZT": "确认违法"}, {"KZ_BGK": "商业秘密"}, {"KZ_GS": "否"}]
)
def test_b15_what_the_department_itself_takes_back_tells_whoever_verifies_an_unexpired_report(
    office: TestOffice, change: dict[str, str]
) -> None:
    office.add_records({})
    report = office.issue()
    later(office)
    office.add_records(change)
    office.issuing.publish(later(office))
    told = office.examine(report.docx, at=office.wall)
    assert (told.verdict, told.notices) == (Verdict.VALID, (Notice.DATA_CORRECTED,))
    after = office.issue(later(office))
    assert documents(printed(office, after)) == set()
    assert office.examine(after.docx, at=office.wall).notices == ()


def test_b15_nobody_but_the_subject_of_a_record_objects_to_it(office: TestOffice) -> None:
    office.add_records({})
    desk = objections.Objections(office.engine, office.office)
    filing = objections.Filing(SHOP, None, NUMBER, None, "不是我的（虚构）", Channel.SELF, "网上用户 李**")
    with pytest.raises(CaseError) as refused:
        desk.file(filing, [PROOF], later(office))
    assert refused.value.code == "CASE_RECORD_UNKNOWN"
    assert office.count("objections") == 0


@pytest.mark.parametrize("ending", [objections.Event.REFUSE, objections.Event.MAINTAIN])
def test_b15_a_refused_or_maintained_objection_changes_nothing(office: TestOffice, ending: objections.Event) -> None:
    office.add_records({})
    report = office.issue()
    desk, number = objected(office, report)
    event = objections.Event
    for step in (ending,) if ending is event.REFUSE else (event.ACCEPT, event.VERIFY, ending):
        told = desk.act(number, step, actor="李核实", reason="记录无误（虚构）", unit=None, now=later(office))
    assert told.state.value == ending.value
    office.issuing.publish(later(office))
    assert office.examine(report.docx, at=office.wall).notices == ()
    after = printed(office, office.issue(later(office)))
    assert (documents(after), remark(after)) == ({NUMBER}, "")


def test_b15_how_long_an_answer_may_take_is_the_offices_own_choice_and_no_text_of_law(office: TestOffice) -> None:
    office.add_records({})
    _, number = objected(office, office.issue())
    plain = objections.Objections(office.engine, replace(office.office, objection_days=None))
    assert plain.get(number, actor=ACTOR, now=office.wall).due_on is None
    chosen = objections.Objections(office.engine, replace(office.office, objection_days=5))
    assert chosen.get(number, actor=ACTOR, now=office.wall).due_on == date(2026, 8, 27)
    assert [each.number for each in chosen.overdue(actor=ACTOR, now=ISSUED + timedelta(days=8))] == [number]


def repaired(office: TestOffice) -> str:
    desk = repairs.Repairs(office.engine, office.office)
    application = repairs.Application(
        subject_code=COMPANY,
        record_key=NUMBER,
        severity=Severity.SERIOUS,
        corrected_on=date(2025, 4, 1),
        obligations_done_on=date(2025, 5, 1),
        commitment="已整改，承诺不再发生（虚构）",
        channel=Channel.SELF,
        filed_by="网上用户 王**",
    )
    number = desk.file(application, [PROOF], later(office)).number
    event = repairs.Event
    for step in (event.ACCEPT, event.REVIEW, event.GRANT, event.CLOSE):
        severity = Severity.SERIOUS if step is event.GRANT else None
        desk.act(
            number, step, actor="李审核", reason=f"{step}（虚构）", unit=None, now=later(office), severity=severity
        )
    return number


def test_b16_a_record_both_corrected_and_repaired_is_hidden_and_issued_reports_are_told_of_not_rewritten(
    office: TestOffice,
) -> None:
    office.add_records({"KZ_JZRQ": "2025-04-01", "KZ_YZCD": "严重"})
    report = office.issue()
    issued = report.docx.read_bytes()
    assert documents(printed(office, report)) == {NUMBER}, "corrected alone is not repaired"
    repaired(office)
    office.issuing.publish(later(office))
    assert documents(printed(office, office.issue(later(office)))) == set()
    told = office.examine(report.docx, at=office.wall)
    assert (told.reason, told.notices) == (Reason.OK, (Notice.RECORD_REPAIRED,))
    assert told.notices[0].message == "签发后有记录完成修复。"
    assert report.docx.read_bytes() == issued


def test_b16_a_repair_that_the_department_sends_tells_whoever_verifies_an_unexpired_report(office: TestOffice) -> None:
    office.add_records({"KZ_YZCD": "严重"})
    report = office.issue()
    later(office)
    office.add_records({"KZ_YZCD": "严重", "KZ_JZRQ": "2025-04-01", "KZ_XFRQ": "2026-08-01"})
    office.issuing.publish(later(office))
    assert office.examine(report.docx, at=office.wall).notices == (Notice.RECORD_REPAIRED,)
    assert documents(printed(office, office.issue(later(office)))) == set()


def test_b16_an_expired_report_is_told_nothing_of_a_repair_after_its_month(office: TestOffice) -> None:
    office.add_records({"KZ_JZRQ": "2025-04-01", "KZ_YZCD": "严重"})
    report = office.issue()
    office.wall = report.valid_until + timedelta(days=1)
    repaired(office)
    office.issuing.publish(later(office))
    told = office.examine(report.docx, at=office.wall)
    assert (told.verdict, told.notices) == (Verdict.EXPIRED, ())


def test_b18_more_kinds_of_subjects_and_another_city_are_data_not_code(office: TestOffice) -> None:
    with pytest.raises(AssertionError, match="事业单位"):
        office.add_subjects([SCHOOL])
    rules = office.office.subject_kinds.rules
    opened = {
        kind: replace(rule, served=True) for kind, rule in rules.items() if kind is SubjectKind.PUBLIC_INSTITUTION
    }
    office.office = replace(office.office, subject_kinds=SubjectKinds.of({**rules, **opened}.values()))
    office.reopen()
    office.add_subjects([SCHOOL])
    report = office.issue(subject_code=SCHOOL["统一社会信用代码"])
    assert printed(office, report)["首页／主体信息／名称"] == "示例学校（虚构）"
    assert load_profile("yunting").city != load_office(None).city == "盐城市"


def test_b18_what_came_back_from_the_province_is_marked_and_counts_like_any_other(office: TestOffice) -> None:
    office.add_records({"KZ_HL": "是"})
    assert domains(printed(office, office.issue()))["生态环境领域"] == "有 1 条"


@pytest.mark.parametrize("day", ["2024-08-31T23:59:59+08:00", "2026-09-01T00:00:00+08:00"])
def test_b19_outside_the_term_of_the_basis_no_report_is_issued_and_the_operator_is_told_what_to_do(
    office: TestOffice, day: str
) -> None:
    with pytest.raises(BasisExpired) as refused:
        office.issue(datetime.fromisoformat(day))
    assert refused.value.code == "BASIS_EXPIRED"
    assert "chenghe bases register" in refused.value.next_step
    assert office.count("intents") == office.count("ledger") == 0


def test_b19_on_its_first_and_last_day_the_basis_serves_and_is_printed(office: TestOffice) -> None:
    for moment in (datetime(2024, 9, 1, tzinfo=SHANGHAI), datetime(2026, 8, 31, 23, 59, 59, tzinfo=SHANGHAI)):
        assert "有效期至2026年8月31日" in notes(printed(office, office.issue(moment)))


def test_b19_a_registered_successor_with_its_evidence_is_an_audited_act_and_lets_reports_be_issued(
    office: TestOffice,
) -> None:
    given = {"replaces": None, "actor": "信用办负责人", "now": office.wall}
    with pytest.raises(RuleError):
        register(office.engine, office.office, SUCCESSOR, evidence=" ", **given)
    register(office.engine, office.office, SUCCESSOR, evidence="示例公报 2026 年第 9 期（虚构）", **given)
    said = notes(printed(office, office.issue(AFTER)))
    assert "《示例市专用信用报告办法（虚构）》（示政办发〔2026〕9号），2026年9月1日起施行" in said
    with office.engine.connect() as connection:
        line = connection.execute(select(tables.audit).where(tables.audit.c.action == "basis.register")).one()
    assert (line.actor, line.target) == ("信用办负责人", SUCCESSOR.title)
    assert "示例公报" in line.detail


def test_b19_nothing_is_extended_by_guess(office: TestOffice) -> None:
    ended = replace(SUCCESSOR, effective_to=date(2026, 9, 30))
    register(office.engine, office.office, ended, replaces=None, evidence="示例公报", actor=ACTOR, now=office.wall)
    assert office.issue(datetime(2026, 9, 30, 9, tzinfo=SHANGHAI)).number
    with pytest.raises(BasisExpired):
        office.issue(datetime(2026, 10, 1, tzinfo=SHANGHAI))


def test_b19_an_office_that_allows_it_prints_that_the_basis_had_ended(office: TestOffice) -> None:
    office.office = replace(office.office, allow_expired_basis=True)
    office.reopen()
    ended = "本报告签发时上述方案有效期已届满。"
    assert ended in notes(printed(office, office.issue(AFTER)))
    assert ended not in notes(printed(office, office.issue(LAST_DAY)))


def test_b19_reports_of_before_keep_verifying_after_the_basis_has_ended(office: TestOffice) -> None:
    report = office.issue()
    office.wall = datetime(2026, 9, 20, 23, 59, 59, tzinfo=SHANGHAI)
    office.issuing.publish(office.wall)
    assert office.examine(report.docx, at=office.wall).verdict is Verdict.VALID
    assert office.examine(report.docx, at=office.wall + timedelta(seconds=1)).verdict is Verdict.EXPIRED
