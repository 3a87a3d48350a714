"""The benchmark from the command line, over a small part of the law corpus."""

import json
from pathlib import Path

import pytest

from index.search.bench import measuring
from index.search.bench.__main__ import main
from index.search.bench.corpus import read_rows
from index.search.bench.growth import altered

ENGINES = {"诚核 (whoosh + numpy)", "SQLite FTS5", "bm25s", "tantivy"}


@pytest.fixture
def files(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two hundred passages and questions of which some have their answer there."""
    monkeypatch.setattr(measuring, "ADDED_DOCUMENTS", 2)
    rows = read_rows(shared / "retrieval" / "law.corpus.jsonl.gz", 200)
    lines = [
        {"id": row.id, "text": f"{row.title}{row.text[:20]}", "relevant": [row.id], "split": "test"}
        for row in rows[::20]
    ]
    questions = tmp_path / "queries.jsonl"
    questions.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return [str(shared / "retrieval" / "law.corpus.jsonl.gz"), str(questions), "--passages", "200"]


def test_one_json_document_with_everything(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*files, "--confirmed", files[1], "--json"]) == 0
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert found["passages"] == 200
    assert set(found["built"]) == ENGINES
    assert found["quality"]["office"]["Finder"]["recall_10"] == 1.0
    assert all(one["recall_10"] > 0.8 for one in found["quality"]["plain"].values())
    assert [step["confirmed"] for step in found["learning"]] == [0, 8]
    assert found["adding"]["added"] == 2
    assert "tantivy" in printed.err


def test_a_peer_that_is_not_installed_is_named_and_left_out(
    files: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "ADDED_DOCUMENTS", 0)
    monkeypatch.setattr(measuring, "find_spec", lambda name: None if name == "tantivy" else object())
    assert main(files) == 0
    printed = capsys.readouterr()
    assert "未安装 tantivy" in printed.err
    assert "tantivy" not in printed.out
    assert "nDCG@10" in printed.out
    assert "交叉验证" not in printed.out
    assert "另一进程" not in printed.out
    assert "SQLite FTS5 很慢" in printed.out


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.jsonl"), str(tmp_path / "none.jsonl")]) == 2
    assert "none.jsonl" in capsys.readouterr().err


def test_altered_copies_have_ids_and_texts_of_their_own(shared: Path) -> None:
    rows = read_rows(shared / "retrieval" / "law.corpus.jsonl.gz", 50)
    copies = [row for row, _ in zip(altered(rows), range(150), strict=False)]
    assert copies[:50] == rows
    assert len({row.id for row in copies}) == 150
    assert sum(row.text != copies[place % 50].text for place, row in enumerate(copies[50:])) > 95
