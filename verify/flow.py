"""Pages of running text held against the issued fields: what differs is named by field and page.

* A PDF keeps words in the order of the file and nothing else: cells of a row run together, lines break anywhere. So
  the characters but white space are compared, field after field, and each difference is led back to its field.
* What each page repeats – header, footer with its page number, heading of a table that goes on (``margins``) – is
  expected there, and taken out before the rest is compared.
* Page numbers as printed say which page is missing, doubled, added or out of order.
* Bounded: ``stretches`` for the comparison, ``SHOWN_MAX`` characters of each difference.

Not seen: white space, columns of a table that hold the same words in the same order, anything that is no text. A PDF is
never valid by this comparison, only named; what makes it valid is its signature. Decision: docs/decisions/0197.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, pairwise

from verify.alignment import align, made_visible
from verify.binding import Difference, Field, FieldPackage, VisibleLine
from verify.margins import Missing, Page, body_fields, compact, in_order, pages_of, without_margins
from verify.stretches import Stretch, stretches

SHOWN_MAX = 400
_SLIDE_MAX = 64
_LIKE = 0.5
_Span = tuple[int, int]


def compare_pages(package: FieldPackage, lines: Sequence[VisibleLine]) -> list[Difference]:
    """What differs from what was issued: pages first, then fields in their order. A line's ``place`` is its page."""
    pages, differences = in_order(pages_of(package, lines))
    bodies, missing = without_margins(package, pages)
    changes = _Changes(_Issued.of(package), _Found.of(bodies))
    margins = [_margin(each, changes.added) for each in missing]
    return [*differences, *changes.differences(), *margins]


@dataclass(frozen=True, slots=True)
class _Issued:
    """The printed fields after one another, without white space. ``starts[f]``: where field f begins; the end, last.

    ``blanks[f]``: fields issued empty right before field f.
    """

    text: str
    fields: Sequence[Field]
    starts: Sequence[int]
    blanks: Sequence[list[Field]]

    @classmethod
    def of(cls, package: FieldPackage) -> "_Issued":
        printed: list[Field] = []
        blanks: list[list[Field]] = [[]]
        for each in body_fields(package):
            if each.text:
                printed.append(each)
                blanks.append([])
            else:
                blanks[-1].append(each)
        texts = [compact(each.text) for each in printed]
        return cls("".join(texts), printed, [0, *accumulate(map(len, texts))], blanks)

    def field_at(self, place: int) -> int:
        """The field of the character at ``place``."""
        return bisect_right(self.starts, place) - 1


@dataclass(frozen=True, slots=True)
class _Found:
    """The pages' texts after one another, without white space. ``page[i]``, ``at[i]``: where character i stands."""

    text: str
    page: Sequence[int]
    at: Sequence[int]
    pages: Sequence[Page]

    @classmethod
    def of(cls, pages: Sequence[Page]) -> "_Found":
        numbers = [number for number, page in enumerate(pages) for _ in page.at]
        return cls("".join(page.text for page in pages), numbers, [place for page in pages for place in page.at], pages)

    def shown(self, start: int, end: int) -> str:
        """As it stands on the pages, broken lines joined."""
        parts = []
        while start < end:
            stop = bisect_right(self.page, self.page[start], start, end)
            raw = self.pages[self.page[start]].raw
            parts.append(raw[self.at[start] : self.at[stop - 1] + 1].replace("\n", ""))
            start = stop
        shown = "".join(parts)
        return shown if len(shown) <= SHOWN_MAX else shown[:SHOWN_MAX] + "……"

    def glued(self, place: int) -> bool:
        """Whether nothing, no white space and no page's end, stands before the character at ``place``."""
        if not 0 < place < len(self.text):
            return False
        return self.page[place - 1] == self.page[place] and self.at[place - 1] + 1 == self.at[place]

    def words(self, start: int, end: int) -> list[_Span]:
        """The characters from ``start`` to ``end``, parted where white space or a page's end stands."""
        return list(pairwise([start, *(place for place in range(start + 1, end) if not self.glued(place)), end]))


@dataclass(slots=True)
class _Added:
    """Found where nothing was issued: after field ``after`` (-1: before all)."""

    after: int
    page: str
    shown: str
    blank: Field | None
    taken: bool = False


