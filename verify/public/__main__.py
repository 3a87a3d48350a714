"""``python -m verify.public --folder DIR``: the public service alone, from a copy of ``public/`` and nothing else.

Neither ``bot`` nor ``index`` nor ``verify.issuing`` need be on the machine. ``chenghe serve --only public`` is the same
service. The only place of this room that reads the clock.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from verify.errors import VerifyError
from verify.public.app import PublicSettings, build
from verify.public.serving import listen, log_to_stderr, origin_of, run
from verify.validity import SHANGHAI


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options().parse_args(arguments)
    try:
        return _serve(options)
    except VerifyError as problem:
        _say(f"出错：{problem.message}\n下一步：{problem.next_step}\n代码：{problem.code}")
        return 1


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m verify.public", description="报告核验服务")
    options.add_argument("--folder", type=Path, required=True, help="公开文件夹（签发机上 public/ 的副本）")
    options.add_argument("--host", default="127.0.0.1", help="监听地址（默认 127.0.0.1）")
    options.add_argument("--port", type=int, default=8765, help="端口（默认 8765）")
    options.add_argument("--proxies", default="", help="可信代理的地址，以逗号分隔；只相信它们的 X-Forwarded-For")
    options.add_argument("--scrapers", default="", help="除本机外可以读 /metrics 的地址，以逗号分隔")
    options.add_argument("--memory", type=Path, help="把见过的清单版本记在这个文件（不写则只记在内存里）")
    return options


def _serve(options: argparse.Namespace) -> int:
    if not options.folder.is_dir():
        raise VerifyError(f"没有文件夹 {options.folder}。", next_step="请检查 --folder。", code="FOLDER_MISSING")
    listening = listen(options.host, options.port)
    say = log_to_stderr()
    proxies, scrapers = addresses_of(options.proxies), addresses_of(options.scrapers)
    app = build(PublicSettings(options.folder, _now, proxies=proxies, scrapers=scrapers, memory=options.memory))
    asyncio.run(run(app, listening, say=say, announce=lambda: say(f"报告核验：{origin_of(listening)}/v")))
    return 0


def addresses_of(text: str) -> frozenset[str]:
    return frozenset(filter(None, (part.strip() for part in text.split(","))))


def _now() -> datetime:
    return datetime.now(SHANGHAI)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
