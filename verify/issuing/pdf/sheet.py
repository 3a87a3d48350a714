"""An outline as the files that the template reads: words, looks, QR, field package. Data only, never markup.

Rules kept:
* Every text goes as a JSON string; the template shows strings as they are, so nothing in a name is ever executed.
* What differs from report to report is apart from what does not (``looks.json``): the engine keeps what it has laid
  out and sets only what changed. Decision: docs/decisions/0148.
* The QR is vectors: one path of whole modules, crisp on any printer.

Source: outline; styles; qr.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from verify.issuing.outline import Block, Grid, GridKind, Margins, Outline, Text
from verify.issuing.pdf.fitting import cell_widths, pieces, rows_that_may_break, stays_together
from verify.issuing.qr import QrPicture
from verify.issuing.styles import (
    HAIRLINE,
    HEI,
    LOOKS,
    PADDING_MM,
    QR_ROOM_MM,
    RULE,
    SHADE,
    SHADED,
    SIDE_MM,
    SONG,
    TEXT_MM,
    WIDTHS_MM,
    Look,
)

ATTACHMENT = "chenghe-fields.xml"
"""The name under which the field package is attached: the same XML as in the docx."""
_AIR_POINTS = {GridKind.FACTS: 1.4, GridKind.DETAIL: 1.8, GridKind.DOMAINS: 1.65}
"""Above and below the lines of a cell, besides the padding: Word has it in its line height."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that one PDF is made of. ``moment`` is the issuing moment, aware."""

    outline: Outline
    qr: QrPicture
    package_xml: bytes
    issuer: str
    moment: datetime


def files_of(sheet: Sheet) -> Mapping[str, bytes]:
    """The template's files, by the names it reads them under."""
    return {
        "looks.json": _json(_looks()),
        "report.json": _json(_report(sheet)),
        "qr.svg": _svg(sheet.qr).encode(),
        ATTACHMENT: sheet.package_xml,
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _report(sheet: Sheet) -> dict[str, Any]:
    outline = sheet.outline
    return {
        "title": outline.title,
        "issuer": sheet.issuer,
        "first": _margins(outline.first),
        "later": _margins(outline.later),
        "body": [_block(block) for block in outline.body],
        "qr": sheet.qr.printed_mm,
    }


def _margins(margins: Margins) -> dict[str, Any]:
    return {
        "header": [_text(text, TEXT_MM) for text in margins.header],
        "footer": margins.footer[0].text,
        "watermark": margins.watermark.text if margins.watermark else None,
    }


def _text(text: Text, width_mm: float) -> dict[str, Any]:
    return {"role": text.role.value, "parts": pieces(text, width_mm)}


def _block(block: Block) -> dict[str, Any]:
    return _text(block, TEXT_MM) if isinstance(block, Text) else _grid(block)


def _grid(grid: Grid) -> dict[str, Any]:
    rows = [[_text(*cell) for cell in zip(row, cell_widths(grid.kind, row), strict=True)] for row in grid.rows]
    return {
        "kind": grid.kind.value,
        "rows": rows,
        "breakable": rows_that_may_break(grid),
        "together": stays_together(grid),
    }


def _looks() -> dict[str, Any]:
    """The numbers of ``styles``: the same for every report of this program."""
    return {
        "song": SONG,
        "hei": HEI,
        "side": SIDE_MM,
        "qr_room": QR_ROOM_MM,
        "hairline": _line(HAIRLINE),
        "rule": _line(RULE),
        "shade": f"#{SHADE}",
        "shaded": sorted(role.value for role in SHADED),
        "roles": {role.value: _look(look) for role, look in LOOKS.items()},
        "grids": {kind.value: _grid_look(kind) for kind in GridKind},
    }


def _line(line: tuple[str, str]) -> dict[str, Any]:
    eighths, colour = line
    return {"points": int(eighths) / 8, "colour": f"#{colour}"}


def _grid_look(kind: GridKind) -> dict[str, Any]:
    return {
        "widths": WIDTHS_MM[kind],
        "padding": PADDING_MM[kind],
        "air": _AIR_POINTS[kind],
        "heading": kind is GridKind.DOMAINS,
    }


def _look(look: Look) -> dict[str, Any]:
    return {
        "font": look.font,
        "size": look.size,
        "leading": look.leading,
        "align": look.align,
        "before": look.before,
        "after": look.after,
        "weight": "bold" if look.bold else "regular",
        "indent": look.indent,
        "sticky": look.keep_next,
        "whole": look.whole,
        "grey": look.grey,
    }


def _svg(qr: QrPicture) -> str:
    side = len(qr.matrix)
    path = "".join(_bars(row, number) for number, row in enumerate(qr.matrix))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><path d="{path}"/></svg>'


def _bars(row: bytes, number: int) -> str:
    """The dark runs of one row, as closed rectangles."""
    bars, place = [], 0
    while place < len(row):
        end = place
        while end < len(row) and row[end]:
            end += 1
        if end > place:
            bars.append(f"M{place} {number}H{end}v1H{place}z")
        place = end + 1
    return "".join(bars)
