"""Answers index/cases/corrections.py: what people type becomes values, and a correction corrects something."""

from datetime import date
from decimal import Decimal

import pytest

from index.cases.corrections import CORRECTABLE, checked_correction, read_correction
from index.errors import CaseError, OfficeError, RecordError
from index.records.amendable import LABELS
from index.records.columns import PENALTY
from tests.index.cases.desk import Desk


@pytest.mark.parametrize("name", ["罚款金额（万元）", "罚款金额", "CF_NR_FK", "fine_wan", " 罚款金额 "])
def test_a_field_may_be_named_as_in_a_file(name: str) -> None:
    assert read_correction({name: "1.5"}) == {"fine_wan": Decimal("1.5")}


def test_typed_values_become_values() -> None:
    assert read_correction(
        {"法律状态": "撤销", "公示截止期": "2027/1/2", "是否公示": "否", "没收金额（万元）": ""}
    ) == {
        "legal_state": "撤销",
        "publication_until": date(2027, 1, 2),
        "published": False,
        "confiscated_wan": None,
    }


@pytest.mark.parametrize("name", ["修复日期", "异议处理中", "KZ_YY", "subject_code", "决定文书号", "batch", "没有"])
def test_what_has_a_procedure_of_its_own_or_is_no_fact_cannot_be_corrected(name: str) -> None:
    with pytest.raises(CaseError) as refused:
        read_correction({name: "2026-01-01"})
    assert refused.value.code == "CORRECTION_UNKNOWN"


def test_a_wrong_value_is_told_with_its_field() -> None:
    with pytest.raises(RecordError, match="罚款金额"):
        read_correction({"罚款金额": "三万"})


@pytest.mark.parametrize("correction", [None, {}, {"category": "罚款"}])
def test_a_correction_that_changes_nothing_is_refused(desk: Desk, correction: dict[str, object] | None) -> None:
    with pytest.raises(OfficeError) as refused:
        checked_correction(desk.stored(), correction, desk.office, sent_again=False)
    assert refused.value.code == "CORRECTION_MISSING"


def test_every_correctable_field_has_a_chinese_name_and_most_a_heading() -> None:
    headings = {column.field for column in PENALTY}
    assert set(CORRECTABLE) <= set(LABELS)
    assert set(CORRECTABLE) <= headings | {"note"}
