"""``python -m verify.bench.files``: a batch of pictures and PDFs beside the bare libraries that decode them.

* Ours: the whole batch, as ``chenghe verify FOLDER`` and the batch page do it – workers, a child for every file,
  carrying, verifying, collecting – on as many workers as cores. Every code must come out valid, or nothing is told.
* Raw: as many processes as cores, doing nothing but decoding (``bare``), in the usual way and in the quickest.
* The same files in the same run, in blocks, the three taking turns at every block and at being first. All of them with
  large pages for pixels (``workers.ALLOCATOR``): the program starts itself again with them. Files lie in memory.
* Told is processor time – this process, the workers and all their children, as the kernel counts it – since that of the
  wall says nothing on a machine that others use; the ratio of the wall stands beside it. Linux only.
* Memory: the most this process and any of its children held.

Asked for by issue 5: at least 0.85 of raw.
"""

import argparse
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from multiprocessing.pool import Pool
from pathlib import Path

from verify.batch.inputs import Item
from verify.batch.results import Collecting
from verify.batch.running import answered
from verify.bench import bare, pictures
from verify.bench.office import MOMENT, BenchOffice
from verify.documents.examine import Means
from verify.documents.workers import ALLOCATOR, Readers
from verify.issuing.bench.delivered import Printer, new_identity
from verify.reasons import Verdict

LEAST = 0.85
BLOCK = 40
_SEVERAL = 4
_Make = Callable[[Sequence[bytes]], bytes]
_MakeBlock = Callable[[range], list[bytes]]


@dataclass(frozen=True, slots=True)
class Kind:
    """``share`` of the files of its group, in hundredths; ``codes`` in a file."""

    name: str
    share: int
    make: _Make
    codes: int = 1


PICTURES = (
    Kind("photographs, 12 MP, askew, uneven light", 30, pictures.photograph),
    Kind("the same turned by 37 degrees, from further away", 10, pictures.turned),
    Kind("the same with a red seal over the code", 10, pictures.sealed),
    Kind("scans, A4 at 300 dpi, JPEG", 30, pictures.scan),
    Kind("scans with four codes", 10, pictures.scan, _SEVERAL),
    Kind("scans, PNG", 10, pictures.scan_png),
)
SCANNED = Kind("PDFs of two scans", 50, pictures.scanned_pdf)
CERTIFIED = "certified PDFs of reports, compared in full"


@dataclass(frozen=True, slots=True)
class Measured:
    """Processor seconds for ``files`` files with ``codes`` codes; ``found`` of these by the usual raw way."""

    kind: str
    files: int = 0
    codes: int = 0
    found: int = 0
    raw: float = 0.0
    quickest: float = 0.0
    ours: float = 0.0
    raw_wall: float = 0.0
    quickest_wall: float = 0.0
    ours_wall: float = 0.0

    def __add__(self, other: "Measured") -> "Measured":
        sums = (getattr(self, name) + getattr(other, name) for name in self.__slots__[1:])
        return Measured(self.kind, *sums)

    @property
    def ratio(self) -> float:
        return self.raw / self.ours

    def row(self) -> str:
        rates = (f"{self.files / seconds:.1f}" for seconds in (self.raw, self.quickest, self.ours))
        ratios = (self.ratio, self.raw_wall / self.ours_wall, self.quickest / self.ours)
        cells = [self.kind, str(self.files), f"{self.found} of {self.codes}", *rates]
        return "| " + " | ".join([*cells, *(f"{ratio:.2f}" for ratio in ratios)]) + " |"


