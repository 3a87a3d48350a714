"""Answers verify/issuing/fields.py and wording.py: every word of a report, generated from its content."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records.model import RecordKind, SubjectKind
from tests.verify.issuing.test_content import MOMENT, RECORD, SUBJECT, content, feeds
from verify.issuing.content import ReportContent
from verify.issuing.fields import fields_of
from verify.issuing.wording import Gap, amount_text, conclusion_text, gap_text, printable
from verify.validity import SHANGHAI


def texts(made: ReportContent) -> dict[str, str]:
    return {field.path: field.text for field in fields_of(made)}


def test_page_one_says_what_the_layout_says() -> None:
    said = texts(content(purpose="银行贷款"))
    assert said["首页／标题"] == "经营主体专用信用报告"
    assert said["首页／副题"] == "（代替有无违法违规记录证明）"
    assert said["首页／报告信息／开具时间"] == "2026年8月20日 10:00:00"
    assert said["首页／报告信息／核验有效期至"] == "2026年9月20日24时"
    assert said["首页／报告信息／查询时间范围"] == "近三年（2023年8月20日至2026年8月19日）"
    assert said["首页／报告信息／查询领域"] == "45 个"
    assert said["首页／报告信息／用途"] == "金融—银行贷款"
    assert said["首页／主体信息／法定代表人"] == "欧阳**"
    assert said["首页页眉／手输核验码"] == "核验码：7K3M-9Q2D-XW4T"
    assert said["页眉／报告编号"] == "报告编号 YCZX202608200000001"


def test_nothing_found_is_said_for_all_domains() -> None:
    assert texts(content())["首页／查询结论／结论"] == (
        "经查询盐城市市县一体化公共信用信息系统，截至2026年8月19日，在上述查询时间范围和 45 个领域内，"
        "未查询到该经营主体被公示且经生效法律文书确认的违法违规记录。"
    )


def test_records_are_counted_with_their_domains() -> None:
    said = texts(content(RECORD, replace(RECORD, key="K2"), replace(RECORD, key="K3", domain=20)))
    assert said["首页／查询结论／结论"].endswith(
        "在上述查询时间范围和 45 个领域内，查询到违法违规记录 3 条，涉及 2 个领域；"
        "其余 43 个领域未查询到违法违规记录。明细见第二部分。"
    )
    assert said["一、分领域查询结果／第13行 生态环境领域／查询结果"] == "有 2 条"


def test_a_domain_without_data_prints_that_and_never_none() -> None:
    said = texts(content(reached=feeds(without=22)))
    row = "一、分领域查询结果／第22行 工会领域"
    assert said[f"{row}／查询结果"] == "暂未接入"
    assert said[f"{row}／备注"] == "不作有无结论"
    assert "在上述查询时间范围和有数据的 44 个领域内，未查询到" in said["首页／查询结论／结论"]
    assert said["首页／查询结论／结论"].endswith("另有工会领域数据暂未接入，本报告不对该领域作出有无结论。")


def test_old_data_are_named_with_their_day() -> None:
    old = tuple(
        replace(feed, updated_on=date(2026, 6, 1)) if feed.domain in (8, 9) else feed for feed in feeds(without=22)
    )
    said = texts(content(reached=old))
    assert said["一、分领域查询结果／第8行 民政领域／查询结果"] == "未及时更新"
    assert said["首页／查询结论／结论"].endswith(
        "另有工会领域数据暂未接入，民政领域数据更新至2026年6月1日，司法行政领域数据更新至2026年6月1日，"
        "本报告不对上述领域作出有无结论。"
    )


def test_without_any_data_nothing_is_concluded() -> None:
    said = texts(content(reached=()))["首页／查询结论／结论"]
    assert "未查询到" not in said
    assert said.endswith("所查 45 个领域数据均暂未接入或未及时更新，本报告不作出有无结论。")


def test_many_gaps_are_counted_not_listed() -> None:
    gaps = [Gap(f"第{number}领域", None) for number in range(7)]
    assert gap_text(gaps).endswith(
        "另有 7 个领域数据暂未接入或未及时更新，本报告不对这些领域作出有无结论，详见第一部分。"
    )


def test_all_domains_with_records_leave_no_others_to_speak_of() -> None:
    said = conclusion_text("平台", date(2026, 8, 19), domain_count=2, record_count=5, involved_count=2, gaps=())
    assert "其余" not in said
    assert said.endswith("查询到违法违规记录 5 条，涉及 2 个领域。明细见第二部分。")


def test_no_records_print_none_in_part_two_and_a_record_prints_all_its_facts() -> None:
    assert texts(content())["二、违法违规记录明细／无"] == "无"
    said = texts(content(replace(RECORD, under_objection=True)))
    place = "二、违法违规记录明细／记录1"
    assert "二、违法违规记录明细／无" not in said
    assert said[f"{place}／决定书文号"] == "盐环罚〔2025〕示例12号"
    assert said[f"{place}／处罚决定日期"] == "2025年3月14日"
    assert said[f"{place}／罚款金额（万元）"] == "2.5"
    assert said[f"{place}／没收金额（万元）"] == "—"
    assert said[f"{place}／公示截止期"] == "2028年3月14日"
    assert said[f"{place}／状态"] == "异议处理中"
    assert said["一、分领域查询结果／第13行 生态环境领域／备注"] == "异议处理中"
    both = texts(content(replace(RECORD, under_objection=True), replace(RECORD, key="K2")))
    assert both["一、分领域查询结果／第13行 生态环境领域／备注"] == "1 条异议处理中"


def test_a_decision_that_is_no_penalty_is_not_called_one() -> None:
    said = texts(content(replace(RECORD, kind=RecordKind.ENFORCEMENT, fine_wan=None)))
    place = "二、违法违规记录明细／记录1"
    assert said[f"{place}／决定日期"] == "2025年3月14日"
    assert not any("处罚" in path for path in said if path.startswith(place))


def test_the_basis_is_printed_with_its_end() -> None:
    assert "有效期至2026年8月31日" in texts(content())["三、说明／第6条"]


def test_an_individual_business_shows_its_operator_masked_and_no_place() -> None:
    said = texts(content(subject=replace(SUBJECT, kind=SubjectKind.INDIVIDUAL_BUSINESS)))
    assert said["首页／主体信息／经营者"] == "欧阳**"
    assert "首页／主体信息／住所" not in said
    assert not any("示例路" in text for text in said.values())


def test_no_field_is_empty_and_every_place_is_named_once() -> None:
    fields = fields_of(content(RECORD, replace(RECORD, key="K2"), reached=feeds(without=22)))
    assert all(field.text for field in fields)
    assert len({field.path for field in fields}) == len(fields)


def test_the_early_report_has_19_rows() -> None:
    made = content(moment=datetime(2024, 9, 15, 9, tzinfo=SHANGHAI), reached=feeds(date(2024, 9, 14)))
    rows = [field for field in fields_of(made) if field.path.endswith("／查询结果") and "行 " in field.path]
    assert len(rows) == 19


def test_the_same_content_has_the_same_words() -> None:
    assert fields_of(content(RECORD)) == fields_of(content(RECORD, moment=MOMENT))


@pytest.mark.parametrize(
    ("amount", "text"), [("2.50", "2.5"), ("10", "10"), ("100.00", "100"), ("0.0001", "0.0001"), ("0", "0")]
)
def test_amounts_are_exact_without_trailing_zeros(amount: str, text: str) -> None:
    assert amount_text(Decimal(amount)) == text


@given(st.text())
def test_printing_twice_changes_nothing_more(text: str) -> None:
    assert printable(printable(text)) == printable(text)
