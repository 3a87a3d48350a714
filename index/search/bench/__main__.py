"""``python -m index.search.bench CORPUS QUERIES [--confirmed FILE] [--json] [--growth]``: see docs/benchmarks.md."""

import argparse
import json
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from index.search.bench.corpus import BenchError, as_corpus, read_questions, read_rows
from index.search.bench.growth import GROWTH, grow
from index.search.bench.measuring import measure
from index.search.bench.table import growth_table, result_table


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints; 2 when a file cannot be used."""
    given = _parser().parse_args(arguments)
    try:
        rows, questions = read_rows(given.corpus, given.passages), read_questions(given.queries)
        confirmed = read_questions(given.confirmed) if given.confirmed else None
        with tempfile.TemporaryDirectory(prefix="chenghe-bench-") as folder:
            if given.growth:
                steps = grow(rows, questions, Path(folder), _say)
                print(json.dumps([asdict(step) for step in steps]) if given.json else growth_table(steps))
            else:
                result = measure(as_corpus(rows), questions, confirmed, Path(folder), _say)
                print(json.dumps({**asdict(result), "machine": _machine()}) if given.json else result_table(result))
    except BenchError as error:
        print(f"基准测试的文件用不了：{error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m index.search.bench", description="检索的质量、速度与开销")
    parser.add_argument("corpus", type=Path, help="条文，JSON 行（可为 .gz）：id、title、path、art、text")
    parser.add_argument("queries", type=Path, help="问题，JSON 行：id、text、relevant")
    parser.add_argument("--confirmed", type=Path, help="专家确认过出处的问题，格式同上；给同一文件即交叉验证")
    parser.add_argument("--passages", type=int, help="只用前若干条条文")
    parser.add_argument(
        "--growth", action="store_true", help=f"改为测量开销随规模的增长（{GROWTH[0]} 至 {GROWTH[-1]} 条）"
    )
    parser.add_argument("--json", action="store_true", help="输出一个 JSON 文档")
    return parser


def _machine() -> dict[str, str]:
    return {"python": platform.python_version(), "system": platform.platform(), "processor": platform.machine()}


def _say(progress: str) -> None:
    print(progress, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