@dataclass(frozen=True, slots=True)
class Bench:
    office: BenchOffice
    readers: Readers
    cores: int
    rounds: int

    def measure(self, kind: str, make: _MakeBlock, files: int, codes: int = 1) -> Measured:
        """Blocks of files, made as they are needed; never more than a block is held."""
        whole, turns = Measured(kind), count()
        for start in range(0, files, BLOCK):
            block = make(range(start, min(start + BLOCK, files)))
            if not start:
                self._warm(block)
            for _ in range(self.rounds):
                whole += self._block(kind, block, codes, next(turns))
        return whole

    def _warm(self, block: Sequence[bytes]) -> None:
        bare.usual(block[0])
        self._batch(block[: self.cores], None)

    def _block(self, kind: str, block: Sequence[bytes], codes: int, turn: int) -> Measured:
        found: list[int] = []
        ways: list[Callable[[], object]] = [
            lambda: found.append(bare.decode_all(block, bare.usual, self.cores)),
            lambda: bare.decode_all(block, bare.quickest, self.cores),
            lambda: self._batch(block, codes),
        ]
        spent = [(0.0, 0.0)] * len(ways)
        for place in range(len(ways)):
            which = (place + turn) % len(ways)
            spent[which] = _timed(ways[which])
        processor, wall = zip(*spent, strict=True)
        return Measured(kind, len(block), len(block) * codes, found[0], *processor, *wall)

    def _batch(self, files: Sequence[bytes], codes: int | None) -> None:
        means = Means(self.office.trust, self.office.now, self.office.now, reader=self.readers.read)
        collecting = Collecting(None)
        items = (Item(str(number), partial(bytes, data)) for number, data in enumerate(files))
        for item, answers in answered(items, means, readers=self.readers.count):
            rows = collecting.add(item.name, answers)
            verdicts = {row.verification.verdict for row in rows}
            if verdicts != {Verdict.VALID} or len(rows) != (codes or len(rows)):
                reasons = [row.verification.reason.name for row in rows]
                sys.exit(f"file {item.name}: {reasons}, not {codes} valid codes: nothing was measured")
        collecting.table()


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Processor seconds, seconds of the wall."""
    processor, start = _processor_seconds(), time.perf_counter()
    work()
    return _processor_seconds() - processor, time.perf_counter() - start


def _processor_seconds() -> float:
    """Of this process, of its children, and of theirs that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + used.ru_utime + used.ru_stime + sum(map(_of_child, Path("/proc").glob("[0-9]*/stat")))


def _of_child(stat: Path) -> float:
    """Nothing for a process that is none of ours, or has just ended."""
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK") if int(fields[1]) == os.getpid() else 0.0


def _pictured(makers: Pool, office: BenchOffice, kind: Kind, numbers: range) -> list[bytes]:
    shown = [[office.token(each * kind.codes + code) for code in range(kind.codes)] for each in numbers]
    return makers.map(kind.make, shown, chunksize=1)


def _memory() -> str:
    here, children = (
        resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return f"Largest: this process {here} MB (a block of files with it), any other {children} MB."


def _measured(bench: Bench, makers: Pool, printer: Printer, files: int, pdfs: int) -> Iterator[Measured]:
    whole = Measured("**all pictures**")
    for kind in PICTURES:
        make = partial(_pictured, makers, bench.office, kind)
        found = bench.measure(kind.name, make, files * kind.share // 100, kind.codes)
        whole += found
        yield found
    yield whole
    yield bench.measure(SCANNED.name, partial(_pictured, makers, bench.office, SCANNED), pdfs * SCANNED.share // 100)
    yield bench.measure(CERTIFIED, printer.certified, pdfs - pdfs * SCANNED.share // 100)


def _again_with_large_pages(arguments: Sequence[str]) -> None:
    if not ALLOCATOR.items() <= os.environ.items():
        command = [sys.executable, "-m", "verify.bench.files", *arguments]
        os.execve(sys.executable, command, {**os.environ, **ALLOCATOR})  # noqa: S606 - this very program


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m verify.bench.files")
    parser.add_argument("--count", type=int, default=1000, help="pictures in all")
    parser.add_argument("--pdfs", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=1, help="of each block")
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    _again_with_large_pages(arguments)
    identity, listed = new_identity(MOMENT)
    office = BenchOffice.made((listed,))
    printer = Printer.ready(office, identity)
    print("| files | how many | codes raw finds | raw, a second and core | quickest raw | batch | of raw |", end="")
    print(" by the wall | of quickest |\n|---" + "|--:" * 8 + "|")
    found = []
    with multiprocessing.get_context("fork").Pool(options.cores) as makers, Readers(options.cores) as readers:
        bench = Bench(office, readers, options.cores, options.rounds)
        for each in _measured(bench, makers, printer, options.count, options.pdfs):
            found.append(each)
            print(each.row(), flush=True)
    print(_memory(), f"Load {os.getloadavg()[0]:.1f} at the end.")
    under = [each.kind for each in found if each.ratio < LEAST]
    print(f"Asked for, of all pictures together and of each kind of PDF: {LEAST} of raw. Under it: {under or 'none'}.")
    return 1 if set(under) - {kind.name for kind in PICTURES} else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
