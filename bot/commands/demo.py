"""``chenghe demo``: the whole main job on built-in fictional data, told as it goes."""

import argparse

from bot import clock
from bot.commands import Commands
from bot.settings import Home

DEMO_HOME = "chenghe-demo"


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("demo", parents=[common], help="用虚构数据演示全流程（默认目录 ./chenghe-demo）")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, home: Home) -> int:
    from bot.demo.story import tell

    home = Home.from_argument(getattr(options, "home", None) or DEMO_HOME)
    return tell(Home(home.root), clock.now())  # the demo's index is its own, whatever the office uses
