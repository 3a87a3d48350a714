"""How answers are printed, and how a set of questions is measured (``bot.commands.asking``)."""

import json
from datetime import date
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.assistant.answer import Answer, Citation
from bot.commands.asking import print_answer
from index.policies.model import State, Status

DAY = date(2026, 11, 21)
NOTICE = "该文件有效期至2026年8月31日，已届满，以下供参考，请核实有无延期或新文件。"


def _answer(text: str, notice: str) -> Answer:
    status = Status(State.EXPIRED, None, date(2026, 8, 31))
    citation = Citation("云汀市渡口管理办法（虚构）", None, ("第一条",), "渡口免费。", "渡口", 0, 5, status)
    return Answer("渡口收费吗？", DAY, True, text, (citation,), (notice,))


@pytest.mark.parametrize("text", [f"{NOTICE}\n渡口免费。", "渡口免费。"])
def test_a_notice_is_printed_once(capsys: pytest.CaptureFixture[str], text: str) -> None:
    print_answer(_answer(text, NOTICE))
    assert capsys.readouterr().out.count("已届满，以下供参考") == 1


RULES = """云汀市渡口收费办法（虚构样例）
第一条 办理渡口许可不收取费用。
第二条 渡口许可证有效期为三年。
第三条 本办法自2025年3月1日起施行，有效期至2030年2月28日。
"""
RIGHT = {
    "id": "A1", "question": "渡口许可证有效期多久？", "answerable": True, "type": "how-long", "answer_facts": ["三年"],
    "source_quote": "渡口许可证有效期为三年",
}  # fmt: skip
WRONG = {**RIGHT, "id": "A2", "answer_facts": ["五年"]}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "rules.txt").write_text(RULES, encoding="utf-8")
    assert main(["policies", "add", str(tmp_path / "rules.txt"), "--home", str(tmp_path / "home")]) == 0
    return tmp_path / "home"


def measured(home: Path, *questions: dict[str, object], json_wanted: bool = False) -> int:
    path = home.parent / "questions.jsonl"
    path.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in questions), encoding="utf-8")
    options = ["--json"] if json_wanted else []
    return main(["evaluate", str(path), *options, "--as-of", "2026-11-21", "--home", str(home)])


def test_an_evaluation_is_0_when_all_is_right_and_1_with_the_failures_listed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert measured(home, RIGHT) == 0
    assert "没有全对" not in capsys.readouterr().out
    assert measured(home, RIGHT, WRONG) == 1
    out = capsys.readouterr().out
    assert "1/2（50%）" in out
    assert "A2 〔期限〕渡口许可证有效期多久？" in out
    assert "缺少要点：五年" in out


def test_an_evaluation_as_json_holds_every_ask(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert measured(home, RIGHT, WRONG, json_wanted=True) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["summary"]["wrong"] == ["A2"]
    assert [entry["ask"]["citations"][0]["quote"] for entry in document["questions"]] == [
        "渡口许可证有效期为三年。"
    ] * 2


@pytest.mark.parametrize("content", ["", "{", '{"id": "1", "question": 5, "answerable": true}'])
def test_a_question_file_that_cannot_be_measured_is_an_error(
    home: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    path = home.parent / "broken.jsonl"
    path.write_text(content, encoding="utf-8")
    assert main(["evaluate", str(path), "--home", str(home)]) == 2
    assert "下一步" in capsys.readouterr().err


def test_an_empty_library_cannot_be_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert measured(tmp_path / "empty", RIGHT) == 2
    assert "policies add" in capsys.readouterr().err


def test_the_day_of_the_answer_can_be_given_or_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    days = []
    for words in (["渡口收费办法有效吗", "--as-of", "2031-05-01"], ["2031年5月1日的时候渡口收费办法有效吗"]):
        assert main(["ask", *words, "--json", "--home", str(home)]) == 0
        answer = json.loads(capsys.readouterr().out)
        days.append(answer["as_of"])
        assert any("已届满" in notice for notice in answer["notices"])
    assert days == ["2031-05-01", "2031-05-01"]
