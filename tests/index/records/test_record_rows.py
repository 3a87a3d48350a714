"""Answers index/records/record_rows.py, row.py and provenance.py: each row rule, through the errors a clerk sees."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from index.errors import RecordError
from index.records.columns import Form, layout
from index.records.provenance import Provenance
from index.records.record_rows import KEY_OF, kept_fields, record_key, record_rules
from index.records.row import Row
from index.records.row_rules import apply_rules
from index.rules.offices import load_profile
from tests.index.records.samples import COMPANY, NOW, SHOP, penalty

YUNTING = load_profile("yunting")
YANCHENG = load_profile("yancheng")


def read(cells: dict[str, str], *, unit: str | None = None, office: Any = YUNTING) -> tuple[dict[str, Any] | None, Row]:
    row = Row(2, list(cells.values()), layout(list(cells), (Form.PENALTY, Form.PERMIT)))
    found = apply_rules(row, record_rules(row.layout.form, Provenance(office, unit), NOW.date()))
    return found and {"key": record_key(*(found[name] for name in KEY_OF)), **found}, row


def facts(cells: dict[str, str], *, unit: str | None = None, office: Any = YUNTING) -> dict[str, Any]:
    found, row = read(cells, unit=unit, office=office)
    assert found is not None, row.errors
    return found


def errors(cells: dict[str, str], *, unit: str | None = None, office: Any = YUNTING) -> list[tuple[str, str]]:
    found, row = read(cells, unit=unit, office=office)
    assert found is None
    assert all(error.message and error.next_step and error.row == 2 for error in row.errors)
    return [(error.column, error.code) for error in row.errors]


def test_plain_penalty_takes_the_defaults() -> None:
    found = facts(penalty())
    assert found["key"] == f"{COMPANY}/云环罚〔2025〕示例12号/2025-03-14"
    assert (found["kind"], found["published"], found["legal_state"], found["secrecy"], found["under_objection"]) == (
        "行政处罚",
        True,
        "生效",
        "无",
        False,
    )
    assert (found["fine_wan"], found["confiscated_wan"]) == (Decimal("1.25"), None)
    assert (found["domain"], found["source_unit"], found["source_kind"]) == (4, "市生态环境局", "行政机关")
    assert (found["penalty_until"], found["publication_until"]) == (None, date(2028, 3, 14))


@pytest.mark.parametrize(
    "number",
    ["云环罚[2025]示例12号", "云环罚【2025】示例12号", "云环罚（2025）示例 12 号", "云环罚〔２０２５〕示例12号"],
)
def test_bracket_and_width_variants_are_one_document(number: str) -> None:
    assert record_key(COMPANY, number, date(2025, 3, 14)) == f"{COMPANY}/云环罚〔2025〕示例12号/2025-03-14"


@pytest.mark.parametrize("category", ["不予处罚", "不予行政处罚（首违）", "警告；不予处罚"])
def test_spared_penalty_is_a_record_of_no_penalty(category: str) -> None:
    assert facts(penalty(CF_CFLB=category))["kind"] == "不予行政处罚"


def test_extension_columns_are_read() -> None:
    found = facts(
        penalty(
            KZ_LX="行政强制",
            KZ_LY="生态环境",
            KZ_GS="否",
            KZ_FLZT="撤销",
            KZ_BGK="商业秘密",
            KZ_JZRQ="2025-04-01",
            KZ_XFRQ="2025/5/1",
            KZ_YY="是",
            KZ_LYLX="司法机关",
        )
    )
    assert [found[name] for name in ("kind", "domain", "published", "legal_state", "secrecy")] == [
        "行政强制",
        4,
        False,
        "撤销",
        "商业秘密",
    ]
    assert [found[name] for name in ("corrected_on", "repaired_on", "under_objection", "source_kind")] == [
        date(2025, 4, 1),
        date(2025, 5, 1),
        True,
        "司法机关",
    ]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"CF_XDR_MC": ""}, [("CF_XDR_MC", "MISSING")]),
        ({"CF_XDR_SHXYM": ""}, [("CF_XDR_SHXYM", "MISSING")]),
        ({"CF_XDR_SHXYM": "91320902MA1EX0M1XC"}, [("CF_XDR_SHXYM", "USCC_CHECKSUM")]),
        ({"CF_WSH": ""}, [("CF_WSH", "MISSING")]),
        ({"CF_WSH": "号" * 129}, [("CF_WSH", "TOO_LONG")]),
        ({"CF_WSH": "一\n二"}, [("CF_WSH", "LINE_BREAK")]),
        ({"CF_SY": ""}, [("CF_SY", "MISSING")]),
        *(
            ({name: "电话13800001234"}, [(name, "PERSONAL_NUMBER")])
            for name in ("CF_WFXW", "CF_SY", "CF_YJ", "CF_CFLB")
        ),
        ({"CF_SY": "事\x07实"}, [("CF_SY", "CONTROL_CHARACTER")]),
        ({"CF_CFLB": ""}, [("CF_CFLB", "MISSING")]),
        ({"CF_NR_FK": "-1"}, [("CF_NR_FK", "AMOUNT_NEGATIVE")]),
        ({"CF_NR_FK": "一万"}, [("CF_NR_FK", "AMOUNT")]),
        ({"CF_JDRQ": ""}, [("CF_JDRQ", "MISSING")]),
        ({"CF_JDRQ": "2026-11-23"}, [("CF_JDRQ", "FUTURE")]),
        ({"CF_JDRQ": "2025-02-30"}, [("CF_JDRQ", "DATE")]),
        ({"CF_GSJZQ": "2025-03-13"}, [("CF_GSJZQ", "BEFORE_DECISION")]),
        ({"CF_CFJG": ""}, [("CF_CFJG", "MISSING")]),
        ({"CF_XDR_LB": "自然人"}, [("CF_XDR_LB", "NATURAL_PERSON")]),
        ({"KZ_LX": "罚款"}, [("KZ_LX", "CHOICE")]),
        ({"KZ_LX": "行政处罚", "CF_CFLB": "不予处罚"}, [("KZ_LX", "KIND_CONTRADICTS")]),
        ({"KZ_GS": "也许"}, [("KZ_GS", "YES_NO")]),
        ({"KZ_FLZT": "有效"}, [("KZ_FLZT", "CHOICE")]),
        ({"KZ_BGK": "机密"}, [("KZ_BGK", "CHOICE")]),
        ({"KZ_JZRQ": "2026-11-23"}, [("KZ_JZRQ", "FUTURE")]),
        ({"KZ_XFRQ": "2025-03-13"}, [("KZ_XFRQ", "BEFORE_DECISION")]),
        ({"KZ_XFRQ": "2026-03-14", "KZ_YZCD": "严重"}, [("KZ_XFRQ", "REPAIR_TOO_EARLY")]),
        ({"KZ_XFRQ": "2025-06-22", "KZ_YZCD": "严重"}, [("KZ_XFRQ", "REPAIR_TOO_EARLY")]),
        ({"KZ_XFRQ": "2026-03-14", "KZ_YZCD": "重"}, [("KZ_YZCD", "CHOICE")]),
        ({"KZ_LY": "99"}, [("KZ_LY", "DOMAIN_UNKNOWN")]),
        ({"KZ_YZCD": "重"}, [("KZ_YZCD", "CHOICE")]),
        ({"KZ_HL": "大概"}, [("KZ_HL", "YES_NO")]),
        ({"CF_YXQ": "2025-03-13"}, [("CF_YXQ", "BEFORE_DECISION")]),
        ({"CF_XDR_LB": "法人"}, [("CF_XDR_LB", "CHOICE")]),
        ({"CF_XDR_LB": "个体工商户"}, [("CF_XDR_LB", "CLASS_CONTRADICTS")]),
        ({"CF_XDR_SHXYM": SHOP}, [("CF_XDR_LB", "CLASS_CONTRADICTS")]),
        ({"KZ_LY": "5"}, [("KZ_LY", "DOMAIN_OF_ANOTHER")]),
        ({"CF_SJLY": "南京市生态环境局"}, [("CF_SJLY", "UNIT_UNKNOWN")]),
        ({"CF_SJLY": "", "CF_CFJG": "南京市生态环境局"}, [("CF_CFJG", "UNIT_UNKNOWN")]),
    ],
)
def test_bad_cell_is_named(changes: dict[str, str], found: list[tuple[str, str]]) -> None:
    assert errors(penalty(**changes)) == found


@pytest.mark.parametrize(
    ("day", "severity"),
    [("2026-03-15", "严重"), ("2025-06-15", "一般"), ("2025-03-14", "轻微"), ("2025-06-21", "严重")],
)
def test_a_repair_after_the_least_publication_or_before_there_was_a_rule_lands(day: str, severity: str) -> None:
    assert facts(penalty(KZ_XFRQ=day, KZ_YZCD=severity))["repaired_on"] == date.fromisoformat(day)


def test_all_bad_cells_of_a_row_are_named_at_once() -> None:
    assert len(errors(penalty(CF_XDR_SHXYM="1", CF_NR_FK="x", CF_JDRQ="y"))) == 3


def test_source_unit_is_the_provider_else_the_authority_else_the_named_unit() -> None:
    assert facts(penalty(CF_CFJG="云汀市某区生态环境局"))["source_unit"] == "市生态环境局"
    assert facts(penalty(CF_SJLY="", CF_CFJG="市市场监管局"))["source_unit"] == "市市场监督管理局"


def test_provider_is_the_unit_named_with_the_import_else_the_source() -> None:
    assert facts(penalty(), unit="云汀市生态环境局")["provider"] == "市生态环境局"
    assert facts(penalty())["provider"] == "市生态环境局"


def test_b07_unit_with_several_domains_goes_to_its_main_one_unless_the_row_names_another() -> None:
    cells = penalty(CF_SJLY="盐城市发改委", CF_CFJG="盐城市发改委")
    assert facts(cells, office=YANCHENG)["domain"] == 2
    assert facts({**cells, "KZ_LY": "人防"}, office=YANCHENG)["domain"] == 35


def test_b07_unit_with_several_domains_and_no_main_one_must_name_one_and_is_told_which() -> None:
    cells = penalty(CF_SJLY="盐城市发改委", CF_CFJG="盐城市发改委")
    found, row = read(cells, office=replace(YANCHENG, main_domains=()))
    assert found is None
    assert [error.code for error in row.errors] == ["DOMAIN_NEEDED"]
    assert (
        row.errors[0].next_step == "请在“所属领域”列（KZ_LY）填其中一个：2 发展和改革领域、35 人防领域、45 水电气领域。"
    )
    assert facts({**cells, "KZ_LY": "人防"}, office=YANCHENG)["domain"] == 35


def test_b13_no_unit_reports_for_another() -> None:
    assert errors(penalty(), unit="市税务局") == [("CF_SJLY", "UNIT_OF_ANOTHER")]
    assert errors(penalty(KZ_LY="4"), unit="市税务局") == [("KZ_LY", "DOMAIN_OF_ANOTHER")]


def test_domain_without_named_units_takes_any_unit_of_the_city_that_names_it() -> None:
    cells = penalty(CF_SJLY="盐城市数据局", CF_CFJG="盐城市数据局", KZ_LY="行政审批")
    assert facts(cells, office=YANCHENG)["domain"] == 6
    assert errors({**cells, "CF_SJLY": "南京市数据局"}, office=YANCHENG) == [("CF_SJLY", "UNIT_UNKNOWN")]
    assert errors({**cells, "KZ_LY": ""}, office=YANCHENG) == [("CF_SJLY", "UNIT_UNKNOWN")]


def test_unknown_reporting_unit_is_refused_before_anything_is_read() -> None:
    with pytest.raises(RecordError) as caught:
        Provenance(YUNTING, "市不存在局")
    assert caught.value.code == "UNIT_UNKNOWN"


def test_source_kind_follows_the_unit() -> None:
    cells = penalty(CF_SJLY="市中院", CF_CFJG="云汀市中级人民法院", KZ_LX="法院执行")
    assert facts(cells)["source_kind"] == "司法机关"


def test_permit_is_a_permit_and_needs_no_facts() -> None:
    found = facts(
        {
            "XK_XDR_MC": "云汀示例禾苗环保科技有限公司",
            "XK_XDR_SHXYM": COMPANY,
            "XK_WSH": "云环许〔2025〕示例1号",
            "XK_NR": "排污许可（示例）",
            "XK_JDRQ": "2025-01-02",
            "XK_XKJG": "云汀市生态环境局",
        }
    )
    assert (found["kind"], found["domain"], found["content"]) == ("行政许可", 4, "排污许可（示例）")


def test_file_without_state_columns_says_nothing_about_state() -> None:
    cells = penalty(KZ_GS="是", KZ_XFRQ="")
    assert kept_fields(layout(list(cells), (Form.PENALTY,))) == (
        "legal_state",
        "secrecy",
        "corrected_on",
        "under_objection",
        "severity",
        "from_province",
        "domain",
        "kind",
    )


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"CF_CFLB": "其他", "CF_NR": "决定不予行政处罚", "CF_NR_FK": ""}, "CF_NR"),
        ({"CF_CFLB": "其他", "CF_WSH": "云环不罚〔2025〕1号", "CF_NR_FK": ""}, "CF_WSH"),
    ],
)
def test_decision_that_looks_like_no_penalty_must_say_which_it_is(changes: dict[str, str], column: str) -> None:
    assert errors(penalty(**changes)) == [(column, "KIND_UNCLEAR")]
    assert facts(penalty(**changes, KZ_LX="行政处罚"))["kind"] == "行政处罚"
    assert facts(penalty(**{**changes, "CF_CFLB": "不予处罚"}))["kind"] == "不予行政处罚"


@pytest.mark.parametrize("content", ["罚款人民币80,000元", "罚款8万元", "罚款８．００万元，没收违法所得1万元"])
def test_amount_in_yuan_under_a_heading_of_wan_is_refused(content: str) -> None:
    assert errors(penalty(CF_NR=content, CF_NR_FK="80000")) == [("CF_NR_FK", "AMOUNT_UNIT")]
    assert facts(penalty(CF_NR=content, CF_NR_FK="8"))["fine_wan"] == Decimal(8)


def test_large_amount_that_the_content_repeats_is_read() -> None:
    assert facts(penalty(CF_NR="罚款80000万元，另罚8万元", CF_NR_FK="80000"))["fine_wan"] == Decimal(80000)


@pytest.mark.parametrize(("unit", "code"), [("市" + "局" * 100, "TOO_LONG"), ("市\u202e某局", "CONTROL_CHARACTER")])
def test_unit_of_an_open_domain_is_one_short_clean_line(unit: str, code: str) -> None:
    assert ("CF_SJLY", code) in errors(penalty(CF_SJLY=unit, KZ_LY="6"), office=YANCHENG)


IDENTITY = "11010519491231002X"


@pytest.mark.parametrize(
    "number",
    ["", IDENTITY, IDENTITY.lower(), f" '{IDENTITY}", "110***********002X", "１１０１０５１９４９１２３１００２X"],
)
@pytest.mark.parametrize("whose", ["XDR", "FR"])
def test_identity_number_that_holds_is_forgotten(number: str, whose: str) -> None:
    found = facts(penalty(**{f"CF_{whose}_ZJLX": "居民身份证", f"CF_{whose}_ZJHM": number}))
    assert IDENTITY not in str(found).upper()


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("110105194912310021", "ID_CHECKSUM"),
        ("11010519491231002", "ID_LENGTH"),
        ("110105491231002", "ID_LENGTH"),
        ("1101051949123100X2", "ID_FORMAT"),
        ("110105194913310021", "ID_BIRTH"),
        ("110105209912310029", "ID_BIRTH"),
    ],
)
@pytest.mark.parametrize("whose", ["XDR", "FR"])
def test_wrong_identity_number_is_refused_and_shown_masked(number: str, code: str, whose: str) -> None:
    found, row = read(penalty(**{f"CF_{whose}_ZJLX": "身份证", f"CF_{whose}_ZJHM": number}))
    assert found is None
    assert [(error.column, error.code) for error in row.errors] == [(f"CF_{whose}_ZJHM", code)]
    assert number[4:-2] not in str(row.errors)


def test_number_of_another_document_is_not_checked() -> None:
    assert facts(penalty(CF_XDR_ZJLX="护照", CF_XDR_ZJHM="E1234"))
    assert facts(penalty(CF_XDR_ZJHM="1"))


@pytest.mark.parametrize(
    ("begin", "end", "found"),
    [
        ("2025-01-02", "2028-01-01", []),
        ("2025-01-02", "2099/12/31", []),
        ("", "2020-01-01", []),
        ("2025-01-02", "2025-01-01", [("XK_YXQZI", "BEFORE_BEGINNING")]),
        ("昨天", "2025-01-01", [("XK_YXQZ", "DATE")]),
    ],
)
def test_permit_does_not_end_before_it_begins(begin: str, end: str, found: list[tuple[str, str]]) -> None:
    _, row = read(
        {
            "XK_XDR_MC": "云汀示例禾苗环保科技有限公司",
            "XK_XDR_SHXYM": COMPANY,
            "XK_WSH": "云环许〔2025〕示例1号",
            "XK_JDRQ": "2025-01-02",
            "XK_XKJG": "云汀市生态环境局",
            "XK_YXQZ": begin,
            "XK_YXQZI": end,
        }
    )
    assert [(error.column, error.code) for error in row.errors] == found


def test_severity_and_return_from_the_province_are_read() -> None:
    found = facts(penalty(KZ_YZCD="严重", KZ_HL="是"))
    assert (found["severity"], found["from_province"]) == ("严重", True)
    found = facts(penalty())
    assert (found["severity"], found["from_province"]) == (None, False)


def test_amount_of_endless_digits_costs_no_time() -> None:
    assert errors(penalty(CF_NR="9" * 5001, CF_NR_FK="1"))[0] == ("CF_NR", "TOO_LONG")
    assert facts(penalty(CF_NR="9" * 4990 + "万元", CF_NR_FK="1"))
