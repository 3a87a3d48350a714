"""The ``chenghe`` command. Each subcommand is one module of ``bot.commands``; rooms are imported when they are needed.

Exit status: 0 done, 1 an answer that is not "good" (``verify``), 2 could not be answered.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from bot import console
from bot.commands import (
    api_tokens,
    asking,
    audit,
    authorisations,
    bases,
    channels,
    chat,
    demo,
    keys,
    log,
    mcp,
    objections,
    office,
    policies,
    questions,
    records,
    repairs,
    reports,
    serving,
    staff,
    verifying,
)
from bot.errors import BotError, UsageError
from bot.settings import Home
from index.errors import OfficeError
from verify.errors import VerifyError

COMMANDS = (
    demo,
    serving,
    channels,
    office,
    policies,
    asking,
    chat,
    api_tokens,
    mcp,
    questions,
    records,
    authorisations,
    bases,
    reports,
    objections,
    repairs,
    verifying,
    keys,
    log,
    staff,
    audit,
)


class CommandLine(argparse.ArgumentParser):
    """A parser whose complaints are errors like all others: with a code, in Chinese, with the next step."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(
            f"命令写得不对（{message}）。", next_step=f"用法：{self.format_usage().removeprefix('usage: ').strip()}"
        )


def parser() -> CommandLine:
    """Every command with its options; also read by the test that compares them with the documentation."""
    top = CommandLine(prog="chenghe", description="诚核：有据可查的政策问答，可验真伪的信用报告。")
    common = argparse.ArgumentParser(add_help=False)
    for place in (top, common):
        place.add_argument(
            "--home", default=argparse.SUPPRESS, metavar="DIR", help="数据目录（默认 ./chenghe-data 或 $CHENGHE_HOME）"
        )
    commands = top.add_subparsers(dest="command", required=True, metavar="命令")
    for command in COMMANDS:
        command.add_to(commands, common)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    words = sys.argv[1:] if arguments is None else arguments
    try:
        options = parser().parse_args(words)
        status: int = options.run(options, Home.from_argument(getattr(options, "home", None)))
    except (BotError, OfficeError, VerifyError) as problem:
        return _explain(problem, as_json="--json" in words)
    except KeyboardInterrupt:
        console.say("已停止。")
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 141
    return status


def _explain(problem: BotError | OfficeError | VerifyError, *, as_json: bool) -> int:
    if as_json:
        console.print_json({"error": console.described(problem)})
    console.say(f"{problem.message}\n下一步：{problem.next_step}\n（{problem.code}）")
    return 2


if __name__ == "__main__":
    sys.exit(main())
