"""Word fields: page counters are counters, everything else is shown.

* Only ``PAGE`` and ``NUMPAGES`` without formatting switches (but MERGEFORMAT, Arabic) and with a number as result read
  as {PAGE} and {NUMPAGES}. A numeric picture switch can print any words, so it is shown.
* Another field reads as ‹域 CODE› and its result. A field that runs over a paragraph's end is shown as it stands.

Source: ECMA-376 part 1, 17.16.
"""

import re
from dataclasses import dataclass, field

_COUNTER = re.compile(r"\s*(PAGE|NUMPAGES)\s*(\\\*\s*(MERGEFORMAT|Arabic)\s*)*", re.IGNORECASE)
DEPTH_MAX = 20


@dataclass(slots=True)
class _Open:
    """A field that has begun; ``shown``: it has been printed already and holds nothing more."""

    code: list[str] = field(default_factory=list)
    result: list[str] = field(default_factory=list)
    in_result: bool = False
    shown: bool = False

    def text(self) -> str:
        code, result = "".join(self.code), "".join(self.result)
        counter = _COUNTER.fullmatch(code)
        if counter and result.isascii() and result.isdigit():
            return "{" + counter[1].upper() + "}"
        return f"‹域 {code.strip()}›{result}"


class Fields:
    """The fields open at one point of a story, innermost last."""

    def __init__(self) -> None:
        self._open: list[_Open] = []

    def begin(self, code: str | None = None) -> None:
        """``code`` of a simple field, whose result follows at once; None for a complex one."""
        if len(self._open) < DEPTH_MAX:
            self._open.append(_Open([] if code is None else [code], in_result=code is not None))

    def code(self, text: str) -> None:
        if self._open and not self._open[-1].shown:
            self._open[-1].code.append(text)

    def separate(self) -> None:
        if self._open:
            self._open[-1].in_result = True

    def take(self, text: str) -> bool:
        """Whether ``text`` belongs to an open field."""
        holder = next((each for each in reversed(self._open) if not each.shown), None)
        if holder is None:
            return False
        (holder.result if holder.in_result else holder.code).append(text)
        return True

    def end(self) -> str:
        """What the innermost field shows."""
        if not self._open:
            return ""
        ended = self._open.pop()
        return "" if ended.shown else ended.text()

    def end_of_paragraph(self) -> str:
        """Fields still open are shown now, and what follows in them is ordinary text."""
        shown = "".join(each.text() for each in self._open if not each.shown)
        for each in self._open:
            each.shown = True
        return shown

    def unfinished(self) -> str:
        """What an unended field still held at the end of the story."""
        return "".join(each.text() for each in self._open if not each.shown)
