from datetime import date

import pytest

from bot.assistant.answer import Answer, Citation
from index.policies.model import Document, State, Status, Validity

TODAY = date(2026, 11, 21)
IN_FORCE = Status(State.IN_FORCE, date(2025, 3, 1), date(2030, 2, 28), repealed_by=None)
DOCUMENT = Document(
    "ports", "云汀市渡口管理办法（虚构）", "云政发〔2025〕3号", None, None, "云汀", None,
    "第一条 渡口，是指供渡船停靠的场所。", (), Validity(), "ports.txt", "0" * 64,
)  # fmt: skip


def test_a_citation_quotes_the_source_byte_for_byte() -> None:
    citation = Citation.of(DOCUMENT, ("第一条",), (4, 18), IN_FORCE)
    assert citation.quote == DOCUMENT.source[4:18] == "渡口，是指供渡船停靠的场所。"[:14]


@pytest.mark.parametrize("span", [(-1, 3), (3, 3), (5, 2), (0, 10_000)])
def test_a_citation_outside_the_source_cannot_be_built(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError):
        Citation.of(DOCUMENT, (), span, IN_FORCE)


def test_an_answer_without_citation_cannot_be_built() -> None:
    with pytest.raises(ValueError):
        Answer("问", TODAY, True, "答")


def test_a_refusal_with_a_citation_cannot_be_built() -> None:
    with pytest.raises(ValueError):
        Answer("问", TODAY, False, "不知", (Citation.of(DOCUMENT, (), (0, 3), IN_FORCE),))


def test_json_has_exactly_the_keys_of_the_design() -> None:
    answer = Answer("问", TODAY, True, "答", (Citation.of(DOCUMENT, ("第一条",), (4, 9), IN_FORCE),), elapsed_ms=1.5)
    entry = answer.to_json()
    assert list(entry) == [
        "question", "as_of", "answered", "answer", "citations", "notices", "suggestions", "elapsed_ms",
    ]  # fmt: skip
    assert entry["citations"] == [
        {
            "document": "云汀市渡口管理办法（虚构）",
            "document_number": "云政发〔2025〕3号",
            "heading": ["第一条"],
            "quote": "渡口，是指",
            "source": "ports",
            "start": 4,
            "end": 9,
            "status": {"state": "in_force", "effective_from": "2025-03-01", "effective_to": "2030-02-28"},
        }
    ]
