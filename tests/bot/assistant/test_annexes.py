"""A body and its annex that list the same matter differently (fictional texts of 云汀市)."""

from pathlib import Path

import pytest

from bot.assistant.annexes import Disagreement, concerned, disagreements
from index.policies.library import Library
from index.policies.model import Document, PassageKind

NAMES = ("渡口", "码头", "航道", "船舶", "船员", "渔业", "水利", "气象", "消防", "旅游", "环保", "灯塔")


def document(folder: Path, body: tuple[str, ...], rows: tuple[str, ...]) -> Document:
    table = "\n".join(f"| {number} | {name}领域 | 云汀市{name}处 |" for number, name in enumerate(rows, 1))
    text = (
        "云汀市水上信用方案（虚构样例）\n\n一、适用领域\n"
        f"本方案的适用领域包括：{'、'.join(body)}等领域。\n二、其他\n本方案自2025年1月1日起施行。\n\n"
        f"附件\n水上信用领域表\n| 序号 | 领域 | 责任单位 |\n| --- | --- | --- |\n{table}\n"
    )
    path = folder / "waters.txt"
    path.write_text(text, "utf-8")
    library = Library(folder / "library")
    library.add(path)
    return library.documents()[0]


def only(folder: Path, body: tuple[str, ...], rows: tuple[str, ...]) -> Disagreement:
    (found,) = disagreements(document(folder, body, rows))
    return found


def test_both_counts_and_what_stands_on_one_side_only_are_said(tmp_path: Path) -> None:
    found = only(tmp_path, NAMES, (*NAMES[:10], "港口"))
    assert (found.only_in_body, found.only_in_table) == (("环保", "灯塔"), ("港口领域",))
    assert "正文列举12个，附表为11行" in found.notice
    assert "环保、灯塔" in found.notice
    assert "港口领域" in found.notice


def test_both_places_are_cited_as_they_stand(tmp_path: Path) -> None:
    found = only(tmp_path, NAMES, NAMES[:11])
    quotes = [found.document.source[slice(*span)] for _, _, span in found.citations]
    assert quotes[0].startswith("本方案的适用领域包括：渡口")
    assert "环保领域" in quotes[1]


def test_a_shortened_name_is_the_same_name(tmp_path: Path) -> None:
    assert disagreements(document(tmp_path, ("渔管", *NAMES[:11]), ("渔业管理", *NAMES[:11]))) == ()


def test_lists_that_agree_or_are_about_something_else_are_no_disagreement(tmp_path: Path) -> None:
    (tmp_path / "same").mkdir()
    (tmp_path / "other").mkdir()
    assert disagreements(document(tmp_path / "same", NAMES, NAMES)) == ()
    others = tuple(f"甲{character}" for character in "子丑寅卯辰巳午未申酉戌亥")
    assert disagreements(document(tmp_path / "other", others, NAMES)) == ()


@pytest.mark.parametrize(
    ("question", "row", "shown"),
    [("灯塔领域归谁管?", 2, True), ("船员领域归谁管?", 4, False), ("适用领域有几个?", None, True)],
)
def test_it_is_shown_where_the_answer_or_the_question_touches_it(
    tmp_path: Path, question: str, row: int | None, shown: bool
) -> None:
    text = document(tmp_path, NAMES, NAMES[:11])
    rows = [passage for passage in text.passages if passage.kind is PassageKind.TABLE_ROW]
    sentence = next(passage for passage in text.passages if "包括：" in text.source[passage.start : passage.end])
    passage = sentence if row is None else rows[row]
    assert bool(concerned(question, [(text, passage, (passage.start, passage.end))])) is shown
