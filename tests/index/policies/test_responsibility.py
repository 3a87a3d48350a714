"""Notes of responsibility in running text: leading units, cooperating units, deadline, exact spans."""

import pytest

from index.policies.responsibility import Responsibility, responsibilities


def parts(note: Responsibility) -> tuple[str, str, str]:
    return note.lead, note.cooperate, note.deadline


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("（责任单位：甲局、乙局，2018年年底前完成）", ("甲局、乙局", "", "2018年年底前完成")),
        ("（责任单位：甲局；乙局、丙局，各镇人民政府）", ("甲局", "乙局、丙局，各镇人民政府", "")),
        ("（责任单位；甲局；乙局）", ("甲局", "乙局", "")),
        ("（配合单位：乙局、丙局，2031年底前完成）", ("", "乙局、丙局", "2031年底前完成")),
        ("（责任单位：甲局等单位和各市、县〔区〕政府，持续实施）", ("甲局等单位和各市、县〔区〕政府", "", "持续实施")),
        (
            "（牵头单位：甲局（办）；配合单位：乙局；完成时限：2031年6月底前）",
            ("甲局（办）", "乙局", "完成时限：2031年6月底前"),
        ),
    ],
)
def test_one_note(note: str, expected: tuple[str, str, str]) -> None:
    text = f"做好茶叶工作。{note}下同"
    (found,) = responsibilities(text, offset=100)
    assert parts(found) == expected
    source = "〇" * 100 + text
    assert source[slice(*found.span)] == note
    assert source[slice(*found.lead_span)] == found.lead
    assert source[slice(*found.cooperate_span)] == found.cooperate
    assert source[slice(*found.deadline_span)] == found.deadline


def test_other_brackets_and_open_ends_are_no_notes() -> None:
    assert responsibilities("甲（排在分号前的部门为牵头部门，下同）乙（责任单位：没有写完") == []
