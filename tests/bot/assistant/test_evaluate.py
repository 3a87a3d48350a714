import json
from pathlib import Path

import pytest

from bot.assistant.cases import read_cases
from bot.assistant.engine import Assistant
from bot.assistant.evaluate import comparable, evaluate
from index.errors import PolicyError
from index.policies.library import Library
from tests.bot.assistant.conftest import TODAY


def _file(path: Path, *entries: dict[str, object]) -> Path:
    path.write_text("\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries), "utf-8")
    return path


def test_facts_quotes_refusals_and_notices_are_counted(yunting: tuple[Assistant, Library], tmp_path: Path) -> None:
    assistant, library = yunting
    path = _file(
        tmp_path / "questions.jsonl",
        {"id": "1", "question": "渡口许可证管几年？", "answerable": True, "type": "how-long",
         "answer_facts": ["三年||3年"], "source_quote": "渡口许可证有效期为三年"},
        {"id": "2", "question": "种子抽检由谁牵头？", "answerable": True, "answer_facts": ["市农业局"],
         "expiry_notice_required": True, "as_of": "2026-11-21"},
        {"id": "3", "question": "种子抽检收费吗？", "answerable": False},
        {"id": "4", "question": "渡船多久检验一次？", "answerable": True, "answer_facts": ["每两年"]},
    )  # fmt: skip
    evaluation = evaluate(assistant, library, read_cases(path), as_of=TODAY)
    summary = evaluation.summary()
    assert (summary["answerable_right"], summary["unanswerable_refused"], summary["wrong"]) == (2, 1, ["4"])
    assert evaluation.outcomes[0].quote_cited is True
    assert evaluation.outcomes[1].notice_given is True
    assert json.loads(json.dumps(evaluation.to_json()))["questions"][0]["ask"]["answered"] is True


def test_a_forbidden_word_makes_an_answer_wrong(yunting: tuple[Assistant, Library], tmp_path: Path) -> None:
    assistant, library = yunting
    entry = {
        "id": "1",
        "question": "渡口许可证管几年？",
        "answerable": True,
        "answer_facts": ["三年"],
        "forbidden": ["三年"],
    }
    evaluation = evaluate(assistant, library, read_cases(_file(tmp_path / "q.jsonl", entry)), as_of=TODAY)
    assert evaluation.summary()["answerable_right"] == 0


def test_facts_are_compared_folded() -> None:
    assert comparable("盐政发〔2019〕75号 “免费”") == comparable('鹽政發［２０１９］75號"免費"')


@pytest.mark.parametrize("content", [b"{}", b"\xff\xfe", b"[1]", b'{"id": 1'])
def test_a_broken_question_file_is_named_with_the_next_step(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_bytes(content)
    with pytest.raises(PolicyError) as caught:
        read_cases(path)
    assert caught.value.code == "QUESTIONS_UNREADABLE"
    assert "broken.jsonl" in caught.value.message
