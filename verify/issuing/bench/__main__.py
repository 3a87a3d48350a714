"""``python -m verify.issuing.bench [--reports N] [--records N] [--json]``: see docs/benchmarks.md."""

import argparse
import json
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from verify.issuing.bench.measuring import measure
from verify.issuing.bench.table import result_table


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints."""
    given = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="chenghe-bench-") as folder:
        result = measure(Path(folder), given.reports, given.records, _say)
    if given.json:
        print(json.dumps({**asdict(result), "python": platform.python_version(), "system": platform.platform()}))
    else:
        print(result_table(result))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m verify.issuing.bench", description="签发的速度：逐步和整体")
    parser.add_argument("--reports", type=_positive, default=100, help="每种测量签发多少份")
    parser.add_argument("--records", type=int, default=1, choices=range(1000), metavar="N", help="每个主体有几条记录")
    parser.add_argument("--json", action="store_true", help="输出一个 JSON 文档")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("应为正整数")
    return number


def _say(progress: str) -> None:
    print(progress, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
