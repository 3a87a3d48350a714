"""B01–B08: what a violation record is, who may have a report, over which domains, of which units, what for."""

import csv
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from index.access import Duty
from index.admission import admit
from index.records.importing import import_subjects
from index.records.model import Secrecy, SubjectKind
from index.records.reading import Reader
from index.store import tables
from tests.index.records.samples import code_of, write_csv
from tests.inventory.reading import conclusion, documents, domains, notes, printed
from tests.verify.issuing.office import ACTOR, COMPANY, ISSUED, SHOP, TestOffice
from verify.errors import IssuingError
from verify.issuing.orders import IssueRequest
from verify.validity import SHANGHAI

NUMBER = "盐环罚〔2025〕示例{}号"
COUNTS = {
    "行政处罚": {"KZ_LX": "行政处罚"},
    "行政强制": {"KZ_LX": "行政强制"},
    "法院执行": {"KZ_LX": "法院执行", "KZ_LYLX": "司法机关"},
    "严重失信主体名单": {"KZ_LX": "严重失信主体名单"},
    "法律法规授权的组织": {"KZ_LYLX": "法律法规授权的组织"},
    "垂直管理单位": {"KZ_LYLX": "垂直管理单位"},
    "窗口首日": {"CF_JDRQ": "2023-08-20"},
    "窗口末日": {"CF_JDRQ": "2026-08-19"},
    "公示末日": {"CF_GSJZQ": "2026-08-20"},
    "只纠正未修复": {"KZ_JZRQ": "2025-04-01"},
}
DOES_NOT_COUNT = {
    "来源不是出证机关": {"KZ_LYLX": "其他"},
    "未公示": {"KZ_GS": "否"},
    "公示期已满": {"CF_GSJZQ": "2026-08-19"},
    "文书未生效": {"KZ_FLZT": "未生效"},
    "决定已撤销": {"KZ_FLZT": "撤销"},
    "决定已变更": {"KZ_FLZT": "变更"},
    "决定被确认违法": {"KZ_FLZT": "确认违法"},
    "决定被确认无效": {"KZ_FLZT": "无效"},
    "不予行政处罚": {"KZ_LX": "不予行政处罚"},
    "立案调查": {"KZ_LX": "立案调查"},
    "约谈": {"KZ_LX": "约谈"},
    "责令改正": {"KZ_LX": "责令改正"},
    "投诉举报": {"KZ_LX": "投诉举报"},
    "信访": {"KZ_LX": "信访"},
    "窗口之前": {"CF_JDRQ": "2023-08-19"},
    "窗口之后": {"CF_JDRQ": "2026-08-20"},
    "已纠正并修复": {"KZ_JZRQ": "2025-04-01", "KZ_XFRQ": "2025-06-01"},
    "他人的记录": {"CF_XDR_SHXYM": SHOP, "CF_XDR_MC": "盐都区示例小吃店（虚构）", "CF_XDR_LB": "个体工商户"},
}


def test_b01_only_what_an_effective_document_of_a_certifying_unit_says_of_this_subject_in_the_window_appears(
    office: TestOffice,
) -> None:
    every = {**COUNTS, **DOES_NOT_COUNT}
    office.add_records(*(change | {"CF_WSH": NUMBER.format(place)} for place, change in enumerate(every.values())))
    content = printed(office, office.issue())
    assert documents(content) == {NUMBER.format(place) for place in range(len(COUNTS))}
    assert f"查询到违法违规记录 {len(COUNTS)} 条" in conclusion(content)


def test_b01_a_subject_with_nothing_but_open_matters_counts_as_without_violations(office: TestOffice) -> None:
    office.add_records(
        *(change | {"CF_WSH": NUMBER.format(place)} for place, change in enumerate(DOES_NOT_COUNT.values()))
    )
    content = printed(office, office.issue())
    assert documents(content) == set()
    assert "未查询到" in conclusion(content)
    assert set(domains(content).values()) == {"未查询到"}


JUDGMENT = {"KZ_LX": "刑事裁判", "KZ_LYLX": "司法机关", "CF_WSH": "（2025）苏09刑初示例1号"}


def test_b02_effective_published_criminal_judgments_appear_for_units_never_for_persons_and_follow_the_switch(
    office: TestOffice,
) -> None:
    shop = {"CF_XDR_SHXYM": SHOP, "CF_XDR_MC": "盐都区示例小吃店（虚构）", "CF_XDR_LB": "个体工商户"}
    hidden = {"CF_WSH": "（2025）苏09刑初示例2号", "KZ_GS": "否"}
    office.add_records(JUDGMENT, JUDGMENT | hidden, JUDGMENT | shop)
    assert documents(printed(office, office.issue())) == {JUDGMENT["CF_WSH"]}
    assert documents(printed(office, office.issue(subject_code=SHOP))) == set()
    office.office = replace(office.office, criminal_records_included=False)
    office.reopen()
    assert documents(printed(office, office.issue())) == set()


def test_b03_what_must_not_be_public_is_in_no_report_no_listing_no_verification_and_only_counted_in_the_audit(
    office: TestOffice,
) -> None:
    secrets = [secrecy.value for secrecy in Secrecy if secrecy is not Secrecy.NONE]
    assert len(secrets) == 5
    rows = [{"KZ_BGK": kind, "CF_WSH": f"秘密〔2025〕示例{place}号"} for place, kind in enumerate(secrets)]
    office.add_records(*rows)
    report = office.issue()
    shown = [*printed(office, report).values(), str(office.examine(report.docx).to_json())]
    claim = Duty(office.office.issuer_name, "核查", ACTOR, "核查")
    right = admit(office.engine, claim, COMPANY, now=office.wall, office=office.office)
    listing = Reader(office.engine, entitlement=right, now=office.wall).list_for(COMPANY)
    assert listing.records == ()
    assert not [text for text in shown if "秘密" in text]
    with office.engine.connect() as connection:
        told = connection.execute(select(tables.audit.c.detail).where(tables.audit.c.action == "records.list")).scalar()
    assert "不得公开 5 条" in told


