"""What a refusal says and shows: the phrases the texts lack, and the closest clauses, labelled as no answer.

Rules:

* A phrase is named as it stands in the question; leftovers of one character and function words are never named.
* What no text of the searched documents holds is “没有提到”; otherwise the texts do not state the kind asked for.
* A clause shown is a whole sentence or a table row that holds enough of what was asked and the texts mention at all;
  a heading alone is none.
* A clause of a text that is not in force says so.
* At most three, from different passages, none when nothing is close.
"""

from collections.abc import Callable, Sequence

from bot.assistant import wording
from bot.assistant.evidence import Evidence
from bot.assistant.matching import Match
from bot.assistant.pieces import Piece, names_something
from bot.assistant.question import Ask
from bot.assistant.tables import row_number, row_sentence
from index.policies.model import Document, State

SUGGESTIONS = 3
SUGGESTION_CHARACTERS = 120
CLOSE = 0.45
"""Below this share of what was asked (by weight, by place) a clause is not close."""
NAMED_PHRASES = 3
LEAST_NAMED = 0.4
"""Weight of a lone verb of the clause that asks."""
_SENTENCE_ENDS = ("。", "!", "?", ";", '。"', "。)")
_NOT_IN_FORCE = (State.EXPIRED, State.REPEALED, State.NOT_YET)


def phrases(pieces: Sequence[Piece], text: str) -> tuple[str, ...]:
    """The pieces as phrases of the question: neighbours in ``text`` are one phrase, leftovers are left out."""
    joined: list[str] = []
    for piece in pieces:
        if joined and joined[-1] + piece.text in text:
            joined[-1] += piece.text
        else:
            joined.append(piece.text)
    return tuple(dict.fromkeys(phrase for phrase in joined if names_something(phrase)))[:NAMED_PHRASES]


def refusal(ask: Ask, lacking: str, scope: str, mentioned: Callable[[Piece], bool]) -> str:
    """What the texts do not say about the matter of ``ask``."""
    unnamed = [piece for piece in ask.content if piece.weight >= LEAST_NAMED and not mentioned(piece)]
    unknown = phrases(unnamed, ask.text)
    if unknown:
        return wording.not_mentioned(unknown, scope)
    return wording.refusal(matter(ask), lacking, scope)


def matter(ask: Ask) -> tuple[str, ...]:
    """What the clause that asks is about; what the rest of the question tells of only where that names nothing."""
    own = [piece for piece in ask.content if not piece.told]
    return phrases(own, ask.text) or phrases(ask.content or ask.pieces, ask.text)


def closest(ask: Ask, matches: Sequence[Match], state: Callable[[Document], State]) -> tuple[str, ...]:
    """The clauses nearest to what was asked; none when ``ask``, left with what the texts mention, names no matter."""
    if not phrases(ask.content, ask.text):
        return ()
    close = [match for match in matches if match.held >= CLOSE and _is_clause(match.evidence)]
    passages: dict[tuple[str, int], Evidence] = {}
    for match in sorted(close, key=lambda match: (-match.held, -match.score)):
        passages.setdefault((match.evidence.document.id, match.evidence.passage.number), match.evidence)
    shown = (_shown(unit, state(unit.document)) for unit in list(passages.values())[: SUGGESTIONS * 2])
    return tuple(dict.fromkeys(shown))[:SUGGESTIONS]


def _is_clause(unit: Evidence) -> bool:
    """A row or a whole sentence: no note of responsibilities alone, no line 附件：…, no date or address line."""
    return unit.row or (not unit.note and unit.text.endswith(_SENTENCE_ENDS))


def _shown(unit: Evidence, state: State) -> str:
    title = unit.document.title
    document = title if title.startswith("《") else f"《{title}》"
    label = f"（{state.label}）" if state in _NOT_IN_FORCE else ""
    words = f"{row_number(unit.passage)} {row_sentence(unit.passage)}" if unit.row else _quote(unit)
    return f"{wording.CLOSEST}{document}{label}{' '.join(unit.heading)}：{_shortened(words.strip())}"


def _quote(unit: Evidence) -> str:
    return unit.document.source[slice(*unit.span)]


def _shortened(text: str) -> str:
    """Cut after a sentence, else after a clause, else after a fixed length."""
    line = "".join(text.split("\n"))
    if len(line) <= SUGGESTION_CHARACTERS:
        return line
    for mark in "。；，、":
        end = line.rfind(mark, SUGGESTION_CHARACTERS // 3, SUGGESTION_CHARACTERS)
        if end > 0:
            return line[: end + 1] if mark == "。" else f"{line[:end]}……"
    return f"{line[:SUGGESTION_CHARACTERS]}……"
