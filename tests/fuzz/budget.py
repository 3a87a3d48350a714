"""How many examples a fuzzing test takes: few and the same in the suite, many and others in every ``make fuzz``."""

import os

VARIABLE = "CHENGHE_FUZZ_EXAMPLES"
PREPARED = "prepared, processor seconds:"


def examples(usual: int) -> int:
    return int(os.environ.get(VARIABLE, usual))


def repeatable() -> bool:
    return VARIABLE not in os.environ
