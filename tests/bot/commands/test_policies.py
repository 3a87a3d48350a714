"""``chenghe policies``: files land or are named, the index follows, the library can be read."""

import json
from pathlib import Path

import pytest

from bot.__main__ import main
from index.policies.readers.formats import READABLE

RULES = """示例市窗口服务办法
第一条 窗口每周一至周五开放。
第二条 本办法自2026年1月1日起施行，有效期至2030年12月31日。
"""


def run(home: Path, *arguments: object) -> int:
    return main([*map(str, arguments), "--home", str(home)])


def test_a_broken_file_is_named_once_and_the_others_land(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "good.txt").write_text(RULES, encoding="utf-8")
    (tmp_path / "broken.docx").write_bytes(b"PK\x03\x04 nothing")
    assert run(tmp_path / "home", "policies", "add", tmp_path / "good.txt", tmp_path / "broken.docx") == 1
    said = capsys.readouterr().err
    assert said.count("broken.docx") == 1
    assert "下一步" in said
    assert run(tmp_path / "home", "policies", "list", "--json") == 0
    assert [entry["title"] for entry in json.loads(capsys.readouterr().out)] == ["示例市窗口服务办法"]


def test_adding_again_changes_nothing_and_a_removed_text_answers_no_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good.txt").write_text(RULES, encoding="utf-8")
    outcomes = []
    for _ in range(2):
        assert run(tmp_path / "home", "policies", "add", tmp_path / "good.txt", "--json") == 0
        (added,) = json.loads(capsys.readouterr().out)
        outcomes.append(added["outcome"])
    assert outcomes == ["added", "unchanged"]

    document = added["documents"][0]["id"]
    assert run(tmp_path / "home", "policies", "remove", document) == 0
    capsys.readouterr()
    assert run(tmp_path / "home", "search", "窗口", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []


def test_the_quote_on_the_command_line_can_be_opened_at_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good.txt").write_text(RULES, encoding="utf-8")
    run(tmp_path / "home", "policies", "add", tmp_path / "good.txt")
    capsys.readouterr()
    assert run(tmp_path / "home", "ask", "示例市窗口服务办法有效期到哪天？", "--as-of", "2026-11-22", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["answered"], answer["answer"]
    for citation in answer["citations"]:
        source = Path(citation["source"]).read_text(encoding="utf-8")
        assert source[citation["start"] : citation["end"]] == citation["quote"]


def test_an_unknown_id_is_an_error_with_a_next_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "home", "policies", "show", "nope") == 2
    assert "下一步" in capsys.readouterr().err


def test_check_proves_repairs_and_says_what_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "good.txt").write_text(RULES, encoding="utf-8")
    run(tmp_path / "home", "policies", "add", tmp_path / "good.txt", "--json")
    (added,) = json.loads(capsys.readouterr().out)
    folder = tmp_path / "home" / "library" / added["documents"][0]["id"]

    assert run(tmp_path / "home", "policies", "check", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"documents": 1, "passages": 3, "ok": True, "findings": []}

    (folder / "source.txt").write_text("改动", "utf-8")
    assert run(tmp_path / "home", "policies", "check") == 0
    assert "已修复" in capsys.readouterr().err

    (folder / "raw.txt").unlink()
    (folder / "source.txt").write_text("改动", "utf-8")
    assert run(tmp_path / "home", "policies", "check", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert not found["ok"]
    assert [(one["fault"], one["repaired"], bool(one["next_step"])) for one in found["findings"]][:1] == [
        ("broken", False, True)
    ]


def test_show_tells_the_standing_the_relations_and_the_piece_of_the_original(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = "示例市窗口服務辦法\n第一條 窗口每週一至週五開放(fàng)。\n第二條 本辦法自2025年1月1日起施行。\n"
    (tmp_path / "old.txt").write_text(old, encoding="utf-8")
    (tmp_path / "new.txt").write_text(RULES + "第三条 《示例市窗口服务办法》即行废止。\n", encoding="utf-8")
    run(tmp_path / "home", "policies", "add", tmp_path / "old.txt", tmp_path / "new.txt", "--json")
    first, second = (one["documents"][0]["id"] for one in json.loads(capsys.readouterr().out))

    assert run(tmp_path / "home", "policies", "show", second) == 0
    assert "废止：《示例市窗口服务办法》" in capsys.readouterr().out
    assert run(tmp_path / "home", "policies", "show", first, "--as-of", "2026-01-01") == 0
    said = capsys.readouterr().out
    assert "已废止" in said
    assert "被《示例市窗口服务办法》废止" in said

    assert run(tmp_path / "home", "policies", "show", first, "--raw", "10", "26") == 0
    assert "第一條 窗口每週一至週五開放(fàng)" in capsys.readouterr().out
    assert run(tmp_path / "home", "policies", "show", first, "--raw", "10", "9999") == 1
    assert "没有" in capsys.readouterr().err


def test_a_folder_gives_all_readable_formats_and_names_what_is_broken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "文件"
    (folder / "下级.docx").mkdir(parents=True)
    (folder / "甲.html").write_text(
        f"<html><body><p>{'</p><p>'.join(RULES.split())}</p></body></html>", encoding="utf-8"
    )
    (folder / "乙.md").write_text(RULES.replace("窗口服务", "大厅服务"), encoding="utf-8")
    (folder / "丙.pdf").write_bytes(b"%PDF-1.7 nothing")
    (folder / "~$丁.docx").write_bytes(b"lock")
    (folder / "戊.png").write_bytes(b"no text")
    assert run(tmp_path / "home", "policies", "add", folder, "--json") == 1
    added = json.loads(capsys.readouterr().out)
    outcomes = {Path(file["file"]).name: file["outcome"] for file in added}
    assert outcomes == {"丙.pdf": "failed", "乙.md": "added", "甲.html": "added"}
    assert {one["title"] for file in added for one in file["documents"]} == {"示例市窗口服务办法", "示例市大厅服务办法"}


def test_a_folder_without_readable_files_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "空").mkdir()
    assert run(tmp_path / "home", "policies", "add", tmp_path / "空") == 1
    assert "没有可读取的文件" in capsys.readouterr().err


def test_the_help_of_adding_names_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["policies", "add", "--help"])
    said = "".join(capsys.readouterr().out.split())
    assert all(suffix[1:] in said for suffix in READABLE)
