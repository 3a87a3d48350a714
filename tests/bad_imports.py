"""Hostile and broken files for the import of records: makes each, imports it in a process of its own, prints the table.

    python -m tests.bad_imports

The table stands in docs/bad-input.md. Nobody in these files exists.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from index.errors import OfficeError
from index.records.importing import import_records
from index.rules.offices import load_profile
from index.store.engine import open_store
from tests.index.records.samples import NOW, penalty, write_csv
from tests.index.records.workbooks import HEAD, row_of, sheet_xml, text_cell, text_row, write_workbook

PART = "xl/worksheets/sheet1.xml"
HEADINGS = text_row(penalty())
GIB = 1 << 30
_THIS_AND_ITS_READER = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


@dataclass(frozen=True, slots=True)
class Case:
    """``result``: the error code of the file, or rows landed / refused."""

    name: str
    file: str
    make: Callable[[Path], object]
    result: str


def _book(
    *rows: str, doctype: str = "", after: str = "", parts: dict[str, str | bytes] | None = None
) -> Callable[[Path], object]:
    sheet = sheet_xml([HEADINGS, *rows], after=after, doctype=doctype)
    return lambda path: write_workbook(path, {"数据": sheet}, parts=parts)


def _streamed(pieces: Callable[[], Iterator[bytes]]) -> Callable[[Path], object]:
    """A workbook whose sheet is written piece by piece."""

    def make(path: Path) -> None:
        good = path.with_suffix(".good")
        _book()(good)
        with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                if name != PART:
                    target.writestr(name, source.read(name))
            with target.open(PART, "w", force_zip64=True) as part:
                for piece in pieces():
                    part.write(piece)

    return make


def _start() -> bytes:
    return sheet_xml([HEADINGS]).partition("</sheetData>")[0].encode()


def _gigabyte_cell_csv(path: Path) -> None:
    with path.open("wb") as file:
        file.write(",".join(penalty()).encode() + b'\n"')
        for _ in range(GIB >> 20):
            file.write(b"a" * (1 << 20))
        file.write(b'",1\n')


def _gigabyte_cell() -> Iterator[bytes]:
    yield _start() + b'<row><c t="inlineStr"><is><t>'
    yield from (os.urandom(1 << 19).hex().encode() for _ in range(120))


def _bomb() -> Iterator[bytes]:
    yield _start()
    yield from (b" " * (1 << 20) for _ in range(1024))


def _empty_rows() -> Iterator[bytes]:
    yield _start()
    for number in range(2, 1_000_000, 1000):
        yield "".join(f'<row r="{each}"/>' for each in range(number, number + 1000)).encode()
    yield b"</sheetData></worksheet>"


def _bad_rows(path: Path) -> None:
    row = ",".join(penalty(CF_JDRQ="昨天", CF_NR_FK="x").values())
    with path.open("w", encoding="utf-8") as file:  # row by row: a child begins with the memory of its parent
        file.write(",".join(penalty()) + "\n")
        for _ in range(200_000):
            file.write(f"{row}\n")


def _one_row_of_lines(path: Path) -> None:
    with path.open("wb") as file:
        file.write(",".join(penalty()).encode() + b'\n"a\n')
        for _ in range(200):
            file.write(b'","a\n' * (1 << 18))
        file.write(b'"\n')


def _endless_columns(path: Path) -> None:
    with path.open("wb") as file:
        file.write(",".join(penalty()).encode() + b"\n")
        for _ in range(300):
            file.write(b"," * 1_000_000 + b"\n")


def _long_cells(path: Path) -> None:
    row = ",".join(penalty(**dict.fromkeys(penalty(), "１" * 10_000)).values())
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(penalty()) + "\n")
        for _ in range(1000):
            file.write(f"{row}\n")


def _other_packing(path: Path) -> None:
    _book()(path)
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as target:
        for name, content in parts.items():
            target.writestr(name, content)


def _mixed(path: Path) -> None:
    heading, row = ",".join(penalty()), ",".join(penalty().values())
    path.write_bytes(f"{heading}\n{row}\n".encode() + f"{row}\n".encode("gb18030"))


def _truncated(path: Path) -> None:
    _book(*[text_row(penalty(CF_WSH=str(number)).values()) for number in range(500)])(path)
    path.write_bytes(path.read_bytes()[:-2000])


def _laughs() -> str:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'{HEAD}<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><sst><si><t>&l9;</t></si></sst>'


def _xxe() -> Callable[[Path], object]:
    cell = '<c t="inlineStr"><is><t>&e;</t></is></c>'
    return _book(row_of([cell]), doctype='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>')


def _formula() -> Callable[[Path], object]:
    cells = [text_cell(text) for text in penalty().values()]
    return _book(row_of([*cells[:-1], "<c><f>cmd()</f><v>1</v></c>"]))


def _ole(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000) + "EncryptedPackage".encode("utf-16-le"))


def _csv(*rows: dict[str, str]) -> Callable[[Path], object]:
    return lambda path: write_csv(path, list(rows))


def _climbing() -> Callable[[Path], object]:
    relation = '<Relationship Id="rId1" Type="x/worksheet" Target="../../../../etc/passwd"/>'
    relations = f"{HEAD}<Relationships>{relation}</Relationships>"
    return _book(parts={"xl/_rels/workbook.xml.rels": relations, "../../evil.txt": "x"})


def _twice(path: Path) -> None:
    path.write_text(",".join([*penalty(), "CF_WSH"]) + "\n", encoding="utf-8")


CASES = (
    Case("CSV：公式 =cmd() 当文字", "a.csv", _csv(penalty(CF_SY="=cmd()")), "1 行导入"),
    Case("CSV：1 GB 的单元格", "a.csv", _gigabyte_cell_csv, "IMPORT_UNREADABLE"),
    Case("CSV：重复的列名", "a.csv", _twice, "IMPORT_DUPLICATE_HEADING"),
    Case("CSV：混用两种编码", "a.csv", _mixed, "IMPORT_MIXED_ENCODING"),
    Case("CSV：两行完全相同", "a.csv", _csv(penalty(), penalty()), "2 行导入"),
    Case("CSV：引号把五千万行并成一行", "a.csv", _one_row_of_lines, "IMPORT_UNREADABLE"),
    Case("CSV：三百行，每行一百万个空列", "a.csv", _endless_columns, "0 行导入"),
    Case("CSV：一千行，每格一万个全角数字", "a.csv", _long_cells, "1000 行未导入"),
    Case("CSV：二十万行全错", "a.csv", _bad_rows, "200000 行未导入"),
    Case("XLSX：公式 =cmd()", "a.xlsx", _formula(), "1 行未导入"),
    Case("XLSX：外部实体 /etc/passwd", "a.xlsx", _xxe(), "IMPORT_HOSTILE"),
    Case("XLSX：十亿个笑", "a.xlsx", _book(parts={"xl/sharedStrings.xml": _laughs()}), "IMPORT_HOSTILE"),
    Case("XLSX：zip 炸弹，1 GB 空格", "a.xlsx", _streamed(_bomb), "IMPORT_HOSTILE"),
    Case("XLSX：一个单元格 120 MB，压不小", "a.xlsx", _streamed(_gigabyte_cell), "IMPORT_UNREADABLE"),
    Case("XLSX：一百万个空行", "a.xlsx", _streamed(_empty_rows), "0 行导入"),
    Case("XLSX：LZMA 压缩的部件", "a.xlsx", _other_packing, "IMPORT_BROKEN"),
    Case("XLSX：截断", "a.xlsx", _truncated, "IMPORT_BROKEN"),
    Case("XLSX：指向不存在的文字", "a.xlsx", _book(row_of(['<c t="s"><v>7</v></c>'])), "IMPORT_BROKEN"),
    Case("XLSX：部件名 ../../evil.txt", "a.xlsx", _climbing(), "IMPORT_BROKEN"),
    Case("XLSX：有密码", "a.xlsx", _ole, "IMPORT_ENCRYPTED"),
    Case(
        "XLSX：数据区有合并单元格",
        "a.xlsx",
        _book(text_row(penalty().values()), after='<mergeCells><mergeCell ref="A2:A3"/></mergeCells>'),
        "IMPORT_MERGED",
    ),
)


def read_case(path: Path) -> str:
    """What becomes of the file."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_store(Path(folder) / "office.db")
        try:
            report = import_records(engine, path, load_profile("yunting"), now=NOW, actor="测试")
        except OfficeError as error:
            return f"{error.code}\t{error.message}"
        finally:
            engine.dispose()
    return f"{report.rejected} 行未导入" if report.rejected else f"{report.rows} 行导入"


def main(arguments: list[str]) -> int:
    if arguments:
        print(read_case(Path(arguments[0])))
        print(max(resource.getrusage(who).ru_maxrss for who in _THIS_AND_ITS_READER) / 1024)
        return 0
    return report()


def report() -> int:
    """The table, on standard output; 1 when something became of a file that should not have."""
    print("| 文件 | 结果 | 秒 | 峰值内存 MB |\n|---|---|--:|--:|")
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            path = Path(folder) / case.file
            case.make(path)
            begin = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-m", "tests.bad_imports", str(path)], capture_output=True, check=True
            )
            seconds = time.perf_counter() - begin
            said, memory = done.stdout.decode().splitlines()
            code, _, words = said.partition("\t")
            wrong += code != case.result
            result = f"{words} `{code}`" if words else code
            print(f"| {case.name} | {result} | {seconds:.1f} | {float(memory):.0f} |", flush=True)
            path.unlink()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
