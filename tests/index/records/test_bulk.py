"""Answers index/records/bulk.py and plain.py: a thousand rows are read exactly as each of them alone."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import bulk, record_rows, subject_rows
from index.records.bulk import BulkReader, Chunk, Reading, check_width, stored
from index.records.cells import CellError, read_line, read_prose, read_text
from index.records.columns import Form, layout
from index.records.plain import are_plain
from index.records.provenance import Provenance
from index.records.row import Row
from index.records.row_rules import Texts, apply_rules
from index.rules.offices import load_profile
from index.rules.subject_kinds import standard_kinds
from tests.index.records.samples import COMPANY, NOW, SHOP, penalty, subject

OFFICE = load_profile("yunting")
TODAY = NOW.date()
PIECES = (
    "",
    " ",
    "甲",
    "。",
    "\n",
    "\r\n",
    "\t",
    "\u3000",
    "\u00a0",
    "\u200b",
    "\ufffd",
    "\ue000",
    "e\u0301",
    "\u0301",
    "=",
    "13800000000",
    "11010519491231002X",
    "6222020000000000000",
    "1380000",
    "0000",
    "不予处罚",
    "不罚",
    "8万元",
    "80000元",
    "８.0万元",
    "，",
    "字" * 130,
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)
CHOICES = {
    "CF_XDR_LB": ("", "法人及非法人组织", "个体工商户", "自然人", "其他"),
    "CF_XDR_SHXYM": (COMPANY, SHOP, COMPANY.lower(), f"'{COMPANY}", "", "91320902MA1EX0M1XC"),
    "CF_NR_FK": ("", "1.25", "8", "80000", "-1", "8万元", " 80,000 ", "x"),
    "CF_NR_WFFF": ("", "8", "0", "80000"),
    "CF_JDRQ": ("2025-03-14", "2025/3/14", "", "45730", "2026-11-23"),
    "CF_YXQ": ("", "2099/12/31", "2025-01-01", "长期"),
    "CF_GSJZQ": ("", "2028/03/14", "2025-03-13", "昨天"),
    "CF_CFLB": ("罚款", "不予处罚", ""),
    "CF_SJLY": ("云汀市生态环境局", "市发展改革局", "南京市生态环境局", ""),
    "CF_XDR_ZJLX": ("", "身份证"),
    "CF_XDR_ZJHM": ("", "11010519491231002X", "110105194912310021", "110***********002X", "1"),
    "KZ_LX": ("", "行政处罚", "行政强制", "罚款"),
    "KZ_LY": ("", "4", "生态环境", "99", "6"),
    "KZ_GS": ("", "是", "否", "也许"),
    "KZ_XFRQ": ("", "2025-05-01", "2025-03-01"),
    "KZ_YZCD": ("", "轻微", "重"),
}
FREE = ("CF_XDR_MC", "CF_WSH", "CF_WFXW", "CF_SY", "CF_YJ", "CF_NR", "CF_NR_ZKDX", "BZ")


@st.composite
def cells(draw: st.DrawFn) -> list[str]:
    """A row, mostly good: a few cells are others."""
    row = {**penalty(), **dict.fromkeys((name for name in CHOICES if name not in penalty()), "")}
    for name in draw(st.sets(st.sampled_from((*CHOICES, *FREE)), max_size=4)):
        row[name] = draw(st.sampled_from(CHOICES[name]) if name in CHOICES else TEXTS)
    found = list(row.values())
    width = draw(st.sampled_from((0, 0, 0, 0, -1, -8, 1, 2)))
    return found[:width] if width < 0 else found + draw(st.sampled_from((["x"], [""]))) * width


HEADINGS = [*penalty(), *(name for name in CHOICES if name not in penalty())]


def read_one_by_one(reading: Reading, lines: Sequence[tuple[int, list[str]]]) -> Chunk:
    """The same, told by the rules alone."""
    chunk = Chunk()
    for number, row_cells in lines:
        row = Row(number, row_cells, reading.layout)
        check_width(row)
        facts = None if row.errors else apply_rules(row, reading.rules)
        if facts is None:
            chunk.refused.append((row.number, row.cells, row.errors))
            continue
        if reading.key is not None:
            facts["key"] = record_rows.record_key(*(facts[name] for name in record_rows.KEY_OF))
        chunk.numbers.append(number)
        chunk.values.append(tuple(stored(facts[name]) for name in reading.names))
    return chunk


def same(one: Chunk, other: Chunk) -> None:
    assert dict(zip(one.numbers, one.values, strict=True)) == dict(zip(other.numbers, other.values, strict=True))
    errors = [{number: errors for number, _, errors in chunk.refused} for chunk in (one, other)]
    assert errors[0] == errors[1]


def reading_of_records(unit: str | None = None) -> Reading:
    found = layout(HEADINGS, (Form.PENALTY,))
    rules = record_rows.record_rules(found.form, Provenance(OFFICE, unit), TODAY)
    names = ("key", *(name for rule in rules for name in rule.gives))
    return Reading(found, rules, names, record_rows.joined_key, record_rows.KEY_OF)


RECORDS = reading_of_records()
READER = BulkReader(RECORDS)
"""One reader over all examples: what it remembers must not change what it says."""


@settings(max_examples=300)
@given(st.lists(cells(), min_size=1, max_size=8))
def test_rows_together_give_the_same_facts_and_the_same_errors_as_alone(rows: list[list[str]]) -> None:
    lines = list(enumerate(rows, start=2))
    same(READER.read(lines, {}), read_one_by_one(RECORDS, lines))


@pytest.mark.parametrize(
    "changes",
    [
        {"CF_NR": "罚款8万元", "CF_NR_FK": "80000"},
        {"CF_NR": "没收8万元", "CF_NR_FK": "", "CF_NR_WFFF": "80000"},
        {"CF_NR": "不予行政处罚"},
        {"CF_WSH": "云环不罚〔2025〕示例1号"},
        {"CF_WSH": "云环不予罚〔2025〕示例1号"},
        *({name: ""} for name in ("CF_WFXW", "CF_SY", "CF_YJ", "CF_CFLB", "CF_NR")),
        {"CF_XDR_ZJLX": "居民身份证", "CF_XDR_ZJHM": "1"},
    ],
)
def test_no_short_cut_lets_a_row_pass_that_a_rule_refuses(changes: dict[str, str]) -> None:
    lines = [(2, list({**dict.fromkeys(HEADINGS, ""), **penalty(), **changes}.values()))]
    found = READER.read(lines, {})
    same(found, read_one_by_one(RECORDS, lines))
    assert found.refused


def test_what_is_remembered_is_forgotten_in_time_and_long_cells_are_not_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "REMEMBERED", 3)
    reader = BulkReader(RECORDS)
    rows = [
        list({**dict.fromkeys(HEADINGS, ""), **penalty(CF_JDRQ=f"2025-03-{day:02d}")}.values()) for day in range(1, 29)
    ]
    rows.append(list({**dict.fromkeys(HEADINGS, ""), **penalty(CF_CFJG="云" * 100_000)}.values()))
    lines = list(enumerate(rows, start=2))
    same(reader.read(lines, {}), read_one_by_one(RECORDS, lines))
    assert all(len(asker._answers) <= 3 for asker in reader._askers)  # type: ignore[attr-defined]
    assert all(len("".join(key)) < 1000 for asker in reader._askers for key in asker._answers)  # type: ignore[attr-defined]


@settings(max_examples=100)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "名称": st.one_of(TEXTS, st.just("云汀示例有限公司")),
                "统一社会信用代码": st.sampled_from(CHOICES["CF_XDR_SHXYM"]),
                "成立日期": st.sampled_from(("", "2019-05-06", "2027-01-01")),
                "KZ_LSDM": st.sampled_from(("", COMPANY, SHOP, "1")),
                "KZ_ZTLX": st.sampled_from(("", "公司", "分支机构", "机关", "个体工商户", "x")),
            }
        ),
        min_size=1,
        max_size=5,
    )
)
def test_subjects_are_read_together_as_alone(rows: list[dict[str, str]]) -> None:
    found = layout([*subject(), "KZ_LSDM", "KZ_ZTLX"], (Form.SUBJECT,))
    rules = subject_rows.subject_rules(TODAY, standard_kinds())
    reading = Reading(found, rules, tuple(name for rule in rules for name in rule.gives))
    lines = [(number, list({**subject(), **row}.values())) for number, row in enumerate(rows, start=2)]
    same(BulkReader(reading).read(lines, {}), read_one_by_one(reading, lines))


@settings(max_examples=500)
@given(st.lists(st.one_of(TEXTS, st.text(max_size=12)), max_size=4), st.sampled_from(Texts), st.sampled_from((5, 5000)))
def test_plain_texts_are_taken_as_they_are(texts: list[str], kind: Texts, limit: int) -> None:
    read = {Texts.LINE: read_line, Texts.TEXT: read_text, Texts.PROSE: read_prose}[kind]
    if are_plain(texts, kind, limit):
        assert [read(text, limit) for text in texts] == texts


@given(st.integers(0, 0x10FFFF), st.sampled_from(Texts))
def test_no_character_is_plain_that_is_refused_or_changed(code: int, kind: Texts) -> None:
    character = f"字{chr(code)}字"
    if are_plain((character,), kind, 10):
        assert read_text(character, 10) == character
        if kind is Texts.LINE:
            assert read_line(character, 10) == character


def test_every_refused_or_changed_character_of_unicode_is_not_plain() -> None:
    for code in range(0x110000):
        character = chr(code)
        try:
            taken = read_text(character, 1) == character
        except CellError:
            taken = False
        if not taken:
            assert not are_plain((character,), Texts.TEXT, 1), hex(code)


def test_ordinary_prose_is_plain() -> None:
    assert are_plain(("经查，当事人未按规定办理手续（虚构）。\n\u3000第二段。", ""), Texts.PROSE, 100)
