"""Every kind of damage that ../shared/corpus/artefacts.json lists: counted in the raw text, gone from the clean one, or
kept, as its ``clean`` column says, where nothing can be put back.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.policies.cleaning import clean, to_simplified
from index.policies.cleaning.punctuation import widen_punctuation
from index.policies.cleaning.script import ANNOTATION

DOCUMENTS = ("000", "001", "002", "003", "004")
Count = Callable[[str, dict[str, Any]], int]


def marks(text: str, entry: dict[str, Any]) -> int:
    return len(re.findall(r"[,;:()]", text))


def narrow(text: str, entry: dict[str, Any]) -> int:
    """Half-width marks in Chinese context."""
    return sum(a != b for a, b in zip(text, widen_punctuation(text), strict=False))


def annotations(text: str, entry: dict[str, Any]) -> int:
    return len(ANNOTATION.findall(text))


def traditional(text: str, entry: dict[str, Any]) -> int:
    return sum(a != b for a, b in zip(text, to_simplified(text), strict=True))


def example(text: str, entry: dict[str, Any]) -> int:
    """How often the example stands in the text, as lines where it shows a line break."""
    return text.count(entry["example"].replace("⏎", "\n"))


def simplified_example(text: str, entry: dict[str, Any]) -> int:
    plain = to_simplified(ANNOTATION.sub(r"\1", text))
    return plain.count(entry["example"].replace("⏎", "\n"))


def chrome(text: str, entry: dict[str, Any]) -> int:
    """Lines that begin like the example, however they are punctuated."""
    start = clean_line(entry["example"])
    return sum(clean_line(line).startswith(start) for line in text.split("\n"))


def clean_line(line: str) -> str:
    return widen_punctuation(to_simplified(ANNOTATION.sub(r"\1", line.strip())))


def indents(text: str, entry: dict[str, Any]) -> int:
    return len(re.findall(r"^[ \u3000]+\S", text, re.MULTILINE))


def open_rows(text: str, entry: dict[str, Any]) -> int:
    return len(re.findall(r"\|\s*$", text, re.MULTILINE))


def stray_blanks(text: str, entry: dict[str, Any]) -> int:
    cells = [cell.strip() for line in text.split("\n") if "|" in line for cell in line.split("|")]
    return sum(
        len(re.findall(r"(?<=[\u3400-\u9fff、]) (?=[\u3400-\u9fff])(?![\u3400-\u9fff]{4}[:：])", cell))
        for cell in cells
    )


def copies(text: str, entry: dict[str, Any]) -> int:
    return text.count(text.strip().split("\n")[0].strip()) - 1


def twin_titles(text: str, entry: dict[str, Any]) -> int:
    lines = [clean_line(line) for line in text.split("\n") if line.strip()]
    return sum(line == entry["example"] for line in lines) - 1


def spaced(text: str, entry: dict[str, Any]) -> int:
    return len(re.findall(r"^第[一二三四五六七八九十]+章 [\u3400-\u9fff] [\u3400-\u9fff]$", text, re.MULTILINE))


def wide_dots(text: str, entry: dict[str, Any]) -> int:
    return len(re.findall(r"^\d+．", text, re.MULTILINE))


def blank_end(text: str, entry: dict[str, Any]) -> int:
    return int(text != text.rstrip())


REPAIRED: dict[str, Count] = {
    "DUPLICATED_BODY": copies,
    "DUPLICATED_TITLE": twin_titles,
    "HALFWIDTH_PUNCT": narrow,
    "HALFWIDTH_IN_FULL": narrow,
    "MIXED_QUOTE": simplified_example,
    "MOJIBAKE_GBK_SHIFT": example,
    "PINYIN_ANNOTATION": annotations,
    "TRADITIONAL": traditional,
    "T2S_VARIANT": example,
    "SITE_CHROME": chrome,
    "NUMBER_DOT": wide_dots,
    "TRAILING_BLANK": blank_end,
    "INDENT": indents,
    "BROKEN_LINE": simplified_example,
    "CELL_SPACE": stray_blanks,
    "TABLE_PIPE": open_rows,
    "SPACED_HEADING": spaced,
}
KEPT = {
    "SOURCE_TYPO_KEPT": "原文如此",
    "BRACKET_VARIANT": "原文如此，检索时归一",
    "MISSING_COMMA": "原文如此",
    "DEIDENTIFIED_GAP": "不可恢复：地名、平台名被来源网站抹去",
    "TRUNCATED": "不可恢复：段首缺字",
    "MISSING_HEADER": "不可恢复：缺通知标题与文号",
}
COUNTED = {"PINYIN_ANNOTATION": annotations, "TRADITIONAL": traditional, "TABLE_PIPE": open_rows, "INDENT": indents}
"""Kinds whose count there is by the same measure – but for a few characters that lie in bytes put back."""


def entries(shared: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads((shared / "corpus/artefacts.json").read_text("utf-8"))
    return found


@pytest.mark.shared
@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_listed_damage_is_there_in_the_raw_text_and_gone_from_the_clean_one(shared: Path, name: str) -> None:
    (path,) = shared.glob(f"corpus/raw/{name}_*.txt")
    raw = path.read_text("utf-8")
    cleaned = clean(raw)
    for entry in entries(shared)[name]:
        code = entry["code"]
        if code in KEPT:
            continue
        count = REPAIRED[code]
        assert count(raw, entry) > 0, (code, "is in the raw text")
        assert count(cleaned, entry) == 0, (code, "is gone")
        if code in COUNTED:
            assert COUNTED[code](raw, entry) == pytest.approx(entry["count"], rel=0.001), code


@pytest.mark.shared
def test_what_cannot_be_put_back_is_kept_and_listed(shared: Path) -> None:
    """Prints the list; nothing else is excepted from the character error rate."""
    for name, listed in entries(shared).items():
        (path,) = shared.glob(f"corpus/raw/{name}_*.txt")
        cleaned = clean(path.read_text("utf-8"))
        for entry in listed:
            if entry["code"] not in KEPT:
                continue
            print(f"{name} {entry['code']} ×{entry['count']}：{KEPT[entry['code']]}（{entry['example']}）")
            for piece in re.split(r" / |、", entry["example"]):
                if entry["code"] != "MISSING_HEADER":
                    assert widen_punctuation(piece.strip()).lstrip("(").rstrip("；") in cleaned


@pytest.mark.shared
def test_no_kind_of_damage_is_forgotten(shared: Path) -> None:
    codes = {entry["code"] for listed in entries(shared).values() for entry in listed}
    assert codes == REPAIRED.keys() | KEPT.keys()
