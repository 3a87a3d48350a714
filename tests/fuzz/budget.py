"""How many examples a fuzzing test takes: few in the suite, many in ``make fuzz`` (``CHENGHE_FUZZ_EXAMPLES``)."""

import os

VARIABLE = "CHENGHE_FUZZ_EXAMPLES"


def examples(usual: int) -> int:
    return int(os.environ.get(VARIABLE, usual))
