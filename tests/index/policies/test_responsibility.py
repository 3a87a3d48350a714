"""Notes of responsibility in running text: leading units, cooperating units, deadline, exact spans."""

import csv
from pathlib import Path

import pytest

from index.policies.cleaning import clean
from index.policies.responsibility import Responsibility, responsibilities
from index.policies.split import split
from index.policies.structure import passages


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


@pytest.mark.shared
@pytest.mark.parametrize(("name", "at"), [("001", 0), ("002", 1)])
def test_notes_of_the_real_texts_equal_the_list(shared: Path, name: str, at: int) -> None:
    (path,) = shared.glob(f"corpus/raw/{name}_*.txt")
    part = split(clean(path.read_text("utf-8")))[at]
    found = [
        (one.heading[-1].lstrip("0123456789.、"), *parts(note))
        for one in passages("x", part)
        for note in responsibilities(part.source[one.start : one.end], one.start)
    ]
    with (shared / "domain/tasks.csv").open(encoding="utf-8") as file:
        expected = [row for row in csv.DictReader(file) if row["source"] == name]
    assert found == [(row["task"], row["lead"], row["cooperate"], row["deadline"]) for row in expected]
