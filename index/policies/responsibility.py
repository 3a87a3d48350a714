"""Notes of responsibility in running text: （责任单位：甲、乙；丙，2018年年底前完成）.

Rules:
* before the semicolon stand the leading units, after it those who cooperate; without a semicolon all of them lead;
* a last part that says when (…完成, …启动实施, 持续实施) is the deadline, never made up;
* the label may be followed by a semicolon by mistake (责任单位；); 牵头单位：…；配合单位：… is read as it says.
Spans are offsets into the source: ``source[start:end]`` is the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

Span = tuple[int, int]

_NOTE = re.compile(r"[（(](?:责任|牵头|负责|主办|实施|配合|协办)(?:单位|部门)[：:；;]")
_LEAD_LABEL = re.compile(r"^(?:责任|牵头|负责|主办|实施)(?:单位|部门)[：:；;]")
_COOPERATE_LABEL = re.compile(r"^(?:配合|协办|参与|参加|协助)(?:单位|部门)[：:；;]")
_DEADLINE = re.compile(
    r"[，,；;。]\s*((?:完成时[间限][：:])?[^，,；;。、（）]*?"
    r"(?:完成|启动实施|持续实施|持续推进|长期坚持|长期实施|实施|\d+[年月日]底?前?))$"
)
_PAIRS = {"（": "）", "〔": "〕", "(": ")", "[": "]", "“": "”"}


@dataclass(frozen=True, slots=True)
class Responsibility:
    """One note. ``span`` covers the brackets; an absent part is empty with an empty span."""

    lead: str
    cooperate: str
    deadline: str
    span: Span
    lead_span: Span
    cooperate_span: Span
    deadline_span: Span


def responsibilities(passage_text: str, offset: int = 0) -> list[Responsibility]:
    """The notes in ``passage_text``, in order; ``offset`` is where it begins in the source."""
    spans = note_spans(passage_text, 0, len(passage_text))
    return [_note(passage_text, start, end - 1, offset) for start, end in spans]


def note_spans(text: str, start: int, end: int) -> Iterator[Span]:
    """Where the notes of ``text[start:end]`` stand, brackets included; one that is not closed there is none."""
    for match in _NOTE.finditer(text, start, end):
        closing = _closing(text, match.start(), end)
        if closing is not None:
            yield match.start(), closing + 1


def _closing(text: str, start: int, end: int) -> int | None:
    """Position of the bracket that closes the one at ``start``."""
    stack: list[str] = []
    for at in range(start, end):
        char = text[at]
        if char in _PAIRS:
            stack.append(_PAIRS[char])
        elif stack and char == stack[-1]:
            stack.pop()
            if not stack:
                return at
    return None


def _note(text: str, start: int, end: int, offset: int) -> Responsibility:
    deadline = _deadline(text, start + 1, end)
    units_end = deadline[0] - 1 if deadline else end
    lead, cooperate = _sides(text, start + 1, units_end)
    cooperate = cooperate or (units_end, units_end)
    deadline = deadline or (end, end)
    return Responsibility(
        lead=text[slice(*lead)],
        cooperate=text[slice(*cooperate)],
        deadline=text[slice(*deadline)],
        span=(start + offset, end + 1 + offset),
        lead_span=(lead[0] + offset, lead[1] + offset),
        cooperate_span=(cooperate[0] + offset, cooperate[1] + offset),
        deadline_span=(deadline[0] + offset, deadline[1] + offset),
    )


def _deadline(text: str, start: int, end: int) -> Span | None:
    match = _DEADLINE.search(text[start:end])
    return (start + match.start(1), start + match.end(1)) if match else None


def _sides(text: str, start: int, end: int) -> tuple[Span, Span | None]:
    only_cooperates = _COOPERATE_LABEL.match(text[start:end])
    if only_cooperates:
        return (start, start), (start + only_cooperates.end(), end)
    label = _LEAD_LABEL.match(text[start:end])
    left = start + (label.end() if label else 0)
    middle = _outer_semicolon(text, left, end)
    if middle is None:
        return (left, end), None
    right = middle + 1
    second = _COOPERATE_LABEL.match(text[right:end])
    return (left, middle), (right + (second.end() if second else 0), end)


def _outer_semicolon(text: str, start: int, end: int) -> int | None:
    depth = 0
    for at in range(start, end):
        depth += (text[at] in _PAIRS) - (text[at] in _PAIRS.values())
        if depth == 0 and text[at] in "；;":
            return at
    return None
