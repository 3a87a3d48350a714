"""The fonts of the PDF: found on the machine, never shipped with the program, embedded as subsets.

Rules kept:
* Text is set in Noto Serif CJK SC, headings in Noto Sans CJK SC, as the docx names them (docs/decisions/0053).
* Without both there is no PDF: another face may lack characters of names (喆 堃 䶮 𬭎).
* Looked for where the system keeps its fonts, and in the folders named by CHENGHE_FONTS.

Source: report layout, "通用". Decision: docs/decisions/0148.
"""

import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from verify.issuing.pdf.errors import PdfUnavailable
from verify.issuing.styles import HEI, SONG

if TYPE_CHECKING:
    from typst import Fonts

FONTS_VARIABLE = "CHENGHE_FONTS"
FontSource = Callable[[], "Fonts"]


def machine_fonts() -> "Fonts":
    """Every font of this machine. Raises PdfUnavailable (FONT_MISSING)."""
    named = os.environ.get(FONTS_VARIABLE, "").split(os.pathsep)
    return fonts_in(tuple(folder for folder in named if folder), with_system=True)


@cache
def fonts_in(folders: tuple[str, ...], *, with_system: bool) -> "Fonts":
    """The fonts of ``folders``, with the system's if wanted. Raises PdfUnavailable (FONT_MISSING).

    What was found is kept: looking through a system's fonts takes 0.1 s. What was missing is looked for again.
    """
    from typst import Fonts

    found = Fonts(include_system_fonts=with_system, include_embedded_fonts=False, font_paths=[*folders])
    missing = [name for name in (SONG, HEI) if name not in found.families()]
    if missing:
        raise PdfUnavailable(
            f"本机没有字体 {'、'.join(missing)}，不能生成 PDF。",
            next_step=f"请安装 Debian 软件包 fonts-noto-cjk，或用环境变量 {FONTS_VARIABLE} 指明字体目录，再取报告。",
            code="FONT_MISSING",
        )
    return found
