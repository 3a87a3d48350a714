"""Where a text lists the same matter twice: names in a sentence of the body, rows in a table of its annex.

Rules:

* A sentence lists if it names ten or more things between 、; a table lists by each of its columns.
* They list the same matter if most names of the one stand in the other, whole or shortened (城管 – 城市管理领域).
* If the numbers differ, or a name stands on one side only, both are shown, and what stands on one side only.
* Nothing is said about which of the two is right.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.assistant.evidence import trimmed
from index.policies.model import Document, Passage, PassageKind

LEAST_NAMES = 10
SAME_MATTER = 0.6
LONGEST_NAME = 24
MOST_SHOWN = 12
_SENTENCE = re.compile(r"[^。！？\n]+[。！？]?")
_NO_NAME = re.compile(r"[领域方面部门个0-9]*")
_LEAD = re.compile(r"^.*?(?:包括|包含|涵盖|涉及|分为|有|为|如下)?[：:]")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One sentence and one table of a document that list the same matter differently."""

    document: Document
    passage: Passage
    span: tuple[int, int]
    names: tuple[str, ...]
    rows: tuple[Passage, ...]
    column: str
    only_in_body: tuple[str, ...]
    only_in_table: tuple[str, ...]

    @property
    def citations(self) -> tuple[tuple[Document, Passage, tuple[int, int]], ...]:
        """The sentence and the last row, whose number is the count of the table."""
        last = self.rows[-1]
        row = trimmed(self.document.source, last.start, last.end)
        return (self.document, self.passage, self.span), (self.document, last, row)

    @property
    def notice(self) -> str:
        """Both counts and the names that stand on one side only, in Chinese."""
        told = [f"正文列举{len(self.names)}个，附表为{len(self.rows)}行，二者不一致"]
        if self.only_in_body:
            told.append(f"正文有而附表没有：{_shown(self.only_in_body)}")
        if self.only_in_table:
            told.append(f"附表有而正文没有：{_shown(self.only_in_table)}")
        return f"请注意：{'；'.join(told)}。"


def disagreements(document: Document) -> tuple[Disagreement, ...]:
    """Every pair of sentence and table column of ``document`` that list the same matter and differ."""
    tables = _tables(document)
    if not tables:
        return ()
    found = []
    for passage, span, names in _lists(document):
        for rows in tables:
            one = _compared(document, passage, span, names, rows)
            if one is not None:
                found.append(one)
    return tuple(found)


def concerned(folded: str, cited: Sequence[tuple[Document, Passage, tuple[int, int]]]) -> tuple[Disagreement, ...]:
    """The disagreements that an answer must show: it quotes the sentence, or most rows, or the question names a name
    that stands on one side only."""
    found = []
    for document in {document.id: document for document, _, _ in cited}.values():
        spans = [span for one, _, span in cited if one.id == document.id]
        for one in disagreements(document):
            inside = any(start < one.span[1] and one.span[0] < end for start, end in spans)
            rows = sum(any(start <= row.start < end for start, end in spans) for row in one.rows)
            named = any(_name_asked(name, folded) for name in (*one.only_in_body, *one.only_in_table))
            if inside or named or rows * 2 >= len(one.rows):
                found.append(one)
    return tuple(found)


def _name_asked(name: str, folded: str) -> bool:
    return len(name) > 1 and name in folded


def _tables(document: Document) -> list[list[Passage]]:
    tables: dict[tuple[str, ...], list[Passage]] = {}
    for passage in document.passages:
        if passage.kind is PassageKind.TABLE_ROW and passage.columns:
            tables.setdefault(tuple(name for name, _ in passage.columns), []).append(passage)
    return [rows for rows in tables.values() if len(rows) >= LEAST_NAMES]


def _lists(document: Document) -> list[tuple[Passage, tuple[int, int], tuple[str, ...]]]:
    found = []
    for passage in document.passages:
        if passage.kind is not PassageKind.PARAGRAPH:
            continue
        for match in _SENTENCE.finditer(document.source, passage.start, passage.end):
            names = _names(match.group())
            if len(names) >= LEAST_NAMES:
                found.append((passage, trimmed(document.source, match.start(), match.end()), names))
    return found


def _names(sentence: str) -> tuple[str, ...]:
    """The names between 、; 甲、乙、丙等领域 ends with 丙."""
    listed = _LEAD.sub("", sentence.strip().rstrip("。"))
    *first, end = listed.split("、")
    last = re.split(r"等|以及|和(?=[^、]{2,8}(?:领域|方面|部门)?$)", end)[:2]
    names = [name.strip() for name in (*first, *last) if not _NO_NAME.fullmatch(name.strip())]
    return tuple(names) if all(len(name) <= LONGEST_NAME for name in names) else ()


def _compared(
    document: Document, passage: Passage, span: tuple[int, int], names: tuple[str, ...], rows: Sequence[Passage]
) -> Disagreement | None:
    found: list[tuple[float, Disagreement | None]] = [(0.0, None)]
    for place, (column, _) in enumerate(rows[0].columns):
        cells = [row.columns[place][1] for row in rows]
        if len(set(cells)) < len(cells):
            continue
        stems = [_stem(cell, column) for cell in cells]
        body = tuple(name for name in names if not any(_same(name, stem) for stem in stems))
        table = tuple(cell for cell, stem in zip(cells, stems, strict=True) if not any(_same(n, stem) for n in names))
        shared = min(1 - len(body) / len(names), 1 - len(table) / len(cells))
        differs = bool(body or table or len(names) != len(cells))
        one = Disagreement(document, passage, span, names, tuple(rows), column, body, table) if differs else None
        found.append((shared, one))
    shared, best = max(found, key=lambda scored: scored[0])
    return best if shared >= SAME_MATTER else None


def _stem(cell: str, column: str) -> str:
    """The name in a cell: without the column's own name at its end, and without what stands in brackets."""
    return re.sub(r"[（(].*?[）)]", "", cell).removesuffix(column).strip()


def _same(name: str, stem: str) -> bool:
    """城管 and 城市管理 too: the shorter is in the longer, or its characters come in that order, first with first."""
    name = re.sub(r"[（(].*?[）)]", "", name).removesuffix("领域")
    short, long = sorted((name, stem), key=len)
    if short in long:
        return True
    return short[:1] == long[:1] and bool(re.search(".*?".join(map(re.escape, short)), long))


def _shown(names: Sequence[str]) -> str:
    more = f"等{len(names)}个" if len(names) > MOST_SHOWN else ""
    return "、".join(names[:MOST_SHOWN]) + more
