"""Automatic numbers of a docx turned into the text a reader sees before the paragraph.

Rules:
* lists that share one abstract list count on; a ``startOverride`` restarts it where its list is first used;
* a deeper level starts anew after a higher one (``lvlRestart`` says otherwise);
* ``%1.%2`` shows each level in its own format, all in digits where ``isLgl`` says so;
* a style may bring the numbering; the level is then the one that names the style;
* a number that ends in a mark is not followed by a blank (一、总则, （一）要求, 1.申请), as people type it;
  one that ends in a letter or digit is (第一条 …, 1.1 …), unless the list says that nothing follows;
* a bullet is no text, except a dash (——).

Source: ECMA-376 part 1, 17.9.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.policies.readers.docx.names import W, child, number, switch, value
from index.policies.readers.docx.number_formats import formatted

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from index.policies.readers.docx.styles import Styles

_LEVELS = 9
_PLACEHOLDER = re.compile(r"%([1-9])")
_DASHES = re.compile(r"^[—–―]{1,2}$")
_MARKS = "、.．。）)】〕]，,；;：:　"
_LONGEST_NUMBER = 60


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list, as the file describes it. ``restart_after``: the level below which it starts anew."""

    start: int
    number_format: str
    pattern: str
    suffix: str
    restart_after: int
    digits_only: bool
    style: str | None


@dataclass(frozen=True, slots=True)
class _List:
    abstract_id: str
    levels: dict[int, Level]
    starts: dict[int, int]
    """Levels that this list starts anew, with the number to start at."""


class Numbering:
    """Counts the numbered paragraphs of one document, in reading order."""

    def __init__(self, root: "Element | None", styles: "Styles") -> None:
        self._styles = styles
        self._lists = {} if root is None else _lists(root, styles)
        self._counts: dict[str, dict[int, int]] = {}
        self._restarted: set[tuple[str, int]] = set()

    def of(self, properties: "Element | None") -> str:
        """The number of the next paragraph with its blank; "" when it has none. Counts it."""
        number_id, depth = self._place(properties)
        found = self._lists.get(number_id or "")
        if found is None or number_id is None or depth not in found.levels:
            return ""
        counts = self._count(number_id, found, depth)
        return _shown(found.levels, depth, counts)

    def _place(self, properties: "Element | None") -> tuple[str | None, int]:
        style_id = self._styles.of_paragraph(properties)
        own, styled = child(properties, "numPr"), self._styles.numbering(style_id)
        number_id = value(child(own, "numId")) or value(child(styled, "numId"))
        depth = number(child(own, "ilvl"))
        if depth is None:
            depth = self._styled_depth(number_id, style_id, styled)
        return number_id, depth

    def _styled_depth(self, number_id: str | None, style_id: str | None, styled: "Element | None") -> int:
        found = self._lists.get(number_id or "")
        names = [value(style, "styleId") for style in self._styles.chain(style_id)]
        for name in names if found and styled is not None else ():
            for depth, level in found.levels.items() if found else ():
                if name and level.style == name:
                    return depth
        return number(child(styled, "ilvl")) or 0

    def _count(self, number_id: str, found: _List, depth: int) -> dict[int, int]:
        counts = self._counts.setdefault(found.abstract_id, {})
        level = found.levels[depth]
        if depth in found.starts and (number_id, depth) not in self._restarted:
            self._restarted.add((number_id, depth))
            counts[depth] = found.starts[depth]
        else:
            counts[depth] = counts[depth] + 1 if depth in counts else level.start
        for deeper in [one for one in counts if one > depth]:
            below = found.levels.get(deeper)
            if below is None or depth < below.restart_after:
                del counts[deeper]
        return counts


def _shown(levels: dict[int, Level], depth: int, counts: dict[int, int]) -> str:
    level = levels[depth]
    if level.number_format == "bullet":
        return "——" if _DASHES.match(level.pattern) else ""

    def one(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        if at not in levels:
            return ""
        count = counts.get(at, levels[at].start)
        return formatted(count, "decimal" if level.digits_only else levels[at].number_format)

    text = _PLACEHOLDER.sub(one, level.pattern)[:_LONGEST_NUMBER].strip()
    return f"{text} " if text and text[-1] not in _MARKS and level.suffix != "nothing" else text


def _lists(root: "Element", styles: "Styles") -> dict[str, _List]:
    abstracts = {value(one, "abstractNumId") or "": one for one in root.findall(f"{W}abstractNum")}
    linked = {value(child(one, "styleLink")): key for key, one in abstracts.items()}
    found = {}
    for one in root.findall(f"{W}num"):
        key = value(child(one, "abstractNumId")) or ""
        abstract = abstracts.get(key)
        link = value(child(abstract, "numStyleLink"))
        if link is not None:
            key = linked.get(link, key)
            abstract = abstracts.get(key)
        if abstract is not None:
            found[value(one, "numId") or ""] = _list(key, abstract, one)
    found.pop("0", None)
    return found


def _list(key: str, abstract: "Element", instance: "Element") -> _List:
    levels = dict(map(_level, abstract.findall(f"{W}lvl")))
    starts = {}
    for override in instance.findall(f"{W}lvlOverride"):
        depth = number(override, "ilvl") or 0
        own = child(override, "lvl")
        if own is not None:
            levels[depth] = _level(own)[1]
        start = number(child(override, "startOverride"))
        if start is not None:
            starts[depth] = start
    return _List(key, {depth: level for depth, level in levels.items() if 0 <= depth < _LEVELS}, starts)


def _level(element: "Element") -> tuple[int, Level]:
    depth = number(element, "ilvl") or 0
    restart = number(child(element, "lvlRestart"))
    start = number(child(element, "start"))
    return depth, Level(
        start=0 if start is None else start,
        number_format=_format(element),
        pattern=value(child(element, "lvlText")) or "",
        suffix=value(child(element, "suff")) or "tab",
        restart_after=depth if restart is None else restart,
        digits_only=bool(switch(element, "isLgl")),
        style=value(child(element, "pStyle")),
    )


def _format(level: "Element") -> str:
    """``numFmt``, also where Word wrapped a newer one together with its fallback; digits by default."""
    found = next(level.iter(f"{W}numFmt"), None)
    name = value(found) or "decimal"
    custom = (value(found, "format") or "").partition(",")[0].strip()
    return "decimalZero" if name == "custom" and custom == "01" else name
