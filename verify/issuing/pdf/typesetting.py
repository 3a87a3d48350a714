"""From a sheet to an unsigned PDF, by Typst: fonts and template are loaded once, layouts are kept between reports.

Rules kept:
* PDF/A-3u: every character has a glyph and a Unicode value, or there is no PDF; fonts are embedded as subsets.
* The same sheet gives the same bytes: the only moment in the file is the issuing moment.
* The template reads nothing but its own files; no network, no package.

Source: ISO 19005-3; report layout. Decision: docs/decisions/0148.
"""

import re
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from verify.errors import IssuingError
from verify.issuing.pdf.errors import PdfUnavailable
from verify.issuing.pdf.fonts import FONTS_VARIABLE, FontSource, machine_fonts
from verify.issuing.pdf.sheet import Sheet, files_of

if TYPE_CHECKING:
    from typst import Compiler, TypstError

_TEMPLATE = Path(__file__).with_name("report.typ")
_NOT_DISPLAYED = re.compile(r'the text `"(.+?)"` could not be displayed', re.DOTALL)


class Typesetter:
    """Sets one PDF at a time; threads wait for each other."""

    def __init__(self, fonts: FontSource = machine_fonts) -> None:
        self._fonts = fonts
        self._turn = Lock()
        self._compiler: Compiler | None = None
        self._template = b""

    def require_fonts(self) -> None:
        """Raises PdfUnavailable (FONT_MISSING)."""
        with self._turn:
            self._opened()

    def set(self, sheet: Sheet) -> bytes:
        """Raises PdfUnavailable (FONT_MISSING, CHARACTERS_MISSING), or IssuingError (PDF_FAILED)."""
        from typst import TypstError

        with self._turn:
            compiler = self._opened()
            files: Any = {"main.typ": self._template, **files_of(sheet)}
            try:
                made = compiler.compile(
                    input=files,
                    format="pdf",
                    pdf_standards=["a-3u"],
                    pdf_tags=False,
                    timestamp=sheet.moment,
                )
            except TypstError as error:
                raise _translated(error) from error
        if not isinstance(made, bytes):
            raise _failed("没有得到文件")
        return made

    def _opened(self) -> "Compiler":
        from typst import Compiler

        if self._compiler is None:
            self._template = _TEMPLATE.read_bytes()
            files: Any = {"main.typ": self._template}
            fonts = self._fonts()
            self._compiler = Compiler(files, root=_TEMPLATE.parent, font_paths=fonts, ignore_system_fonts=True)
        return self._compiler


def _translated(error: "TypstError") -> IssuingError:
    found = _NOT_DISPLAYED.search(str(error))
    if found is None:
        return _failed(str(error).partition("\n")[0])
    return PdfUnavailable(
        f"本机字体没有这些字：{found[1][:40]}，不能生成 PDF。",
        next_step=f"请核对来源数据；确有此字的，用环境变量 {FONTS_VARIABLE} 指明含有此字的字体目录，再重新取报告。",
        code="CHARACTERS_MISSING",
    )


def _failed(what: str) -> IssuingError:
    return IssuingError(f"不能生成 PDF：{what}。", next_step="请联系维护人员，并附上本条信息。", code="PDF_FAILED")
