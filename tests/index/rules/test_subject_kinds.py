"""Answers index/rules/subject_kinds.py."""

from pathlib import Path

import pytest

from index.errors import RuleError
from index.records.model import SubjectKind
from index.rules.offices import copy_profile, load_office
from index.rules.subject_kinds import FILE, SubjectKinds, read_subject_kinds, standard_kinds

HEADINGS = "主体类型,是否适用,代码前两位,按代码推定,不适用的原因,来源\n"
REFUSED = {
    SubjectKind.NATURAL_PERSON,
    SubjectKind.GOVERNMENT_AGENCY,
    SubjectKind.PUBLIC_INSTITUTION,
    SubjectKind.SOCIAL_ORGANIZATION,
}


def rows(**changed: str) -> dict[str, str]:
    return {kind.value: f"{kind.value},是,,否,,示例条款" for kind in SubjectKind} | changed


def written(folder: Path, lines: dict[str, str]) -> SubjectKinds:
    (folder / FILE).write_text(HEADINGS + "\n".join(lines.values()) + "\n", encoding="utf-8")
    return read_subject_kinds(folder / FILE)


def test_b04_every_kind_is_served_or_refused_with_its_reason_and_source() -> None:
    kinds = standard_kinds()
    assert set(kinds.rules) == set(SubjectKind)
    assert set(kinds.served) == set(SubjectKind) - REFUSED
    for kind, rule in kinds.rules.items():
        assert bool(rule.reason) == (kind in REFUSED)
        assert rule.source


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("91", SubjectKind.COMPANY),
        ("92", SubjectKind.INDIVIDUAL_BUSINESS),
        ("93", SubjectKind.COOPERATIVE),
        ("11", SubjectKind.GOVERNMENT_AGENCY),
        ("12", SubjectKind.PUBLIC_INSTITUTION),
        ("13", SubjectKind.SOCIAL_ORGANIZATION),
        ("52", SubjectKind.SOCIAL_ORGANIZATION),
        ("31", None),
        ("", None),
    ],
)
def test_the_first_two_characters_of_a_code_say_the_kind(code: str, kind: SubjectKind | None) -> None:
    assert standard_kinds().of_code(f"{code}320902MA1EX0M1XB" if code else "") is kind


def test_a_kind_fits_the_codes_of_its_classes_and_those_of_nobody() -> None:
    kinds = standard_kinds()
    assert kinds.fits(SubjectKind.PARTNERSHIP, "91320902MA1EX0M1XB")
    assert kinds.fits(SubjectKind.BRANCH, "93320902MA1EX0M1XB")
    assert not kinds.fits(SubjectKind.COMPANY, "92320902MA1EX0M1XB")
    assert kinds.fits(SubjectKind.OTHER_OPERATOR, "31320902MA1EX0M1XB")


def test_b18_another_office_may_serve_more_kinds_without_code(tmp_path: Path) -> None:
    copy_profile("yunting", tmp_path / "office")
    institution = "事业单位,是,12,是,,示例办法第三条"
    written(tmp_path / "office", rows(事业单位=institution))
    kinds = load_office(tmp_path / "office").subject_kinds
    assert kinds.serves(SubjectKind.PUBLIC_INSTITUTION)
    assert kinds.of_code("12320902MA1EX0M1XB") is SubjectKind.PUBLIC_INSTITUTION


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"机关": "机关,否,11,是,,示例条款"}, "“不适用的原因”列：不能为空"),
        ({"机关": "机关,否,1,是,原因,示例条款"}, "“1”不是统一社会信用代码的前两位"),
        ({"机关": "机关,否,1O,是,原因,示例条款"}, "“1O”不是统一社会信用代码的前两位"),
        ({"机关": "机关,可,11,是,原因,示例条款"}, "“可”不认识"),
        ({"机关": "党派,否,11,是,原因,示例条款"}, "“党派”不认识"),
        ({"机关": "公司,是,,否,,示例条款"}, "“公司”已经登记过"),
        ({"机关": "# 删去"}, "缺少主体类型：机关"),
        ({"机关": "机关,否,11,是,原因,"}, "“来源”列：不能为空"),
        ({"公司": "公司,是,91,是,,示", "合伙企业": "合伙企业,是,91,是,,示"}, "91 已推定为“公司”"),
    ],
)
def test_mistakes_are_named_with_row_and_column(tmp_path: Path, changed: dict[str, str], said: str) -> None:
    with pytest.raises(RuleError) as caught:
        written(tmp_path, rows(**changed))
    assert said in caught.value.message
    assert FILE in caught.value.message
    assert caught.value.next_step
