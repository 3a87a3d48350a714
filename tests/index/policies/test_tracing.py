"""Every clean character keeps its place in the raw text."""

from pathlib import Path

import pytest
from hypothesis import given

from index.policies.cleaning import clean
from index.policies.cleaning.tracing import Edit, Traced
from index.policies.split import split
from index.policies.structure import passages
from tests.index.policies.test_cleaning import texts


@given(text=texts)
def test_tracing_gives_the_clean_text_and_places_never_run_backwards(text: str) -> None:
    traced = clean.trace(Traced.of(text))
    assert traced.text == clean(text)
    assert traced.starts == sorted(traced.starts)
    assert traced.ends == sorted(traced.ends)
    assert all(0 <= start <= end <= len(text) for start, end in zip(traced.starts, traced.ends, strict=True))


@given(text=texts)
def test_a_kept_character_stands_where_it_stood(text: str) -> None:
    traced = clean.trace(Traced.of(text))
    for char, start, end in zip(traced.text, traced.starts, traced.ends, strict=True):
        if end - start == 1 and "\u3400" <= char <= "\u9fff":
            assert clean(text[start:end]) == char or text[start:end] in "務发發區著強導茶葉"


def test_places_of_a_fictional_text() -> None:
    raw = "　　雲嶺市關(guān)于茶葉,包裝的辦法\r\n字号:大 中 小\r\n第一章 總 則"
    traced = clean.trace(Traced.of(raw))
    for wanted, came_from in [
        ("云岭市", "雲嶺市"),
        ("关于", "關(guān)于"),
        ("茶叶，包装", "茶葉,包裝"),
        ("总则", "總 則"),
        ("办法\n第一章", "辦法\r\n字号:大 中 小\r\n第一章"),
    ]:
        start, end = traced.span(traced.text.index(wanted), traced.text.index(wanted) + len(wanted))
        assert raw[start:end] == came_from


def test_bytes_put_back_have_the_place_of_the_whole_damage() -> None:
    raw = "自三月起施行?!尔}湖辦法》同時廢止。鹽湖是好地方。"
    traced = clean.trace(Traced.of(raw))
    start, end = traced.span(*_place(traced.text, "《盐湖办法》"))
    assert raw[start:end] == "?!尔}湖辦法》"


def test_an_edit_that_changes_nothing_changes_nothing() -> None:
    traced = Traced.of("甲乙")
    assert traced.edited([]) is traced
    assert traced.edited([Edit(0, 2, "丙")]).span(0, 1) == (0, 2)


@pytest.mark.shared
@pytest.mark.parametrize(("name", "context"), [("000", 0), ("001", 1), ("002", 0), ("003", 0), ("004", 5)])
def test_the_raw_piece_of_every_passage_cleans_to_the_passage(shared: Path, name: str, context: int) -> None:
    """``context``: passages whose cleaning needs the rest of the text (bytes put back, titles joined on evidence)."""
    (path,) = shared.glob(f"corpus/raw/{name}_*.txt")
    raw = path.read_text("utf-8")
    traced = clean.trace(Traced.of(raw))
    start, needing_context = 0, 0
    for part in split(traced.text):
        for one in passages("x", part):
            text = part.source[one.start : one.end].removesuffix("\n")
            left, right = traced.span(start + one.start, start + one.start + len(text))
            needing_context += clean(raw[left:right]) != text
        start += len(part.source)
    assert needing_context <= context


def _place(text: str, piece: str) -> tuple[int, int]:
    return text.index(piece), text.index(piece) + len(piece)
