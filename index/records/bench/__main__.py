"""``python -m index.records.bench``: imports a fictional file beside the raw peers, and prints the figures.

Every task runs in a process of its own on a new database, one after the other, on the same file.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from index.records.bench.making import write_book, write_file
from index.records.bench.measuring import Measured, measure
from index.records.bench.raw import PEERS
from index.records.bench.task import IMPORT, SAMPLE
from index.rules.offices import load_profile

AGAIN = "import again"
BOOK = "import of a workbook"
MOST_RATIO, MOST_MIB = 4, 500


def main() -> None:
    options = _options()
    with TemporaryDirectory(dir=options.folder) as folder:
        found = dict(_figures(Path(folder), options.rows, options.book))
    if options.json:
        print(json.dumps({name: asdict(each) for name, each in found.items()}, indent=2))
    else:
        print("\n".join(_table(found)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m index.records.bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, metavar="N", help="rows of the CSV")
    parser.add_argument("--book", type=int, default=50_000, metavar="N", help="rows of the workbook")
    parser.add_argument("--folder", metavar="DIR", help="where the files are made and taken away again")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    return parser.parse_args()


def _figures(folder: Path, rows: int, book: int) -> Iterator[tuple[str, Measured]]:
    city = load_profile(SAMPLE).city
    file, database = folder / "records.csv", str(folder / "office.db")
    write_file(file, rows, city)
    for peer in PEERS:
        yield peer, measure(peer, [str(file), str(folder / f"{peer}.db")])
        (folder / f"{peer}.db").unlink()
    yield IMPORT, measure(IMPORT, [str(file), database])
    yield AGAIN, measure(IMPORT, [str(file), database])
    workbook = folder / "records.xlsx"
    write_book(workbook, book, city)
    yield BOOK, measure(IMPORT, [str(workbook), str(folder / "book.db")])


def _table(found: dict[str, Measured]) -> Iterator[str]:
    yield "|  | rows | s | processor s | rows/s | times the bare table | times the keyed table | peak MiB |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    bare, keyed = (found[peer].seconds / found[peer].rows for peer in PEERS)
    for name, each in found.items():
        own = each.seconds / each.rows
        yield (
            f"| {name} | {each.rows:,} | {each.seconds:.1f} | {each.processor_seconds:.1f} "
            f"| {each.rows_per_second:,.0f} | {own / bare:.2f} | {own / keyed:.2f} | {each.peak_mib:.0f} |"
        )
    yield ""
    yield f"Target: at most {MOST_RATIO} times the raw peer, {MOST_MIB} MiB."


if __name__ == "__main__":
    main()
