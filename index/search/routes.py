"""Passages that a question names outright: by document number, title, article, table row, credit code.

Rules:

* Whatever is named is looked for as one token (``index.search.content``, ``index.search.analyzer``), so that brackets,
  width, blanks and kind of digits do not matter and every backend can do it.
* A passage counts one for each thing it is named by: 民法典第十四条 is before every other 第十四条 and before the
  rest of 民法典. A passage that mentions a document number, or has a title within its own, counts half of one that
  stands under it.
* Two documents with a 75号 stay apart: the number counts as a whole, with the letters of its office and the year.
* A title is a whole one: what stands in 《》, what stands before an article's number, or the whole text. The name of a
  table row is the whole text.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from index.search.analyzer import credit_codes, document_numbers, fold_query
from index.search.backend import Field, SearchBackend, Term
from index.search.confirmed import Place
from index.search.content import LONGEST_NAME, inner_title_label, plain, row_label, row_number, title_label
from index.search.numerals import amounts

MOST_NAMED = 2_000
MOST_ROUTES = 12
MOST_TITLES = 4
MENTIONED = 0.5
_LEAD = re.compile(
    r"^(?:请问|想问|查询|查找|查看|查|找|看看|看|根据|依据|依照|按照|按|关于|对于|在|和|与|及|或|的|是|请|问|文件)+"
)
_ARTICLE = re.compile(r"第[0-9]+条(?:之[0-9]+)?")
_NUMERAL = "[〇零一二三四五六七八九十百千0-9]{1,9}"
_BEFORE_ARTICLE = re.compile(rf"([一-鿿]{{2,30}}?)(?:的|中|里|规定的)?\s?第\s?{_NUMERAL}\s?条")
_QUOTED = re.compile(r"《([^《》]{1,80})》")
_ROW = re.compile(rf"序号(?:为|是)?\s?({_NUMERAL})|第\s?({_NUMERAL})\s?行")


@dataclass(frozen=True, slots=True)
class Route:
    """One thing named: passages where ``under`` stands count one, those where ``mentioned`` stands ``MENTIONED``."""

    under: tuple[Term, ...]
    mentioned: tuple[Term, ...] = ()


def named(backend: SearchBackend, text: str, within: Collection[str] | None = None) -> dict[Place, float]:
    """The passages that ``text`` names, and by how much: one for each thing named."""
    folded = fold_query(text)
    found = [_found(backend, route, within) for route in list(dict.fromkeys(routes(folded)))[:MOST_ROUTES]]
    found += [_first(backend, names, within) for names in list(dict.fromkeys(titles(folded)))[:MOST_TITLES]]
    meant: dict[Place, float] = {}
    for places in found:
        for place, worth in places.items():
            meant[place] = meant.get(place, 0.0) + worth
    return meant


def routes(folded: str) -> list[Route]:
    """What a folded question names, besides titles within it."""
    found = [_numbered(f"{_LEAD.sub('', code) or code}{rest}") for code, rest in document_numbers(folded)]
    found += [Route((_body(code),)) for code in credit_codes(folded)]
    found += [Route((_heading(amount),)) for amount in amounts(folded) if _ARTICLE.fullmatch(amount)]
    found += [Route((_heading(row_label(row_number(match[1] or match[2]))),)) for match in _ROW.finditer(folded)]
    whole = plain(folded)
    if 1 < len(whole) <= LONGEST_NAME:
        found.append(Route((_heading(row_label(whole)), _heading(title_label(whole)))))
    return found


def titles(folded: str) -> list[tuple[str, ...]]:
    """The titles a folded question may name; of each sequence the first one that exists."""
    quoted: list[tuple[str, ...]] = [(plain(title),) for title in _QUOTED.findall(folded)]
    return quoted + [tuple(_endings(match[1])) for match in _BEFORE_ARTICLE.finditer(folded)]


def _endings(words: str) -> Iterator[str]:
    """请问民法典 → 请问民法典, 问民法典, 民法典, 法典: the longest first."""
    return (words[start:] for start in range(len(words) - 1))


def _first(backend: SearchBackend, names: Sequence[str], within: Collection[str] | None) -> dict[Place, float]:
    for name in names:
        if found := _found(backend, _titled(name), within):
            return found
    return {}


def _found(backend: SearchBackend, route: Route, within: Collection[str] | None) -> dict[Place, float]:
    found: dict[Place, float] = {}
    for terms, worth in ((route.mentioned, MENTIONED), (route.under, 1.0)):
        for hit in backend.search(terms, MOST_NAMED, within):
            found[hit.document_id, hit.number] = worth
    return found


def _numbered(number: str) -> Route:
    return Route((_heading(number),), (_body(number),))


def _titled(name: str) -> Route:
    return Route((_heading(title_label(name)),), (_heading(inner_title_label(name)),))


def _heading(token: str) -> Term:
    return Term(Field.HEADING, token, 1.0)


def _body(token: str) -> Term:
    return Term(Field.BODY, token, 1.0)