CLASSES = {"个体工商户": "92", "农民专业合作社": "93"}


def test_b04_every_kind_of_operator_gets_a_report_and_every_other_is_refused_with_the_reason(
    office: TestOffice, tmp_path: Path
) -> None:
    served = [kind for kind in SubjectKind if office.office.subject_kinds.serves(kind)]
    assert {kind.value for kind in set(SubjectKind) - set(served)} == {"自然人", "机关", "事业单位", "社会组织"}
    for place, kind in enumerate(served):
        code = code_of(f"{CLASSES.get(kind.value, '91')}320902MA9EX0M{place:02d}")
        office.add_subjects([{"名称": f"示例{kind.value}（虚构）", "统一社会信用代码": code, "主体类型": kind.value}])
        request = IssueRequest(code, 1, "", ISSUED, ACTOR, identity_check="证照")
        assert office.issuing.preview(request).subject.code == code
    refused = [
        ("自然人", "91320902MA9EX0M90"),
        ("机关", "11320900MA9EX0M91"),
        ("事业单位", "12320900MA9EX0M92"),
        ("社会组织", "51320900MA9EX0M93"),
    ]
    rows = [{"名称": f"示例{kind}", "统一社会信用代码": code_of(stem), "主体类型": kind} for kind, stem in refused]
    told = import_subjects(office.engine, write_csv(tmp_path / "s.csv", rows), office.office, now=ISSUED, actor=ACTOR)
    assert (told.inserted, told.rejected) == (0, 4)
    assert all("经营主体" in error.message for error in told.errors), told.errors


def test_b05_a_report_has_the_45_rows_of_the_annex_in_its_order(office: TestOffice, shared: Path) -> None:
    with (shared / "domain" / "domains.csv").open(encoding="utf-8-sig", newline="") as file:
        annex = [row["domain"] for row in csv.DictReader(file)]
    report = office.issue()
    assert list(domains(printed(office, report))) == annex
    assert len(annex) == 45
    assert office.examine(report.qr_text).to_json()["report"]["domains"] == 45


@pytest.mark.parametrize(
    ("moment", "count"),
    [
        (datetime(2024, 9, 15, 9, 0, tzinfo=SHANGHAI), 19),
        (datetime(2024, 9, 30, 23, 59, 59, tzinfo=SHANGHAI), 19),
        (datetime(2024, 10, 1, 0, 0, tzinfo=SHANGHAI), 45),
    ],
)
def test_b06_a_report_of_september_2024_carries_the_first_19_domains_and_no_record_of_the_others(
    office: TestOffice, moment: datetime, count: int
) -> None:
    tobacco = {
        "KZ_LY": "44",
        "CF_SJLY": "市烟草专卖局",
        "CF_CFJG": "盐城市烟草专卖局",
        "CF_WSH": "盐烟罚〔2024〕示例1号",
    }
    office.add_records(tobacco | {"CF_JDRQ": "2024-03-14"})
    content = printed(office, office.issue(moment))
    assert len(domains(content)) == count
    assert f"{count} 个领域" in conclusion(content)
    assert documents(content) == ({"盐烟罚〔2024〕示例1号"} if count == 45 else set())


def test_b07_units_own_several_domains_are_known_by_their_other_names_and_row_45_has_two_with_companies(
    office: TestOffice,
) -> None:
    owned = {unit: [d.number for d in office.office.domains if unit in d.units] for unit in OWNERS}
    assert owned == OWNERS
    assert [d.number for d in office.office.domains if not d.units] == [6]
    assert "盐城供电公司" in office.office.domains[44].unit_text
    aliases = [
        {"CF_SJLY": "市市场监管局", "KZ_LY": "20", "CF_WSH": "盐市监罚〔2025〕示例1号"},
        {"CF_SJLY": "市住建局", "KZ_LY": "14", "CF_WSH": "盐住建罚〔2025〕示例1号"},
    ]
    office.add_records(*aliases)
    content = printed(office, office.issue())
    sources = [text for place, text in content.items() if place.endswith("／数据来源单位")]
    assert sorted(sources) == ["市住房和城乡建设局", "市市场监督管理局"]


OWNERS = {
    "市发改委": [2, 35, 45],
    "市自然资源和规划局": [12, 31],
    "市市场监督管理局": [20, 37],
    "市住房和城乡建设局": [14, 45],
}
PURPOSES = {
    "金融": {"上市", "挂牌", "再融资", "并购重组", "发行债券", "银行贷款"},
    "商务经营": {"招标投标", "产权交易", "第三方评估评审"},
    "行政管理": {"政务服务事项", "优惠政策", "资金支持", "评比表彰"},
}


def test_b08_a_purpose_is_one_of_the_scenes_or_none_it_is_printed_and_other_laws_are_reserved(
    office: TestOffice,
) -> None:
    assert {group: set(names) for group, names in office.office.purposes} == PURPOSES
    content = printed(office, office.issue(purpose="招标投标"))
    assert content["首页／报告信息／用途"] == "商务经营—招标投标"
    assert "法律法规对证明方式另有规定的，从其规定" in notes(content)
    with pytest.raises(IssuingError) as refused:
        office.issue(purpose="移民")
    assert refused.value.code == "PURPOSE_UNKNOWN"
