"""One module per command: ``add_to`` says its options, each action is a function of (options, home) → exit status."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Commands = object
