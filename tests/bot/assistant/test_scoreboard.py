import unicodedata
from datetime import date

import pytest

from bot.assistant.answer import Answer, Citation, Role, Turn
from bot.assistant.cases import Case
from bot.assistant.evaluate import Evaluation, judge
from bot.assistant.scoreboard import lines
from index.policies.library import Library
from index.policies.model import Document, State, Status

DAY = date(2026, 11, 21)
TEXT = """云汀市渡口收费办法（虚构样例）

第一条 渡口许可证有效期为三年。每年检验一次。
第二条 办理渡口许可不收取费用。
"""


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Document:
    folder = tmp_path_factory.mktemp("scores")
    path = folder / "ports.txt"
    path.write_text(TEXT, "utf-8")
    library = Library(folder / "library")
    library.add(path)
    return library.documents()[0]


def case(**more: object) -> Case:
    fields: dict[str, object] = {
        "id": "C1", "question": "渡口许可证管几年？", "as_of": None, "context": (), "facts": ("三年||3年",),
        "quote": None, "extra_quotes": (), "forbidden": (), "answerable": True, "kind": "how-long",
        "expiry_notice_required": False,
    }  # fmt: skip
    return Case(**{**fields, **more})  # type: ignore[arg-type]


def answer(document: Document, quote: str, text: str | None = None) -> Answer:
    start = document.source.index(quote)
    status = Status(State.UNSTATED, None, None)
    citation = Citation.of(document, ("第一条",), (start, start + len(quote)), status)
    return Answer("问", DAY, True, text or f"“{quote}”", (citation,), elapsed_ms=12.0)


def refused() -> Answer:
    return Answer("问", DAY, False, "没有写明，不能作答。", elapsed_ms=3.0)


def judged(asked: Case, given: Answer, document: Document) -> Evaluation:
    return Evaluation((judge(asked, given, {document.id: document}),))


def test_the_expected_quote_may_stand_beside_the_quoted_sentence_of_the_same_passage(ports: Document) -> None:
    asked = case(quote="渡口许可证有效期为三年", extra_quotes=("每年检验一次", "不收取费用"), facts=("每年",))
    tally = judged(asked, answer(ports, "每年检验一次。"), ports).tally()
    assert (tally.citation_right, tally.citation_shown, tally.extra_quotes_cited, tally.extra_quotes) == (1, 0, 1, 2)


def test_a_right_answer_that_cites_another_passage_is_listed(ports: Document) -> None:
    asked = case(quote="渡口许可证有效期为三年", facts=("费用",))
    evaluation = judged(asked, answer(ports, "办理渡口许可不收取费用。"), ports)
    assert evaluation.tally().right == 1
    assert [one.problems for one in evaluation.failures()] == [("引用的段落里没有应引的原文",)]


def test_a_missing_fact_and_a_forbidden_word_are_named(ports: Document) -> None:
    asked = case(facts=("五年||5年",), forbidden=("三年",))
    problems = judged(asked, answer(ports, "渡口许可证有效期为三年。"), ports).failures()[0].problems
    assert problems == ("缺少要点：五年 或 5年", "出现了不该有的内容：三年")


def test_an_answer_where_a_refusal_is_due_names_the_document_quoted(ports: Document) -> None:
    evaluation = judged(case(answerable=False, facts=()), answer(ports, "每年检验一次。"), ports)
    assert evaluation.tally().unanswerable_refused == 0
    assert "应当拒答，却作答" in evaluation.failures()[0].problems[0]


def test_an_expiry_notice_that_is_due_and_absent_makes_the_question_wrong(ports: Document) -> None:
    evaluation = judged(case(expiry_notice_required=True), answer(ports, "渡口许可证有效期为三年。"), ports)
    assert (evaluation.tally().notices_missing, evaluation.tally().right) == (1, 0)


def test_a_quote_that_is_not_the_text_makes_the_question_wrong(ports: Document) -> None:
    given = answer(ports, "渡口许可证有效期为三年。")
    citation = given.citations[0]
    moved = Citation(
        citation.document, None, (), citation.quote, citation.source, citation.start + 1, citation.end, citation.status
    )
    evaluation = judged(case(), Answer("问", DAY, True, "三年", (moved,)), ports)
    assert evaluation.failures()[0].problems == ("引文与原文不是逐字一致",)


def test_the_report_names_figures_types_and_every_failure_with_its_question(ports: Document) -> None:
    turn = Turn(Role.USER, "渡口许可怎么办？")
    right = judge(case(), answer(ports, "渡口许可证有效期为三年。"), {ports.id: ports})
    failed = judge(case(id="C2", kind="fee", question="那要交钱吗？", context=(turn,)), refused(), {ports.id: ports})
    text = "\n".join(lines(Evaluation((right, failed))))
    assert "1/2（50%）" in text
    assert (
        "C2 〔收费〕那要交钱吗？\n    上文：渡口许可怎么办？\n    问题：没有作答\n    拒答：没有写明，不能作答。"
        in text
    )
    assert "C1" not in text
    assert "p50 3 ms" in text


def test_columns_start_at_the_same_place_on_a_terminal(ports: Document) -> None:
    kinds = ("how-long", "fee", "自定的一种类型")
    outcomes = tuple(judge(case(kind=kind), refused(), {ports.id: ports}) for kind in kinds)
    text = list(lines(Evaluation(outcomes)))
    table = text[text.index("") + 1 : text.index("") + 5]
    places = {_shown(line[: line.index(line.split()[1], len(line.split()[0]))]) for line in table}
    assert len(places) == 1


def test_an_evaluation_of_right_answers_has_no_list_of_failures(ports: Document) -> None:
    evaluation = judged(case(), answer(ports, "渡口许可证有效期为三年。"), ports)
    assert not any("没有全对" in line for line in lines(evaluation))


def test_nothing_in_an_evaluation_is_lost_as_json(ports: Document) -> None:
    document = judged(case(), refused(), ports).to_json()
    assert document["questions"][0]["ask"]["answered"] is False
    assert document["summary"]["by_type"]["how-long"]["answerable_refused"] == 1


def _shown(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def test_percentiles_are_nearest_rank(ports: Document) -> None:
    times = [Answer("问", DAY, False, "没有", elapsed_ms=float(n)) for n in range(1, 21)]
    evaluation = Evaluation(tuple(judge(case(), one, {ports.id: ports}) for one in times))
    assert evaluation.latency() == {"p50_ms": 10.0, "p95_ms": 19.0, "max_ms": 20.0}
