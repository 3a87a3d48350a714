"""A question on its way, as a transcript: refused, listed, answered by an expert, asked again, its source replaced.

The text is fictional.
"""

from pathlib import Path

from tests.index.questions.conftest import FERRIES
from tests.journeys.conftest import Chenghe

QUESTION = "船票能在网上退吗？"
AGAIN = "您好，请问船票可不可以在网上退？"


def add(chenghe: Chenghe, folder: Path, text: str) -> str:
    (folder / "ferries.txt").write_text(text, encoding="utf-8")
    said = chenghe("policies", "add", folder / "ferries.txt", "--json")
    assert said.status == 0, said.err
    return str(said.json[0]["documents"][0]["id"])


def test_from_a_refusal_to_an_approved_answer_and_back_when_its_source_changes(
    chenghe: Chenghe, tmp_path: Path
) -> None:
    document = add(chenghe, tmp_path, FERRIES)

    first = chenghe("ask", QUESTION, "--json").json
    assert not first["answered"]

    (entry,) = chenghe("questions", "--json").json
    assert (entry["question"], entry["asked"], entry["answered"]) == (QUESTION, 1, False)

    said = chenghe(
        "questions", "answer", entry["number"],
        "--text", "船票不在网上退，许可事项不收费。", "--cite", document, "第三条", "--by", "王某",
    )  # fmt: skip
    assert said.status == 0, said.err
    assert chenghe("questions", "--json").json == []

    again = chenghe("ask", AGAIN, "--json").json
    assert again["answered"]
    assert again["answer"].startswith("经办人审核的答复（审核人：王某，")
    assert "本单位的表述" in again["answer"]
    (citation,) = again["citations"]
    assert citation["quote"] == "办理渡口许可不收取费用。"
    assert Path(citation["source"]).read_text("utf-8")[citation["start"] : citation["end"]] == citation["quote"]
    assert citation["status"]["state"] == "in_force"

    other = chenghe("ask", "船票不能在网上退吗？", "--json").json
    assert "经办人审核" not in other["answer"]
    later = chenghe("ask", AGAIN, "--as-of", "2031-01-01", "--json").json
    assert "经办人审核" not in later["answer"]

    add(chenghe, tmp_path, FERRIES.replace("不收取费用", "收取费用十元"))
    assert not chenghe("ask", AGAIN, "--json").json["answered"]
    (stale,) = chenghe("questions", "list", "--stale", "--json").json
    assert stale["question"] == QUESTION
    assert stale["approvals"][0]["lapse"] == "source_gone"
    assert QUESTION in [entry["question"] for entry in chenghe("questions", "--json").json]

    document = add(chenghe, tmp_path, FERRIES.replace("六时", "七时"))
    listed = chenghe("questions", "list", "--stale").out
    place = listed.split("现见于 ")[1].split()[0]
    assert place.startswith(document)
    said = chenghe("questions", "answer", entry["number"], "--text", "不退。", "--cite", place, "--by", "王某")
    assert said.status == 0, said.err
    assert "不退。" in chenghe("ask", AGAIN).out
    assert chenghe("questions", "list", "--stale", "--json").json == []


def test_what_an_expert_confirms_the_search_finds_first(chenghe: Chenghe, tmp_path: Path) -> None:
    document = add(chenghe, tmp_path, FERRIES)
    words = "渡口的本子不见了咋整"

    def first() -> str:
        return str(chenghe("search", words, "--json").json[0]["text"])

    assert "补发" not in first()
    chenghe("ask", words, "--json")
    (entry,) = chenghe("questions", "list", "--all", "--json").json
    assert chenghe("questions", "confirm", entry["number"], "--cite", document, "第四条").status == 0
    assert "可以申请补发" in first()
    assert chenghe("questions", "retract", entry["number"], "--reason", "示例").status == 0
    assert "补发" not in first()
