"""What goes wrong at Tencent's servers, WeCom's and WeChat's alike, before anything has happened."""

import random
from collections.abc import Callable

from aiohttp import web


def fault(chance: random.Random, share: float, expire: Callable[[], None]) -> web.Response | None:
    """For that share of the calls: 500, busy, a token that ends early, a gateway's page, an answer that is no JSON."""
    if chance.random() >= share:
        return None
    kind = chance.randrange(5)
    if kind == 0:
        return web.Response(status=500)
    if kind == 1:
        return web.json_response({"errcode": -1, "errmsg": "system busy"})
    if kind == 2:
        expire()
        return web.json_response({"errcode": 42001, "errmsg": "access_token expired"})
    if kind == 3:
        return web.Response(status=502, text="<html>bad gateway</html>")
    return web.Response(text="<html>not JSON</html>")
