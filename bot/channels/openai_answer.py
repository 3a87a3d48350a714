"""An answer in OpenAI's form: a text with numbered sources, each of which opens the policy text at the quote.

* ``[1]`` stands behind the words it proves; under the answer each number has document, clause and status.
* ``annotations`` are OpenAI's ``url_citation``; ``start_index`` and ``end_index`` count characters (code points) of the
  text and mark the number. Our own ``chenghe`` inside each has the quote and its exact span in the library's text.
* The pieces of a stream, put together, are the same text.

Source: OpenAI API reference (chat completion object, annotations); design §8 (citations).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.assistant.answer import Answer, Citation

Address = Callable[[Citation], str]
"""Where a reader opens a citation."""
_PIECE = re.compile(r"[^。；！？\n]{0,200}(?:[。；！？][”」』）]*|\n+)?")
_OPENING, _CLOSING = frozenset("“「『"), "”」』"


@dataclass(frozen=True, slots=True)
class Written:
    text: str
    annotations: tuple[dict[str, Any], ...]


def written(answer: Answer, address: Address) -> Written:
    """The whole message."""
    places = _behind_quotes(answer)
    body, marks = _with_marks(answer.answer, places)
    notices = [f"提示：{notice}" for notice in answer.notices if notice not in answer.answer]
    parts = [body, "\n".join(notices)] if notices else [body]
    text = "\n\n".join(parts)
    for number, citation in enumerate(answer.citations, 1):
        text += "\n" if number > 1 else "\n\n"
        marks.setdefault(number, len(text))
        text += f"{_mark(number)} {_source(citation, quoted=number not in places)}\n{address(citation)}"
    also = [f"可以这样问：{suggestion}" for suggestion in answer.suggestions]
    text = "\n\n".join(filter(None, (text, "\n".join(also))))
    annotations = (
        _annotation(number, marks[number], citation, address(citation))
        for number, citation in enumerate(answer.citations, 1)
    )
    return Written(text, tuple(annotations))


def pieces(text: str) -> list[str]:
    """The text cut at sentence ends; joined they are the text."""
    return [found for found in _PIECE.findall(text) if found]


def _behind_quotes(answer: Answer) -> dict[int, int]:
    """Of each citation whose words stand in the answer: where its number goes."""
    found = {number: _behind(answer.answer, each.quote) for number, each in enumerate(answer.citations, 1)}
    return {number: place for number, place in found.items() if place is not None}


def _behind(body: str, quote: str) -> int | None:
    """Behind the quote, and the mark that closes it; a quote that has marks of its own is preferred."""
    starts = [found.start() for found in re.finditer(re.escape(quote), body)]
    if not starts:
        return None
    start = next((each for each in starts if body[each - 1 : each] in _OPENING), starts[0])
    end = start + len(quote)
    while end < len(body) and body[end] in _CLOSING:
        end += 1
    return end


def _with_marks(body: str, places: Mapping[int, int]) -> tuple[str, dict[int, int]]:
    """The text with every number at its place, and where each number then stands."""
    text, marks, done = "", {}, 0
    for number, place in sorted(places.items(), key=lambda pair: (pair[1], pair[0])):
        text += body[done:place]
        marks[number], done = len(text), place
        text += _mark(number)
    return text + body[done:], marks


def _mark(number: int) -> str:
    return f"[{number}]"


def _source(citation: Citation, *, quoted: bool) -> str:
    number = f"（{citation.document_number}）" if citation.document_number else ""
    heading = f" {' '.join(citation.heading)}" if citation.heading else ""
    quote = f"\n“{citation.quote}”" if quoted else ""
    return f"《{citation.document}》{number}{heading}〔{citation.status.state.label}〕{quote}"


def _annotation(number: int, start: int, citation: Citation, url: str) -> dict[str, Any]:
    cited = {
        "start_index": start,
        "end_index": start + len(_mark(number)),
        "title": f"《{citation.document}》{' '.join(citation.heading)}",
        "url": url,
    }
    return {"type": "url_citation", "url_citation": cited, "chenghe": citation.to_json()}
