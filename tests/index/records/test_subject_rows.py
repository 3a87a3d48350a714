"""Answers index/records/subject_rows.py."""

from datetime import date
from typing import Any

import pytest

from index.records.columns import Form, layout
from index.records.row import Row
from index.records.row_rules import apply_rules
from index.records.subject_rows import kept_fields, subject_rules
from index.rules.subject_kinds import standard_kinds
from tests.index.records.samples import COMPANY, COOPERATIVE, NOW, SHOP, code_of, subject

AGENCY = code_of("11320902MA1EX0A01")
INSTITUTION = code_of("12320902MA1EX0A02")
SOCIETY = code_of("52320902MA1EX0A03")
LAW_FIRM = code_of("31320902MA1EX0A04")


def read(cells: dict[str, str]) -> tuple[dict[str, Any] | None, list[tuple[str, str]]]:
    row = Row(2, list(cells.values()), layout(list(cells), (Form.SUBJECT,)))
    found = apply_rules(row, subject_rules(NOW.date(), standard_kinds()))
    return found, [(error.column, error.code) for error in row.errors]


def test_register_extract_is_read() -> None:
    found, errors = read(subject())
    assert errors == []
    assert found == {
        "code": COMPANY,
        "name": "云汀示例禾苗环保科技有限公司",
        "kind": "公司",
        "type_name": "有限责任公司",
        "legal_representative": "张三",
        "established_on": date(2019, 5, 6),
        "address": "云汀市示例区示例路 1 号",
        "registration_state": "存续",
        "registration_authority": "云汀市示例区市场监督管理局",
        "parent_code": None,
    }


@pytest.mark.parametrize(("code", "kind"), [(COMPANY, "公司"), (SHOP, "个体工商户"), (COOPERATIVE, "农民专业合作社")])
def test_kind_follows_from_the_code(code: str, kind: str) -> None:
    found, _ = read(subject(统一社会信用代码=code))
    assert found is not None
    assert found["kind"] == kind


@pytest.mark.parametrize("kind", ["合伙企业", "个人独资企业", "分支机构", "外国公司分支机构", "非公司企业法人"])
def test_kind_column_decides_among_enterprises(kind: str) -> None:
    found, _ = read(subject(主体类型=kind))
    assert found is not None
    assert found["kind"] == kind


@pytest.mark.parametrize("code", [AGENCY, INSTITUTION, SOCIETY])
def test_b04_kinds_that_are_not_served_are_refused_with_the_reason(code: str) -> None:
    assert read(subject(统一社会信用代码=code)) == (None, [("统一社会信用代码", "SUBJECT_KIND_REFUSED")])


def test_b04_a_label_does_not_make_an_agency_a_company() -> None:
    assert read(subject(统一社会信用代码=AGENCY, 主体类型="公司")) == (None, [("主体类型", "SUBJECT_KIND_REFUSED")])


def test_b04_natural_person_is_refused() -> None:
    assert read(subject(CF_XDR_LB="自然人")) == (None, [("CF_XDR_LB", "SUBJECT_KIND_REFUSED")])


def test_kind_that_contradicts_the_code_is_refused() -> None:
    assert read(subject(主体类型="个体工商户")) == (None, [("主体类型", "KIND_CONTRADICTS")])


def test_class_of_code_that_tells_no_kind_needs_the_column() -> None:
    assert read(subject(统一社会信用代码=LAW_FIRM)) == (None, [("统一社会信用代码", "KIND_UNKNOWN")])
    found, _ = read(subject(统一社会信用代码=LAW_FIRM, 主体类型="其他经营主体"))
    assert found is not None
    assert found["kind"] == "其他经营主体"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"名称": ""}, ("名称", "MISSING")),
        ({"统一社会信用代码": ""}, ("统一社会信用代码", "MISSING")),
        ({"成立日期": "2026-11-23"}, ("成立日期", "FUTURE")),
        ({"住所": "一\n二"}, ("住所", "LINE_BREAK")),
        ({"主体类型": "企业"}, ("主体类型", "CHOICE")),
    ],
)
def test_bad_cell_is_named(changes: dict[str, str], error: tuple[str, str]) -> None:
    found, errors = read(subject(**changes))
    assert found is None
    assert error in errors


@pytest.mark.parametrize(
    ("name", "good"), [("禾" * 120, True), ("禾" * 121, False), ("𬭎" * 60, True), ("𬭎" * 61, False)]
)
def test_a_name_is_as_long_as_a_credential_can_sign(name: str, good: bool) -> None:
    from verify.subject import decode_name, encode_name

    cells = subject(名称=name)
    row = Row(2, list(cells.values()), layout(list(cells), (Form.SUBJECT,)))
    assert (apply_rules(row, subject_rules(NOW.date(), standard_kinds())) is not None) is good
    assert [error.code for error in row.errors] == ([] if good else ["TOO_LONG"])
    if good:
        assert decode_name(encode_name(name)) == name


@pytest.mark.parametrize(
    ("parent", "found"),
    [
        (SHOP, []),
        ("", []),
        (COMPANY, ["PARENT_IS_ITSELF"]),
        (COMPANY.lower(), ["PARENT_IS_ITSELF"]),
        ("1", ["USCC_LENGTH"]),
    ],
)
def test_branch_names_the_subject_it_belongs_to_which_is_not_itself(parent: str, found: list[str]) -> None:
    cells = subject(隶属主体代码=parent, 主体类型="分支机构")
    row = Row(2, list(cells.values()), layout(list(cells), (Form.SUBJECT,)))
    facts = apply_rules(row, subject_rules(NOW.date(), standard_kinds()))
    assert [error.code for error in row.errors] == found
    if facts is not None:
        assert facts["parent_code"] == (parent or None)


@pytest.mark.parametrize("kind", [{}, {"主体类型": ""}])
def test_who_belongs_to_another_subject_and_states_no_kind_is_a_branch(kind: dict[str, str]) -> None:
    found, errors = read(subject(隶属主体代码=SHOP, **kind))
    assert errors == []
    assert found is not None
    assert (found["kind"], found["parent_code"]) == ("分支机构", SHOP)


@pytest.mark.parametrize("changes", [{"主体类型": "公司"}, {"主体类型": "合伙企业"}, {"统一社会信用代码": SHOP}])
def test_no_other_kind_belongs_to_another_subject(changes: dict[str, str]) -> None:
    found, errors = read(subject(隶属主体代码=COOPERATIVE, **changes))
    assert found is None
    assert errors == [("隶属主体代码", "PARENT_OF_NO_BRANCH")]


def test_b04_naming_a_parent_does_not_make_an_agency_a_branch() -> None:
    assert read(subject(统一社会信用代码=AGENCY, 隶属主体代码=SHOP)) == (
        None,
        [("统一社会信用代码", "SUBJECT_KIND_REFUSED"), ("隶属主体代码", "PARENT_OF_NO_BRANCH")],
    )


@pytest.mark.parametrize(
    ("headings", "kept"),
    [([], True), (["主体类型"], False), (["隶属主体代码"], False), (["主体类型", "隶属主体代码"], False)],
)
def test_kinds_stay_when_a_file_tells_neither_kind_nor_parent(headings: list[str], kept: bool) -> None:
    found = layout([*subject(), *headings], (Form.SUBJECT,))
    assert ("kind" in kept_fields(found)) is kept
