"""The lists of ../shared/domain against the library as it is stored and read back: every row, every note."""

import csv
from datetime import date
from pathlib import Path

import pytest

from index.policies.dates import day_in
from index.policies.library import Library
from index.policies.model import Document, Passage, PassageKind
from index.policies.responsibility import responsibilities

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def stored(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Document, ...]:
    """Written by one library, read by another."""
    folder = tmp_path_factory.mktemp("lists") / "library"
    added = Library(folder).add_files(sorted((shared / "corpus/raw").glob("*.txt")))
    assert [one.problem for one in added] == [None] * 5
    return Library(folder).documents()


def rows(documents: tuple[Document, ...], title: str) -> list[dict[str, str]]:
    (document,) = (one for one in documents if title in one.title)
    return [dict(one.columns) for one in document.passages if one.kind is PassageKind.TABLE_ROW]


def listed(shared: Path, name: str) -> list[dict[str, str]]:
    with (shared / "domain" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def texts(document: Document, passages: tuple[Passage, ...]) -> str:
    return "".join(document.source[one.start : one.end] for one in passages)


def test_passages_as_stored_are_the_text_and_cells_are_quotes(stored: tuple[Document, ...]) -> None:
    assert len(stored) == 8
    for document in stored:
        assert texts(document, document.passages) == document.source
        for one in document.passages:
            assert [document.source[left:right] for left, right in one.spans] == [text for _, text in one.columns]


def test_the_45_domains(stored: tuple[Document, ...], shared: Path) -> None:
    found, wanted = rows(stored, "代替有无违法违规记录证明"), listed(shared, "domains.csv")
    assert len(found) == len(wanted) == 45
    for row, want in zip(found, wanted, strict=True):
        note = f"（{want['domain_note']}）" if want["domain_note"] else ""
        assert (row["序号"], row["领域"], row["实施批次"]) == (want["no"], want["domain"] + note, want["batch"])
        assert day_in(row["实施时间"]) == date.fromisoformat(want["effective_date"])
        assert all(unit in row["责任单位"] for unit in want["responsible_units"].split(";"))
        assert want["unit_note"] in row["责任单位"] or row["责任单位"] == want["responsible_units"]


def test_the_19_tasks(stored: tuple[Document, ...], shared: Path) -> None:
    wanted = [row for row in listed(shared, "tasks.csv") if row["source"] == "004a"]
    titles = {one.title for one in stored if any("工作任务" in dict(row.columns) for row in one.passages)}
    (title,) = titles
    found = [(row["序号"], row["工作任务"], row["牵头单位"], row.get("配合单位", "")) for row in rows(stored, title)]
    assert len(found) == 19
    assert found == [(want["no"], want["task"], want["lead"], want["cooperate"]) for want in wanted]


def test_the_29_notes_of_responsibility(stored: tuple[Document, ...], shared: Path) -> None:
    found = {
        (one.heading[-1].lstrip("0123456789.、"), note.lead, note.cooperate, note.deadline)
        for document in stored
        for one in document.passages
        for note in responsibilities(document.source[one.start : one.end], one.start)
    }
    wanted = [row for row in listed(shared, "tasks.csv") if row["source"] != "004a"]
    assert len(wanted) == 29
    assert found == {(want["task"], want["lead"], want["cooperate"], want["deadline"]) for want in wanted}
