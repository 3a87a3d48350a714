"""Tasks that policy texts give to units: who, what, until when. The real table, the real notes, and fictional ones."""

import csv
from datetime import date
from pathlib import Path

import pytest

from index.policies.library import Library
from index.policies.model import Document
from index.policies.tasks import Part, Task, part_of, tasks_of, units_in

TABLE = """示例任务清单（虚构）
序号 | 重点任务 | 责任单位 | 完成时限
1 | 归集示例数据 | 市甲局、市乙局 | 2026年12月底前
2 | 公开示例目录 | 市丙局 | 持续推进
3 | 没有单位的事 |  | 2026年6月底前
"""


def document_of(folder: Path, text: str) -> Document:
    path = folder / "text.txt"
    path.write_text(text, encoding="utf-8")
    return Library(folder / "library").add(path).documents[0]


def task(lead: str, cooperate: str = "") -> Task:
    return Task("d", "t", "1", "text", lead, cooperate, "", None, 0, 1)


@pytest.mark.shared
def test_the_48_tasks_of_the_real_texts(tmp_path: Path, shared: Path) -> None:
    library = Library(tmp_path / "library")
    for path in sorted((shared / "corpus" / "raw").glob("*.txt")):
        library.add(path)
    found = [task for document in library.documents() for task in tasks_of(document)]
    with (shared / "domain" / "tasks.csv").open(encoding="utf-8") as file:
        wanted = list(csv.DictReader(file))
    told = sorted((each.lead, each.cooperate, each.deadline) for each in found)
    assert told == sorted((row["lead"], row["cooperate"], row["deadline"]) for row in wanted)
    named = {each.text for each in found}
    assert all(any(text.startswith(row["task"]) for text in named) for row in wanted)
    days = {each.due for each in found if each.due}
    assert days == {date(2018, 12, 31), date(2019, 12, 31)}
    sources = {document.id: document.source for document in library.documents()}
    assert all(each.lead in sources[each.document_id][each.start : each.end] for each in found)


def test_rows_of_a_table_have_their_days(tmp_path: Path) -> None:
    first, second = tasks_of(document_of(tmp_path, TABLE))
    assert (first.text, first.lead, first.due) == ("归集示例数据", "市甲局、市乙局", date(2026, 12, 31))
    assert (second.deadline, second.due) == ("持续推进", None)


def test_headings_are_told_without_their_numbers(tmp_path: Path) -> None:
    notes = "按月归集。（责任单位：市甲局，2026年9月30日前完成）再公开。（责任单位：市乙局）"
    first, second = tasks_of(document_of(tmp_path, f"示例方案（虚构）\n一、加强归集\n{notes}\n"))
    assert (first.text, first.due) == ("加强归集：按月归集。", date(2026, 9, 30))
    assert (second.text, second.due) == ("加强归集：再公开。", None)


@pytest.mark.parametrize(
    ("lead", "cooperate", "part"),
    [
        ("市甲局、市乙局", "", Part.LEADS),
        ("市乙局", "市甲局等市各有关部门", Part.COOPERATES),
        ("市乙局", "市各有关部门", Part.SHARED),
        ("市各有关部门", "市甲局", Part.COOPERATES),
        ("市乙局", "市丙局", None),
        ("市甲局分局", "", None),
    ],
)
def test_what_a_unit_has_to_do_with_a_task(lead: str, cooperate: str, part: Part | None) -> None:
    assert part_of(task(lead, cooperate), lambda name: name == "市甲局") is part


def test_lists_of_units_are_cut_where_units_end() -> None:
    assert units_in("省发改委、人行南昌中心支行等单位和各市、县〔区〕政府")[:2] == ("省发改委", "人行南昌中心支行")
    assert units_in("市数据局（市政务服务办）、各县（市、区）人民政府") == (
        "市数据局（市政务服务办）",
        "各县（市、区）人民政府",
    )
    assert units_in("牵头单位：市甲局") == ("市甲局",)
