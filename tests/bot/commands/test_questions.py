"""``chenghe questions``: what the expert types, and what comes of it."""

import json
import re
import shlex
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bot import clock
from bot.__main__ import parser
from index.questions.log import give_feedback, record
from index.questions.model import Feedback, Verdict
from index.questions.store import QuestionStore
from tests.index.questions.conftest import FERRIES, line
from tests.journeys.conftest import Chenghe

ASKED = "办理渡口许可收费吗？"
UNANSWERED = "渡口可以停车吗？"


@pytest.fixture
def office(chenghe: Chenghe, tmp_path: Path) -> Chenghe:
    """A library of one text, and two questions in the log: one answered, one not."""
    (tmp_path / "ferries.txt").write_text(FERRIES, encoding="utf-8")
    assert chenghe("policies", "add", tmp_path / "ferries.txt").status == 0
    for question in (ASKED, UNANSWERED):
        assert chenghe("ask", question, "--json").status == 0
    return chenghe


def document(office: Chenghe) -> str:
    return str(office("policies", "list", "--json").json[0]["id"])


def listed(office: Chenghe, *arguments: str) -> list[str]:
    return [entry["question"] for entry in office("questions", *arguments, "--json").json]


def number_of(office: Chenghe, question: str) -> int:
    return next(one["number"] for one in office("questions", "--all", "--json").json if one["question"] == question)


def test_the_bare_command_lists_what_was_not_answered(office: Chenghe) -> None:
    assert listed(office) == [UNANSWERED]
    assert listed(office, "list", "--unanswered") == [UNANSWERED]
    assert set(listed(office, "list", "--all")) == {ASKED, UNANSWERED}
    said = office("questions")
    assert UNANSWERED in said.out
    assert "chenghe questions answer N" in said.err
    assert office("questions", "list", "--all", "--limit", 1).out.count("\n") == 1


def test_an_empty_log_is_no_error(chenghe: Chenghe, tmp_path: Path) -> None:
    said = chenghe("questions")
    assert (said.status, said.out) == (0, "")
    assert "没有问题" in said.err
    assert not (tmp_path / "home" / "questions.db").exists()


def test_one_question_is_shown_with_all_that_happened_to_it(office: Chenghe) -> None:
    number = number_of(office, ASKED)
    office("questions", "confirm", number, "--by", "王某")
    shown = office("questions", "show", number, "--json").json
    assert [word["kind"] for word in shown["approvals"]] == ["confirm"]
    (asking,) = shown["askings"]
    assert asking["answered"]
    assert asking["channel"] == "terminal"
    assert asking["citations"][0]["quote"]
    for words in ("确认条文", "王某", asking["answer"].split("\n")[0]):
        assert words in office("questions", "show", number).out


def test_what_readers_said_puts_a_question_on_the_experts_list(office: Chenghe, tmp_path: Path) -> None:
    store = QuestionStore(tmp_path / "home" / "questions.db")
    kept = line(ASKED, answered=True, at=clock.now())
    record(store, kept)
    give_feedback(store, kept.ticket, Feedback(clock.now(), None, Verdict.USEFUL, ""))
    store.close()
    assert listed(office, "list", "--useful") == [ASKED]
    number = number_of(office, ASKED)
    assert office("questions", "confirm", number, "--cite", document(office), "第二条").status == 0
    assert listed(office, "list", "--useful") == []


def test_dismissed_and_retracted(office: Chenghe) -> None:
    number = number_of(office, UNANSWERED)
    assert office("questions", "dismiss", number).status == 0
    assert listed(office) == []
    assert office("questions", "retract", number, "--reason", "示例").status == 0
    assert listed(office) == [UNANSWERED]
    assert "示例" in office("questions", "show", number).out


def test_words_are_carried_as_a_file(office: Chenghe, tmp_path: Path) -> None:
    number = number_of(office, UNANSWERED)
    cite = (document(office), "第三条")
    assert office("questions", "answer", number, "--text", "停车不收费。", "--cite", *cite, "--by", "王某").status == 0
    assert office("questions", "export", "--out", tmp_path / "words.jsonl").status == 0
    (words,) = (tmp_path / "words.jsonl").read_text("utf-8").splitlines()
    assert json.loads(office("questions", "export").out) == json.loads(words)
    (tmp_path / "more.jsonl").write_text(f"{words}\n{{}}\n", encoding="utf-8")
    said = office("questions", "import", tmp_path / "more.jsonl", "--json")
    assert said.status == 1
    assert (said.json["added"], said.json["unchanged"]) == (0, 1)
    assert said.json["problems"][0]["line"] == 2


