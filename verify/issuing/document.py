"""A report as a docx: a shell made by python-docx, filled with the outline's words and the QR.

Rules kept:
* Every word comes from the outline; this module adds frames, spaces and page counters only.
* The heading row of part one repeats on every page; no row breaks but one that may be longer than a page; a record's
  table stays on one page where it fits.
* The same outline and QR give the same bytes: no clock, no random ids, fixed dates inside the zip.
* One picture only, the QR; no list numbering; nothing hidden.

The body is one string of WordprocessingML (``wml``): that takes 2 ms where cell-by-cell access takes 585. The shell
(``shell``) is made once for each kind of page: with or without watermark, and for each width of the QR.

Source: report layout, page by page; ECMA-376 part 1.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from verify.issuing import wml
from verify.issuing.outline import Grid, GridKind, Outline, Role, Text
from verify.issuing.packing import member, packed
from verify.issuing.qr import QrPicture
from verify.issuing.shell import Frame, Slot, shell_of
from verify.issuing.styles import PADDING_MM, WIDTHS_MM

_LONG_TEXT = 1200
"""Characters of a cell that may not fit one page: its row may break, and its record need not stay together."""


def render(outline: Outline, qr: QrPicture, package_xml: bytes, *, issuer: str, moment: datetime) -> bytes:
    """The docx with its field package. ``moment`` is the issuing moment: in the core properties and inside the zip."""
    frame = Frame(
        watermarks=tuple(each.watermark.text if each.watermark else None for each in (outline.first, outline.later)),
        footers=(outline.first.footer[0].text, outline.later.footer[0].text),
        qr_mm=qr.printed_mm,
    )
    words = _words(outline, issuer, moment)
    contents: Mapping[Slot, bytes] = {slot: text.encode() for slot, text in words.items()} | {
        Slot.PACKAGE: package_xml,
        Slot.QR: qr.png,
    }
    return packed(
        [member(part.name, part.filled(contents)) if part.slots else part.ready for part in shell_of(frame)], moment
    )


def _words(outline: Outline, issuer: str, moment: datetime) -> dict[Slot, str]:
    name, code, hint = outline.first.header
    later_name, number = outline.later.header
    words = {
        Slot.TITLE: outline.title,
        Slot.ISSUER: issuer,
        Slot.NAME: name.text,
        Slot.CODE: code.text,
        Slot.HINT: hint.text,
        Slot.LATER_NAME: later_name.text,
        Slot.NUMBER: number.text,
        Slot.MOMENT: f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    return {slot: escape(text) for slot, text in words.items()} | {Slot.BODY: "".join(_blocks(outline))}


def _blocks(outline: Outline) -> Iterator[str]:
    headings = 0
    for block in outline.body:
        if isinstance(block, Grid):
            yield _grid(block)
        elif block.role is Role.HEADING:
            headings += 1
            yield _heading(block, new_page=headings == 1)
        else:
            yield wml.words(block)


def _heading(text: Text, *, new_page: bool) -> str:
    """Part one begins on page 2, at its top; the others follow where they fall, so that no page stays empty."""
    setting = '<w:pageBreakBefore/><w:spacing w:before="0"/>' if new_page else ""
    return wml.paragraph(text.role, wml.run(text.text), setting=setting)


def _grid(grid: Grid) -> str:
    widths = WIDTHS_MM[grid.kind]
    last = len(grid.rows) - 1
    long = [any(len(text.text) > _LONG_TEXT for text in row) for row in grid.rows]
    together = grid.kind is not GridKind.DOMAINS and not any(long)
    rows = [
        wml.text_row(
            row,
            widths,
            heading=grid.kind is GridKind.DOMAINS and place == 0,
            keep_next=together and place < last,
            may_break=long[place],
        )
        for place, row in enumerate(grid.rows)
    ]
    return wml.table(widths, rows, padding_mm=PADDING_MM[grid.kind]).replace(f" {wml.NAMESPACE}", "", 1)
