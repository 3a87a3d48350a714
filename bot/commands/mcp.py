"""``chenghe mcp``: the tools for language models, over standard input and output or over HTTP."""

import argparse
import logging
import sys

from bot import clock, console
from bot.commands import Commands
from bot.settings import Home

PORT = 8770


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    serving = commands.add_parser("mcp", parents=[common], help="供智能助手调用的工具（MCP）：检索、问答、取条文、核验")
    serving.add_argument("--http", action="store_true", help="以 HTTP 提供（默认用标准输入输出，由助手程序启动）")
    serving.add_argument("--host", default="127.0.0.1", help="--http 的监听地址（默认 127.0.0.1）")
    serving.add_argument("--port", type=int, default=PORT, help=f"--http 的端口（默认 {PORT}）")
    serving.set_defaults(run=run)


class WithoutDetails(logging.Filter):
    """What went wrong and of what kind: no traceback, and nothing that somebody sent."""

    def filter(self, record: logging.LogRecord) -> bool:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else record.levelname
        record.msg, record.args = "MCP %s %s", (record.name, kind)
        record.exc_info = record.exc_text = None
        return True


def run(options: argparse.Namespace, home: Home) -> int:
    import asyncio

    shown = logging.StreamHandler(sys.stderr)
    shown.addFilter(WithoutDetails())
    logging.basicConfig(level=logging.WARNING, handlers=[shown])
    asyncio.run(_over_http(home, options.host, options.port) if options.http else _over_stdio(home))
    return 0


async def _over_stdio(home: Home) -> None:
    from bot import rooms
    from bot.mcp import nobody, server
    from bot.mcp_room import opened

    async with opened(home, nobody) as tools:
        console.say("MCP 工具已就绪（标准输入输出）。")
        await server(tools, rooms.program()).run_stdio_async()


async def _over_http(home: Home, host: str, port: int) -> None:
    from bot import rooms
    from bot.holders import Holders
    from bot.mcp import server
    from bot.mcp_http import PATH, application, holder, serve
    from bot.mcp_room import opened
    from verify.public.serving import listen, log_to_stderr, origin_of

    listening = listen(host, port)
    say = log_to_stderr()
    holders = Holders(home)
    async with opened(home, holder) as tools:
        say(f"MCP 工具：{origin_of(listening)}{PATH}（令牌用 chenghe api-token new 发）\n按 Ctrl+C 停止。")
        await serve(application(server(tools, rooms.program()), holders.check, clock.now), listening)
    holders.close()
    say("已停止。")
