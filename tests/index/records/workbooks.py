"""Workbooks made by hand, part by part: as honest and as hostile as a test wants them."""

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def text_cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def row_of(cells: Iterable[str], **attributes: str) -> str:
    """One row; ``cells`` are cells as XML."""
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<row{said}>{''.join(cells)}</row>"


def text_row(texts: Iterable[str], **attributes: str) -> str:
    return row_of(map(text_cell, texts), **attributes)


def sheet_xml(rows: Iterable[str], before: str = "", after: str = "", doctype: str = "") -> str:
    return (
        f'{HEAD}{doctype}<worksheet xmlns="{_MAIN}">{before}<sheetData>{"".join(rows)}</sheetData>{after}</worksheet>'
    )


def write_workbook(
    path: Path,
    sheets: Mapping[str, str],
    *,
    states: Mapping[str, str] | None = None,
    parts: Mapping[str, str | bytes] | None = None,
    compression: int = zipfile.ZIP_DEFLATED,
) -> Path:
    """``sheets``: name → XML. ``states``: hidden sheets. ``parts``: further parts, or other content of these."""
    numbered = list(enumerate(sheets.items(), start=1))
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}" state="{(states or {}).get(name, "visible")}"/>'
        for number, (name, _) in numbered
    )
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number, _ in numbered
    )
    relations += f'<Relationship Id="rIdS" Type="{_OFFICE}/styles" Target="/xl/styles.xml"/>'
    relations += f'<Relationship Id="rIdT" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    content: dict[str, str | bytes] = {
        "[Content_Types].xml": f"{HEAD}<Types/>",
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{_PACKAGE}">{relations}</Relationships>',
        "xl/styles.xml": f'{HEAD}<styleSheet xmlns="{_MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
        f'<xf numFmtId="31"/></cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'{HEAD}<sst xmlns="{_MAIN}"/>',
        **{f"xl/worksheets/sheet{number}.xml": xml for number, (_, xml) in numbered},
        **(parts or {}),
    }
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return path
