"""What the pages of a report repeat, and what their numbers say: taken out before running text is compared.

* Headers and footers are the fields whose path begins with 页眉, 页脚, 首页页眉, 首页页脚; page 1 has its own where
  such were issued. {PAGE} and {NUMPAGES} are filled in as printed on the page, and otherwise as counted.
* The heading row of a table may stand again at the top of a page on which the table goes on.
* A watermark counts where some page has it as text: many printers draw it as a shape.
* Printed page numbers tell the order: pages missing, doubled, moved, or without a number of ours are named.

Source: docs/credential.md §4; report layout; case 70.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from unicodedata import normalize

from verify.binding import Difference, Field, FieldPackage, VisibleLine

WATERMARK = "水印"
_FIRST, _LATER = ("首页页眉", "首页页脚"), ("页眉", "页脚")
_FOOTERS = ("首页页脚", "页脚")
_HEADING = "／表头"
_NUMBER = "([0-9]{1,4})"
_NAMED_MAX = 50


@dataclass(frozen=True, slots=True)
class Page:
    """``text``: the characters of ``raw`` but white space, ``at[i]`` where in ``raw`` each stands.

    ``number``, ``of``: as printed on it, or as counted.
    """

    name: str
    raw: str
    text: str
    at: Sequence[int]
    number: int
    of: int
    printed: bool = False

    def without(self, start: int, end: int) -> "Page":
        return replace(self, text=self.text[:start] + self.text[end:], at=(*self.at[:start], *self.at[end:]))


@dataclass(frozen=True, slots=True)
class Missing:
    """A header, footer or watermark that page ``page`` should show, and what it should say there."""

    field: Field
    page: str
    issued: str


def compact(text: str) -> str:
    return "".join(text.split())


def body_fields(package: FieldPackage) -> list[Field]:
    """The fields that no page repeats."""
    return [field for field in package.fields if not _is_margin(field)]


def pages_of(package: FieldPackage, lines: Sequence[VisibleLine]) -> list[Page]:
    """In the order of the file, with their printed numbers where they have one."""
    groups = [(name, [line.text for line in group]) for name, group in groupby(lines, key=lambda line: line.place)]
    footers = [_numbers_in(field.text) for field in package.fields if "{PAGE}" in field.text]
    return [
        _numbered(_page(name, "\n".join(texts), number, len(groups)), footers)
        for number, (name, texts) in enumerate(groups, start=1)
    ]


def in_order(pages: Sequence[Page]) -> tuple[list[Page], list[Difference]]:
    """The pages as their printed numbers say, one without after the one before it; and what is wrong with that."""
    printed = [page.number for page in pages if page.printed]
    if not printed:
        return list(pages), []
    most = max(page.of for page in pages if page.printed)
    strange = [page for page in pages if not page.printed and (page.number in printed or page.number > most)]
    keys, last = [], 0
    for page in pages:
        last = last if page in strange else page.number
        keys.append(last)
    ordered = [page for _, page in sorted(zip(keys, pages, strict=True), key=lambda pair: pair[0])]
    return ordered, [*_absent(pages, strange, most), *_strange(strange), *_several(pages), *_moved(printed)]


def without_margins(package: FieldPackage, pages: Sequence[Page]) -> tuple[list[Page], list[Missing]]:
    """The pages less what they repeat, and what of it they lack."""
    bodies: list[Page] = []
    missing: list[Missing] = []
    margins = [field for field in package.fields if _is_margin(field)]
    own_first = any(_head(field) in _FIRST for field in margins)
    headings, begun = _headings(package), set[str]()
    for page in pages:
        body, absent = _less_margins(
            page, [f for f in margins if (_head(f) in _FIRST) == (own_first and page.number == 1)]
        )
        missing += absent
        body = next((body.without(0, len(each)) for each in begun if body.text.startswith(each)), body)
        begun |= {each for each in headings if each in body.text}
        bodies.append(body)
    as_shape = sum(each.field.kind == WATERMARK for each in missing) == len(pages)
    return bodies, [each for each in missing if not (as_shape and each.field.kind == WATERMARK)]


def _page(name: str, text: str, number: int, of: int) -> Page:
    raw = normalize("NFC", text)
    at = tuple(place for place, character in enumerate(raw) if not character.isspace())
    return Page(name, raw, "".join(raw[place] for place in at), at, number, of)


def _numbers_in(footer: str) -> re.Pattern[str]:
    """Finds page number and number of pages in a printed footer."""
    text = re.escape(compact(footer)).replace(r"\{PAGE\}", f"(?P<page>{_NUMBER})", 1)
    return re.compile(text.replace(r"\{NUMPAGES\}", f"(?P<of>{_NUMBER})", 1))


def _numbered(page: Page, footers: Sequence[re.Pattern[str]]) -> Page:
    for footer in footers:
        *_, found = (None, *footer.finditer(page.text))
        if found:
            of = found.groupdict().get("of")
            return replace(page, number=int(found["page"]), of=int(of) if of else page.of, printed=True)
    return page


def _absent(pages: Sequence[Page], strange: Sequence[Page], most: int) -> Iterator[Difference]:
    there = {page.number for page in pages if page not in strange}
    for number in [each for each in range(1, most + 1) if each not in there][:_NAMED_MAX]:
        yield Difference(f"第 {number} 页", f"第 {number} 页 共 {most} 页", "‹没有这一页›")


def _strange(pages: Sequence[Page]) -> Iterator[Difference]:
    for page in pages[:_NAMED_MAX]:
        yield Difference(page.name, "", "‹多出的一页，没有签发时的页码›")


def _several(pages: Sequence[Page]) -> Iterator[Difference]:
    """Pages of one number, or of a report of another length."""
    first: dict[int, Page] = {}
    of = next(page.of for page in pages if page.printed)
    for page in (page for page in pages if page.printed):
        if first.setdefault(page.number, page) is not page:
            yield Difference(page.name, "", f"‹第 {page.number} 页又出现一次›")
        elif page.of != of:
            yield Difference(page.name, f"共 {of} 页", f"共 {page.of} 页")


def _moved(printed: Sequence[int]) -> Iterator[Difference]:
    if list(printed) != sorted(printed):
        issued, found = ("、".join(map(str, numbers[:_NAMED_MAX])) for numbers in (sorted(printed), list(printed)))
        yield Difference("页的次序", issued, found)


def _less_margins(page: Page, margins: Sequence[Field]) -> tuple[Page, list[Missing]]:
    missing = []
    for field in margins:
        issued = field.text.replace("{PAGE}", str(page.number)).replace("{NUMPAGES}", str(page.of))
        expected = compact(issued)
        place = page.text.rfind(expected) if _head(field) in _FOOTERS else page.text.find(expected)
        if place < 0:
            missing.append(Missing(field, page.name, issued))
        else:
            page = page.without(place, place + len(expected))
    return page, missing


def _headings(package: FieldPackage) -> set[str]:
    """The heading rows of tables, as running text."""
    rows = groupby(package.fields, key=lambda field: field.path.rpartition("／")[0])
    texts = {"".join(compact(field.text) for field in row) for name, row in rows if name.endswith(_HEADING)}
    return texts - {""}


def _is_margin(field: Field) -> bool:
    return bool(field.text) and _head(field) in (*_FIRST, *_LATER)


def _head(field: Field) -> str:
    return field.path.partition("／")[0]
