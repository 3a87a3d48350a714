"""An expert's approved answer, put in the words and the shape of every other answer.

Rules:

* It says who approved it and when, and that its sentence is the office's wording, not the text's.
* Every clause is quoted exactly, with the status of its document on the day asked about.
"""

from datetime import date

from bot.assistant import wording
from bot.assistant.answer import Answer, Citation
from bot.assistant.evidence import headings
from index.policies.library import Library
from index.policies.model import Document, PassageKind
from index.questions.model import Approval, Cited

NEAR = "已有审核答复的相近问题（不是您所问的）："
"""Begins a suggestion whose rest is a question that can be asked."""
OURS = "（以上答复是本单位的表述，不是文件原文；以所引原文为准。）"


def approved_answer(approval: Approval, question: str, *, as_of: date, library: Library) -> Answer:
    """The approved answer as of a day on which it stands (``index.questions.standing``)."""
    sources = [(library.get(cited.document_id), cited) for cited in approval.word.citations]
    statuses = {document.id: library.status(document.id, as_of) for document, _ in sources}
    citations = tuple(
        Citation.of(document, _heading(document, cited), (cited.start, cited.end), statuses[document.id])
        for document, cited in sources
    )
    notices = wording.notices([(document, statuses[document.id]) for document, _ in sources])
    lines = (
        f"{_approved_by(approval)}{approval.word.text}",
        OURS,
        *(f"{wording.lead_in(citation)}{wording.quoted(citation.quote)}" for citation in citations),
        *notices,
    )
    return Answer(question, as_of, True, "\n".join(lines), citations, notices)


def _approved_by(approval: Approval) -> str:
    return f"经办人审核的答复（审核人：{approval.word.by}，{wording.chinese_day(approval.word.at.date())}）："


def _heading(document: Document, cited: Cited) -> tuple[str, ...]:
    """The heading path of the first passage the clause lies in that is more than a heading."""
    touched = [one for one in document.passages if one.start < cited.end and cited.start < one.end]
    leaves = [one for one in touched if one.kind not in (PassageKind.TITLE, PassageKind.HEADING)] or touched
    return headings(document, leaves[0])
