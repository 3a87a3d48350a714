"""Where the error workbooks of an import go: ``--errors DIR`` or ``--errors FILE.xlsx``; without it, a hint.

Rule kept: an error workbook never takes the place of a file, least of all of one that is half mended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from bot import console
from bot.errors import UsageError

if TYPE_CHECKING:
    from index.records.import_report import ImportReport

ENDING = "-待更正.xlsx"


@dataclass(frozen=True, slots=True)
class ErrorBooks:
    """``folder`` takes one workbook per file; ``file`` is the one of the only file; neither: nothing is written."""

    folder: Path | None = None
    file: Path | None = None

    @classmethod
    def of(cls, place: str | None, files: Sequence[str]) -> "ErrorBooks":
        """Raises UsageError for a place that cannot take them."""
        if place is None:
            return cls()
        path = Path(place)
        books = cls(file=path) if path.suffix.lower() == ".xlsx" else cls(folder=path)
        if books.file is not None and len(files) > 1:
            raise _wrong("一次导入几个文件时，--errors 应为文件夹。", "例如 --errors 错误表")
        if books.file is not None and books.file.exists():
            raise _wrong(f"已经有 {books.file.name}，不覆盖。", "请用 --errors 指定另一个文件名，或先移走它。")
        if len({books._target(Path(name)) for name in files}) < len(files):
            raise _wrong("要导入的文件有同名的，错误表会互相覆盖。", "请分次导入，或先改名。")
        sources = {Path(name).resolve() for name in files}
        taken = next((name for name in files if books._target(Path(name)).resolve() in sources), None)
        if taken is not None:
            raise _wrong(f"错误表会盖掉要导入的文件 {Path(taken).name}。", "请用 --errors 指定另一个文件名。")
        return books

    def write(self, report: "ImportReport", source: Path) -> dict[str, str]:
        """Writes the workbook of a file of which rows were refused; what ``--json`` says of it."""
        if not report.rejected:
            return {}
        if self.folder is None and self.file is None:
            console.say("  加上 --errors 文件夹 重新导入本文件，可得到标出错误的表格，改好后直接导入。")
            return {}
        from index.records.error_workbook import write_error_workbook

        target = _free(self._target(source))
        write_error_workbook(report, target)
        console.say(f"  没有导入的行在 {target}，错误处已标出，改好后直接导入这个文件。")
        return {"errors_file": str(target)}

    def _target(self, source: Path) -> Path:
        if self.file is not None:
            return self.file
        return (self.folder or Path()) / f"{source.stem}{ENDING}"


def _free(path: Path) -> Path:
    """``path``, or the first of 处罚-待更正2.xlsx, 处罚-待更正3.xlsx, … that is not there yet."""
    names = (path.with_stem(f"{path.stem}{number}") for number in count(2))
    return next(each for each in chain((path,), names) if not each.exists())


def _wrong(message: str, next_step: str) -> UsageError:
    return UsageError(message, next_step=next_step, code="ERRORS_PLACE")
