"""One target under atheris: ``python -m tests.fuzz.child NAME libFuzzer-options… CORPUS``. The rest is libFuzzer's."""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["verify"]):
    from tests.fuzz.targets import TARGETS, seeds


def main() -> None:
    name, corpus = sys.argv[1], Path(sys.argv[-1])
    for number, seed in enumerate(seeds(name)):
        (corpus / f"seed-{number}").write_bytes(seed)
    target = TARGETS[name]
    target(b"")  # what is made once is made before the clock runs
    atheris.Setup([sys.argv[0], *sys.argv[2:]], lambda data: target(bytes(data)))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
