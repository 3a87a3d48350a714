"""``chenghe serve``: the three services, together on one port or one of them alone."""

import argparse

from bot import clock, console
from bot.commands import Commands
from bot.settings import Home


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    serving = commands.add_parser("serve", parents=[common], help="启动服务：员工问答、报告核验、报告签发")
    serving.add_argument("--host", default="127.0.0.1", help="监听地址（默认 127.0.0.1，只供本机）")
    serving.add_argument("--port", type=int, default=8765, help="端口（默认 8765）")
    serving.add_argument("--only", choices=("bot", "issuing", "public"), help="只启动其中一个服务")
    serving.set_defaults(run=run)


def run(options: argparse.Namespace, home: Home) -> int:
    from bot.app import serve

    console.say(f"数据目录：{home.root}")
    serve(home, host=options.host, port=options.port, only=options.only, clock=clock.now)
    return 0