MISTAKES = (
    (("show", "99"), "QUESTION_UNKNOWN"),
    (("show", "x"), "USAGE"),
    (("confirm", "2"), "NOTHING_TO_CONFIRM"),
    (("confirm", "99"), "QUESTION_UNKNOWN"),
    (("answer", "2", "--text", "答", "--cite", "x", "--by", "王某"), "CITATION_UNREADABLE"),
    (("answer", "2", "--text", "答", "--cite", "x-00000000", "第一条", "--by", "王某"), "POLICY_UNKNOWN"),
    (("answer", "2", "--text", "答", "--by", "王某"), "USAGE"),
    (("purge", "--before", "2999-01-01"), "RETENTION_TOO_SHORT"),
    (("purge", "--before", "昨天"), "DAY_UNREADABLE"),
    (("import", "absent.jsonl"), "APPROVALS_UNREADABLE"),
    (("export", "--out", "/dev/null/x"), "CANNOT_WRITE"),
)


def test_mistakes_are_explained(office: Chenghe) -> None:
    for arguments, code in MISTAKES:
        said = office("questions", *arguments)
        assert (said.status, arguments) == (2, arguments)
        assert f"（{code}）" in said.err, arguments
        assert "下一步" in said.err


def test_an_answer_whose_last_day_is_over_cannot_be_given(office: Chenghe) -> None:
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    words = ("--text", "答", "--cite", document(office), "第三条", "--by", "王某", "--until", yesterday)
    assert "APPROVAL_LAPSED" in office("questions", "answer", number_of(office, UNANSWERED), *words).err


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    heavy = ("sqlalchemy", "whoosh", "numpy", "opencc", "alembic", "aiohttp", "jinja2", "docx")
    code = f"import sys; from bot.__main__ import parser; parser(); assert not set({heavy}) & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_commands_of_the_guide_are_commands() -> None:
    text = (Path(__file__).parents[3] / "docs" / "questions.md").read_text(encoding="utf-8")
    shown = [one for block in re.findall(r"```sh\n(.*?)```", text, re.S) for one in block.splitlines()]
    assert len(shown) >= 8
    for command in shown:
        name, *arguments = shlex.split(command, comments=True)
        assert name == "chenghe"
        assert parser().parse_args(arguments).command == "questions"


def test_the_lines_of_the_guide_can_be_imported(office: Chenghe, tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "docs" / "questions.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```json\n(.*?)```", text, re.S)
    lines = block.replace("某办法-1a2b3c4d", document(office)).replace("1a2b3c4d", document(office)[-8:])
    (tmp_path / "words.jsonl").write_text(lines.replace("第十四条", "第四条"), encoding="utf-8")
    said = office("questions", "import", tmp_path / "words.jsonl", "--by", "王某", "--json")
    assert said.json == {"added": 2, "unchanged": 0, "problems": []}


def test_a_log_that_cannot_be_written_is_said_and_the_answer_given_all_the_same(
    office: Chenghe, tmp_path: Path
) -> None:
    (tmp_path / "home" / "questions.db").unlink()
    for leftover in (tmp_path / "home").glob("questions.db*"):
        leftover.unlink()
    (tmp_path / "home" / "questions.db").write_bytes(b"no database" * 1000)
    said = office("ask", ASKED, "--json")
    assert said.status == 0
    assert said.json["answered"]
    assert "问题记录" in said.err
    assert "STORE_ERROR" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("show", "99999999999999999999"),
        ("show", "-1"),
        ("list", "--limit", "-3"),
        ("retract", "1", "--reason", " "),
        ("export", "--out", "/nowhere/words.jsonl"),
    ],
)
def test_wrong_input_gets_a_next_step(office: Chenghe, words: tuple[str, ...]) -> None:
    number_of(office, UNANSWERED)
    said = office("questions", *words)
    assert said.status != 0
    assert "下一步：" in said.err
    assert "Traceback" not in said.err
