"""Answers index/questions/carrying.py: experts' words go out and come in, each clause checked against the library."""

import json
from pathlib import Path

import pytest

from index.errors import QuestionError
from index.policies.library import Library
from index.policies.model import Document
from index.questions.approving import approve, counting, history
from index.questions.carrying import ImportReport, exported, import_lines, lines_of
from index.questions.store import QuestionStore
from tests.index.questions.conftest import NOW, answer, cited, confirmation

OPEN = "渡口每日六时至二十时开放。"


def load(store: QuestionStore, library: Library, *lines: object) -> ImportReport:
    written = [(number, json.dumps(one) if isinstance(one, dict) else str(one)) for number, one in enumerate(lines, 1)]
    return import_lines(store, library, written, by="李某", now=NOW)


def test_what_is_exported_can_be_imported_elsewhere_and_again(
    store: QuestionStore, library: Library, ferries: Document, tmp_path: Path
) -> None:
    approve(store, "渡口几点开放？", answer(cited(ferries, OPEN)))
    approve(store, "办证收钱吗？", confirmation(cited(ferries, "不收取费用")))
    (tmp_path / "words.jsonl").write_text("\n".join(exported(counting(history(store)))), encoding="utf-8")
    other = QuestionStore(tmp_path / "other.db")
    lines = lines_of(tmp_path / "words.jsonl")
    assert import_lines(other, library, lines, by="李某", now=NOW) == ImportReport(2, 0, ())
    assert import_lines(other, library, lines, by="李某", now=NOW) == ImportReport(0, 2, ())
    carried = counting(history(other))
    assert {one.word.by for one in carried} == {"李某"}
    assert [one.word.citations for one in carried] == [one.word.citations for one in counting(history(store))]


def test_a_file_may_name_articles_or_words(store: QuestionStore, library: Library, ferries: Document) -> None:
    report = load(
        store,
        library,
        {"question": "丢了证怎么办？", "citations": [{"document": ferries.id, "articles": "第四条"}]},
        {"question": "收钱吗？", "text": "不收。", "citations": [{"document": ferries.id[-8:], "quote": "不收取费用"}]},
    )
    assert report == ImportReport(2, 0, ())


def test_a_line_that_does_not_fit_is_named_and_the_others_land(
    store: QuestionStore, library: Library, ferries: Document
) -> None:
    good = {"question": "丢了证怎么办？", "citations": [{"document": ferries.id, "articles": "第四条"}]}
    clause = {"document": ferries.id, "start": 0, "end": 5}
    bad = (
        "{",
        "[" * 5000,
        "[]",
        {**good, "admin": True},
        {"question": "没有引用"},
        {**good, "citations": [{"document": "不存在-00000000", "quote": "x"}]},
        {**good, "citations": [clause | {"quote": "另外几个字"}]},
        {**good, "citations": [clause | {"start": "x"}]},
        {**good, "citations": []},
        {**good, "question": "？"},
        {**good, "text": "答复", "until": "明天"},
        {**good, "text": "答复", "until": "2020-01-01"},
    )
    report = load(store, library, *bad, good)
    assert (report.added, report.unchanged) == (1, 0)
    assert [number for number, _ in report.problems] == list(range(1, len(bad) + 1))
    assert all(problem.next_step for _, problem in report.problems)


def test_a_text_that_has_expired_cannot_be_approved_as_an_answer(
    store: QuestionStore, library: Library, tmp_path: Path
) -> None:
    (tmp_path / "old.txt").write_text(
        "云汀市旧办法（虚构样例）\n第一条 渡口夜间关闭。\n"
        "第二条 本办法自2020年1月1日起施行，有效期至2021年12月31日。\n",
        encoding="utf-8",
    )
    (old,) = library.add(tmp_path / "old.txt").documents
    line = {"question": "夜间开吗？", "citations": [{"document": old.id, "articles": "第一条"}]}
    report = load(store, library, {**line, "text": "不开。"}, line)
    assert report.added == 1
    ((number, problem),) = report.problems
    assert (number, problem.code) == (1, "APPROVAL_LAPSED")


def test_files_that_are_no_text_or_too_large_are_refused(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "many").write_text("{}\n" * 20_001)
    for name in ("absent", "binary", "many", "."):
        with pytest.raises(QuestionError):
            lines_of(tmp_path / name)
