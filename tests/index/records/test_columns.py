"""Answers index/records/columns.py."""

import re
from pathlib import Path

import pytest

from index.errors import UnreadableImport
from index.records import columns
from index.records.columns import Form, layout
from tests.index.records.samples import PENALTY_ROW, SUBJECT_ROW

RECORDS = (Form.PENALTY, Form.PERMIT)
CODED = list(PENALTY_ROW)
CHINESE = [
    "行政相对人名称",
    "统一社会信用代码",
    "行政处罚决定文书号",
    "处罚决定日期",
    "处罚机关",
    "罚款金额（万元）",
    "是否公示",
]
PERMIT = ["XK_XDR_MC", "XK_XDR_SHXYM", "XK_WSH", "XK_JDRQ", "XK_XKJG"]


def test_field_codes_and_chinese_headings_mean_the_same() -> None:
    assert layout(CODED, RECORDS).positions["fine_wan"] == CODED.index("CF_NR_FK")
    assert layout(CHINESE, RECORDS).positions["fine_wan"] == 5


def test_width_case_spaces_and_stars_of_headings_do_not_matter() -> None:
    found = layout(["ｃf_xdr_mc", " CF_XDR_SHXYM ", "CF_WSH*", "处罚 决定日期", "cf_cfjg"], RECORDS)
    assert set(found.positions) == {"subject_name", "subject_code", "document_number", "decided_on", "decided_by"}


def test_permits_are_told_by_their_headings() -> None:
    assert layout(PERMIT, RECORDS).form is Form.PERMIT
    assert layout(CODED, RECORDS).form is Form.PENALTY


def test_identity_documents_are_never_read() -> None:
    found = layout([*CODED, "CF_FR_ZJHM", "法定代表人证件号码"], RECORDS)
    read = {found.headings[position] for position in found.positions.values()}
    assert not read & {"CF_XDR_ZJHM", "CF_FR_ZJHM", "法定代表人证件号码"}
    assert {"CF_XDR_ZJHM", "CF_FR_ZJHM", "法定代表人证件号码"} <= set(found.ignored)


def test_register_extract_is_recognised() -> None:
    assert layout(list(SUBJECT_ROW), (Form.SUBJECT,)).ignored == ()


@pytest.mark.parametrize(
    ("headings", "code", "said"),
    [
        (["甲", "乙"], "IMPORT_HEADING", "CF_XDR_MC（行政相对人名称）"),
        ([*CODED, "CF_WSH"], "IMPORT_DUPLICATE_HEADING", "CF_WSH"),
        ([*CODED, "行政处罚决定文书号"], "IMPORT_DUPLICATE_HEADING", "CF_WSH"),
        ([*CODED, "XK_WSH"], "IMPORT_MIXED", "XK_"),
        ([*CODED, "KZ_GSS"], "IMPORT_HEADING", "KZ_GSS"),
        ([*PERMIT, "KZ_LX"], "IMPORT_HEADING", "KZ_LX"),
    ],
)
def test_wrong_heading_row_is_refused_by_name(headings: list[str], code: str, said: str) -> None:
    with pytest.raises(UnreadableImport) as caught:
        layout(headings, RECORDS)
    assert caught.value.code == code
    assert said in caught.value.message


def test_every_column_is_in_the_clerks_guide() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "records.md").read_text(encoding="utf-8")
    missing = [column.code for form in Form for column in form.columns if f"`{column.code}`" not in guide]
    headings = [name for form in Form for column in form.columns for name in column.headings if name not in guide]
    assert (missing, headings) == ([], [])


def test_every_error_code_is_in_the_clerks_guide() -> None:
    room = Path(columns.__file__).parent
    source = "".join(file.read_text(encoding="utf-8") for file in room.glob("*.py"))
    codes = set(re.findall(r'(?:CellError\(|\.fail\([^"]*"?\w*"?,|"整行",\s+[^,]+,)\s*"([A-Z_]+)"', source))
    guide = (room.parents[1] / "docs" / "records.md").read_text(encoding="utf-8")
    assert len(codes) >= 20
    assert sorted(code for code in codes if f"`{code}`" not in guide) == []


def test_headings_of_the_published_tables_are_known() -> None:
    published = [
        "行政相对人名称",
        "行政相对人代码_1(统一社会信用代码)",
        "决定书文号（必填）",
        "★处罚决定日期",
        "处罚机关",
    ]
    assert set(layout(published, RECORDS).positions) == {
        "subject_name",
        "subject_code",
        "document_number",
        "decided_on",
        "decided_by",
    }


@pytest.mark.parametrize("heading", ["罚款金额（元）", "罚款金额(元)", "没收违法所得、没收非法财物的金额（元）"])
def test_amounts_in_yuan_are_refused_by_their_heading(heading: str) -> None:
    with pytest.raises(UnreadableImport) as caught:
        layout([*CODED, heading], RECORDS)
    assert caught.value.code == "IMPORT_YUAN"


def test_permit_codes_name_subjects_too() -> None:
    assert set(layout(["XK_XDR_MC", "XK_XDR_SHXYM"], (Form.SUBJECT,)).positions) == {"name", "code"}


def test_empty_headings_at_the_end_are_no_columns() -> None:
    assert layout([*CODED, "", " "], RECORDS).headings == tuple(CODED)


@pytest.mark.parametrize(
    "heading", ["\ufeff\ufeff处罚决定日期", "处罚\n决定日期", "处\u3000罚决定日期", " 处罚 决定日期\r\n"]
)
def test_headings_broken_or_spread_by_a_clerk_are_recognised(heading: str) -> None:
    headings = [heading if name == "CF_JDRQ" else name for name in CODED]
    assert layout(headings, (Form.PENALTY,)).has("decided_on")
