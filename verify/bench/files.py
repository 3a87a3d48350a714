"""``python -m verify.bench.files``: a batch of pictures and PDFs beside the bare libraries that decode them.

* Raw: as many processes as cores, each doing nothing but Pillow and zxing-cpp (for PDFs pypdfium2 and zxing-cpp) on its
  share of the files. Ours: the whole batch, as ``chenghe verify FOLDER`` and the batch page do it – workers, a child
  for every file, carrying, verifying, collecting – on as many workers.
* The same files in the same run; rounds of the two take turns. The ratio is raw seconds by our seconds.
* Memory: the most this process and any of its children held.

Asked for by issue 5: at least 0.85.
"""

import argparse
import io
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from verify.batch.inputs import Item
from verify.batch.results import Collecting
from verify.batch.running import answered
from verify.bench.office import BenchOffice
from verify.bench.pictures import photographs, scanned_pdfs, scans
from verify.documents.examine import Means
from verify.documents.workers import Readers
from verify.reasons import Verdict

LEAST = 0.85
KINDS = {"photographs, 12 MP": photographs, "scans, A4 at 300 dpi": scans, "PDFs of two scans": scanned_pdfs}
PDF_SCALE = 2.0


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds for ``files`` files, medians over the rounds."""

    kind: str
    files: int
    raw: float
    ours: float

    @property
    def ratio(self) -> float:
        return self.raw / self.ours

    def row(self, cores: int) -> str:
        rates = (self.files / seconds / cores for seconds in (self.raw, self.ours))
        return (
            "| "
            + " | ".join([self.kind, str(self.files), *(f"{rate:.1f}" for rate in rates), f"{self.ratio:.3f}"])
            + " |"
        )


def measure(kind: str, files: Sequence[bytes], office: BenchOffice, *, cores: int, rounds: int) -> Measured:
    raw, ours = [], []
    with Readers(cores) as readers:
        _batch(files[:cores], office, readers)  # the workers are warm
        for _ in range(rounds):
            raw.append(_timed(lambda: _raw(files, cores)))
            ours.append(_timed(lambda: _batch(files, office, readers)))
    return Measured(kind, len(files), statistics.median(raw), statistics.median(ours))


def _timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _batch(files: Sequence[bytes], office: BenchOffice, readers: Readers) -> None:
    means = Means(office.trust, office.now, office.now, reader=readers.read)
    collecting = Collecting(None)
    items = (Item(str(number), lambda data=data: data) for number, data in enumerate(files))  # type: ignore[misc]
    for item, answers in answered(items, means, readers=readers.count):
        if {row.verification.verdict for row in collecting.add(item.name, answers)} != {Verdict.VALID}:
            sys.exit(f"file {item.name} is not valid: nothing was measured")
    collecting.table()


def _raw(files: Sequence[bytes], cores: int) -> None:
    children = [_forked(files[share::cores]) for share in range(cores)]
    if any(os.waitpid(child, 0)[1] for child in children):
        sys.exit("the bare libraries found no code: nothing was measured")


def _forked(files: Sequence[bytes]) -> int:
    child = os.fork()
    if child == 0:
        os._exit(0 if all(_decode(data) for data in files) else 1)
    return child


def _decode(data: bytes) -> int:
    """How many codes the bare libraries find."""
    import zxingcpp
    from PIL import Image

    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    if not data.startswith(b"%PDF-"):
        with Image.open(io.BytesIO(data)) as picture:
            return len(zxingcpp.read_barcodes(picture.convert("L"), formats=formats))
    from pypdfium2 import PdfDocument

    pages = [page.render(scale=PDF_SCALE).to_pil().convert("L") for page in PdfDocument(data)]
    return sum(len(zxingcpp.read_barcodes(page, formats=formats)) for page in pages)


def _memory() -> str:
    here, children = (
        resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return f"Largest: this process {here} MB (the files themselves with it), a worker's child {children} MB."


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m verify.bench.files")
    parser.add_argument("--count", type=int, default=1000, help="pictures in all, photographs and scans in equal parts")
    parser.add_argument("--pdfs", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    office = BenchOffice.made()
    counts = dict(zip(KINDS, (options.count // 2, options.count // 2, options.pdfs), strict=True))
    print("| files | how many | raw, a second and core | batch, a second and core | of raw |\n|---|--:|--:|--:|--:|")
    found = []
    for kind, make in KINDS.items():
        files = list(make(office.tokens(counts[kind])))
        found.append(measure(kind, files, office, cores=options.cores, rounds=options.rounds))
        print(found[-1].row(options.cores), flush=True)
    print(_memory())
    return 0 if all(each.ratio >= LEAST for each in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
