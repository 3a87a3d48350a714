"""A source page shows all of the text, and marks exactly the quote."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.source import Block, Line, source_of, span_in
from index.policies.model import Document, Passage, PassageKind, State, Status, Validity
from index.policies.raw_places import RawSpan

TEXT = "关于示例的办法\n一、总则\n第一条 为了示例。\n序号 | 事项 | 单位\n1 | 公开 | 甲局\n2 | 监督 | 乙局\n附则在此。\n"
STATUS = Status(State.IN_FORCE, date(2026, 1, 1), None)
KINDS = (
    PassageKind.TITLE,
    PassageKind.HEADING,
    PassageKind.PARAGRAPH,
    PassageKind.TABLE_HEADER,
    PassageKind.TABLE_ROW,
    PassageKind.TABLE_ROW,
    PassageKind.PARAGRAPH,
)


def document() -> Document:
    passages, start = [], 0
    for number, (line, kind) in enumerate(zip(TEXT.splitlines(keepends=True), KINDS, strict=True)):
        heading = ("关于示例的办法", "一、总则")[: 1 if kind is PassageKind.TITLE else 2]
        passages.append(Passage("a", number, kind, heading, start, start + len(line)))
        start += len(line)
    return Document(
        id="a",
        title="关于示例的办法",
        document_number="示政发〔2026〕1号",
        issuing_body="示例市政府",
        issued_on=date(2026, 1, 1),
        place=None,
        provenance="网友上传",
        source=TEXT,
        passages=tuple(passages),
        validity=Validity(),
        origin="a.txt",
        raw_sha256="0" * 64,
    )


def lines_of(block: Block) -> list[Line]:
    return [line for line in (block.line, *block.header, *(cell for row in block.rows for cell in row)) if line]


def plain(text: str) -> str:
    return "".join(text.replace("|", "").split())


@given(st.integers(0, len(TEXT) - 1), st.integers(1, len(TEXT)))
def test_all_of_the_text_is_shown_and_only_the_quote_is_marked(start: int, end: int) -> None:
    span = (start, end) if start < end else None
    pieces = [p for block in source_of(document(), STATUS, span).blocks for line in lines_of(block) for p in line]
    assert plain("".join(piece.text for piece in pieces)) == plain(TEXT)
    assert plain("".join(piece.text for piece in pieces if piece.marked)) == plain(TEXT[start:end] if span else "")
    assert sum(piece.first for piece in pieces) == any(piece.marked for piece in pieces)


def test_structure_follows_the_passages() -> None:
    source = source_of(document(), STATUS, None)
    assert [block.level for block in source.blocks] == [2, 2, 0, 0, 0]
    table = source.blocks[3]
    assert ["".join(p.text for p in cell) for cell in table.header] == ["序号", "事项", "单位"]
    assert len(table.rows) == 2


def test_where_it_comes_from_is_said() -> None:
    source = source_of(document(), STATUS, None)
    assert source.provenance == "网友上传"
    assert ("文号", "示政发〔2026〕1号") in source.about
    assert source.status.label == "现行有效"


def test_only_spans_of_the_text_are_spans() -> None:
    assert span_in(document(), "0", "3") == (0, 3)
    for start, end in (("3", "3"), ("0", str(len(TEXT) + 1)), (None, "3"), ("-1", "3"), ("٣", "9"), ("0", "9" * 30)):
        assert span_in(document(), start, end) is None


def test_a_quote_that_came_otherwise_is_shown_as_it_came() -> None:
    quote = (TEXT.index("第一条"), TEXT.index("序号"))
    came = RawSpan("第一條 為(wèi)了示例.", 8, 22, "示例.txt")
    assert source_of(document(), STATUS, quote, came).original is came


def test_a_quote_that_only_came_with_other_blanks_is_not_shown_twice() -> None:
    quote = (TEXT.index("第一条"), TEXT.index("序号"))
    assert source_of(document(), STATUS, quote, RawSpan("　第一条　为了\n示例。", 8, 22, "示例.txt")).original is None
