"""How Chinese characters sound, without tones: which are read alike, or nearly alike by many speakers.

Rules:

* A character may have several readings (行 xing, hang); two characters sound alike if any of their readings do.
* Nearly alike: n/l, z/zh, c/ch, s/sh at the start, n/ng at the end (in/ing, en/eng, an/ang).
* The readings are pypinyin's table of single characters; only that file is read (30 ms): the package itself takes ten
  times as long to import, for phrases that are not needed here.
"""

import json
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution

MAX_READINGS = 2
_STARTS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
_TONES = frozenset("\u0300\u0301\u0304\u030c")


@dataclass(frozen=True, slots=True)
class Sounds:
    """``table``: code point, as decimal digits → readings with tone marks, parted by commas."""

    table: dict[str, str]

    def readings(self, character: str) -> tuple[str, ...]:
        """The toneless readings of one character, usual ones first; none for what is not Chinese."""
        return _readings(self.table.get(str(ord(character)), ""))

    def rough(self, character: str) -> tuple[str, ...]:
        """The readings with what is nearly alike made equal."""
        return tuple(dict.fromkeys(map(near, self.readings(character))))

    def alike(self, one: str, other: str) -> bool:
        return not set(self.readings(one)).isdisjoint(self.readings(other))


@cache
def load_sounds() -> Sounds:
    path = distribution("pypinyin").locate_file("pypinyin/pinyin_dict.json")
    with open(str(path), encoding="utf-8") as file:
        return Sounds(json.load(file))


@cache
def near(syllable: str) -> str:
    """One form for all syllables that sound nearly alike: sheng, sen → sen; ning, lin → lin."""
    start = next((other + syllable[len(one) :] for one, other in _STARTS if syllable.startswith(one)), syllable)
    return start[:-1] if start.endswith("ng") and start[-3:-2] in tuple("iea") else start


@cache
def _readings(marked: str) -> tuple[str, ...]:
    plain = (_toneless(one) for one in marked.split(",") if one)
    return tuple(dict.fromkeys(plain))[:MAX_READINGS]


def _toneless(syllable: str) -> str:
    """xìng → xing, lǜ → lv."""
    parts = (part for part in unicodedata.normalize("NFD", syllable) if part not in _TONES)
    return unicodedata.normalize("NFC", "".join(parts)).replace("ü", "v").replace("ê", "e")
