"""Files of the benchmark become documents; bad ones are named."""

import gzip
import json
from pathlib import Path

import pytest

from index.search.bench.corpus import BenchError, Question, as_corpus, read_questions, read_rows

LINES = [
    {"id": "a", "title": "甲法（虚构）", "path": ["第一章"], "art": "第一条", "text": "渡船每年检验。"},
    {"id": "b", "title": "乙法（虚构）", "path": [], "art": "第一条", "text": "种子不收费。"},
    {"id": "c", "title": "甲法（虚构）", "path": ["第二章"], "art": "第二条", "text": "夜间停航。"},
]


def written(path: Path, lines: list[object]) -> Path:
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("name", ["corpus.jsonl", "corpus.jsonl.gz"])
def test_one_document_for_each_title_with_its_passages_in_order(tmp_path: Path, name: str) -> None:
    corpus = as_corpus(read_rows(written(tmp_path / name, [*LINES])))
    first, second = corpus.documents
    assert (first.title, second.title) == ("甲法（虚构）", "乙法（虚构）")
    assert [first.source[one.start : one.end] for one in first.passages] == ["渡船每年检验。\n", "夜间停航。\n"]
    assert first.passages[1].heading == ("甲法（虚构）", "第二章", "第二条")
    assert corpus.places == {"a": (first.id, 0), "b": (second.id, 0), "c": (first.id, 1)}
    assert corpus.relevant(Question("1", "?", frozenset({"c", "gone"}))) == {(first.id, 1), "gone"}


def test_a_line_without_what_is_needed_is_named(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="line 2"):
        read_questions(written(tmp_path / "q.jsonl", [{"id": 1, "text": "?", "relevant": ["a"]}, {"id": 2}]))


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{", b"[]\n", b"\x1f\x8b\x08damage"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    for name in ("q.jsonl", "q.jsonl.gz"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BenchError, match=name):
            read_questions(tmp_path / name)


def test_questions_without_an_answer_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="question 7"):
        read_questions(written(tmp_path / "q.jsonl", [{"id": 7, "text": "?", "relevant": []}]))
    with pytest.raises(BenchError, match="no questions"):
        read_questions(written(tmp_path / "q.jsonl", []))


def test_ids_that_are_there_twice_are_refused() -> None:
    with pytest.raises(BenchError, match="distinct"):
        as_corpus([*read_rows_of("a"), *read_rows_of("a")])


def read_rows_of(name: str) -> list:
    from index.search.bench.corpus import Row

    return [Row(name, "甲法（虚构）", (), "", "渡船。")]
