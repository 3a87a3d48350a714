"""One target under atheris: ``python -m tests.fuzz.child NAME libFuzzer-options… CORPUS``. The rest is libFuzzer's.

With a file in the place of CORPUS, such as one of ``fuzz-findings/``, the target runs on that file alone.
"""

import sys
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["verify", "bot.channels"]):
    from tests.fuzz.targets import TARGETS, seeds
from tests.fuzz.budget import PREPARED


def main() -> None:
    name, corpus = sys.argv[1], Path(sys.argv[-1])
    target = TARGETS[name]
    target(b"")  # what is made once is made before the time is counted
    if corpus.is_dir():
        for number, seed in enumerate(seeds(name)):
            (corpus / f"seed-{number:03}").write_bytes(seed)
    print(PREPARED, f"{time.process_time():.2f}", file=sys.stderr, flush=True)
    atheris.Setup([sys.argv[0], *sys.argv[2:]], lambda data: target(bytes(data)))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