class _Changes:
    """Which fields differ, which characters were found in the place of each, and what was added between fields."""

    def __init__(self, issued: _Issued, found: _Found) -> None:
        self._issued, self._found = issued, found
        self._spans: dict[int, list[_Span]] = {}
        self.added: list[_Added] = []
        self._equal: list[Stretch] = []
        if issued.text != found.text:
            self._equal = _at_bounds(stretches(issued.text, found.text), issued, found)
            for gap in _gaps(self._equal, len(issued.text), len(found.text)):
                self._take(*gap)

    def differences(self) -> list[Difference]:
        edits = [(number, 0, self._edit(number)) for number in self._spans]
        edits = [entry for entry in edits if compact(entry[2].issued) != compact(entry[2].found)]
        added = [(each.after, 1, self._addition(each)) for each in self.added if not each.taken]
        return [each for *_, each in sorted([*edits, *added], key=lambda entry: entry[:2])]

    def _take(self, start: int, end: int, found: int, found_end: int) -> None:
        """Issued characters ``start`` to ``end`` answer found ones ``found`` to ``found_end``; none of them agree."""
        if start == end:
            self._insert(start, found, found_end)
            return
        first, last = self._issued.field_at(start), self._issued.field_at(end - 1)
        for number in range(first, last + 1):
            self._spans.setdefault(number, [])
        if first == last and found < found_end:
            self._spans[first].append((found, found_end))
        elif found < found_end:
            self._share_out(first, last, (start, end), self._found.words(found, found_end))

    def _insert(self, place: int, found: int, found_end: int) -> None:
        """Into the field that goes on before or behind without a gap; else between two fields."""
        number = self._issued.field_at(place)
        inside = self._issued.starts[number] < place
        same_page = 0 < found < found_end < len(self._found.text) and (
            self._found.page[found - 1] == self._found.page[found_end]
        )
        if inside and (same_page or self._found.glued(found) or self._found.glued(found_end)):
            self._spans.setdefault(number, []).append((found, found_end))
        elif self._found.glued(found) and number > 0:
            self._spans.setdefault(number - 1, []).append((found, found_end))
        elif self._found.glued(found_end):
            self._spans.setdefault(number, []).append((found, found_end))
        else:
            self._add(number, found, found_end)

    def _add(self, before: int, found: int, found_end: int) -> None:
        blanks = self._issued.blanks[min(before, len(self._issued.blanks) - 1)]
        page = self._found.pages[self._found.page[found]].name
        shown = self._found.shown(found, found_end)
        self.added.append(_Added(before - 1, page, shown, blanks[0] if blanks else None))

    def _share_out(self, first: int, last: int, gap: _Span, words: Sequence[_Span]) -> None:
        """Several fields answer several words: paired by likeness, a word too many goes with the one before it."""
        bounds = self._issued.starts[first : last + 2]
        parts = [(max(gap[0], start), min(gap[1], end)) for start, end in pairwise(bounds)]
        changes = align(
            [self._issued.text[start:end] for start, end in parts],
            [self._found.text[start:end] for start, end in words],
        )
        holder, edited = first, {change.issued for change in changes}
        for change in changes:
            holder = holder if change.issued is None else first + change.issued
            if change.found is not None:
                self._spans[holder].append(words[change.found])
        places = {self._found.text[start:end]: (start, end) for start, end in words}
        for number, (start, end) in enumerate(parts):
            if number not in edited:
                self._spans[first + number].append(places[self._issued.text[start:end]])

    def _edit(self, number: int) -> Difference:
        field = self._issued.fields[number]
        start, end = self._issued.starts[number : number + 2]
        spans = [*self._spans[number], *_within(self._equal, start, end)]
        shown = self._found.shown(min(a for a, _ in spans), max(b for _, b in spans)) if spans else ""
        return Difference(field.path, field.text, made_visible(shown, field.text))

    def _addition(self, added: _Added) -> Difference:
        shown = made_visible(added.shown, "")
        if added.blank is not None:
            return Difference(added.blank.path, "", shown)
        after = f"，{self._issued.fields[added.after].path}之后" if added.after >= 0 else ""
        return Difference(f"{added.page}{after}", "", shown)


def _at_bounds(equal: list[Stretch], issued: _Issued, found: _Found) -> list[Stretch]:
    """A lack or an addition that could as well begin some characters earlier begins with a field, or with a word."""
    starts = set(issued.starts)
    for number in range(len(equal) - 1):
        before, after = equal[number : number + 2]
        end, found_end = before.one + before.length, before.other + before.length
        lacks, adds = end < after.one, found_end < after.other
        for back in range(min(before.length, _SLIDE_MAX) if lacks != adds else 0):
            if end - back in starts if lacks else not found.glued(found_end - back):
                equal[number] = before._replace(length=before.length - back)
                equal[number + 1] = Stretch(after.one - back, after.other - back, after.length + back)
                break
            text, place, bound = (issued.text, end, after.one) if lacks else (found.text, found_end, after.other)
            if text[place - back - 1] != text[bound - back - 1]:
                break
    return equal


def _gaps(equal: Sequence[Stretch], end: int, found_end: int) -> Iterator[tuple[int, int, int, int]]:
    """What lies between the equal stretches, where anything does."""
    start = found = 0
    for one, other, length in [*equal, Stretch(end, found_end, 0)]:
        if start < one or found < other:
            yield start, one, found, other
        start, found = one + length, other + length


def _within(equal: Sequence[Stretch], start: int, end: int) -> Iterator[_Span]:
    """Where the equal characters of the issued ``start`` to ``end`` were found."""
    for one, other, length in equal:
        if one < end and start < one + length:
            left, right = max(one, start), min(one + length, end)
            yield other + left - one, other + right - one


def _margin(missing: Missing, added: Sequence[_Added]) -> Difference:
    """What a page lacks of its margins, with what was found instead: words added to the page that are like it."""
    likely = [each for each in added if each.page == missing.page and not each.taken]
    best = max(likely, key=lambda each: _likeness(each.shown, missing.issued), default=None)
    shown = ""
    if best is not None and _likeness(best.shown, missing.issued) >= _LIKE:
        best.taken, shown = True, best.shown
    return Difference(f"{missing.page}，{missing.field.path}", missing.issued, made_visible(shown, missing.issued))


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).quick_ratio()
