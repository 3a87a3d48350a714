"""What a service writes down: one line per request, without personal data.

* Method, route pattern, status, milliseconds. No path, no query, no address, no user agent: a path of ``/v/…`` *is* a
  credential with a company's name in it.
* The pattern comes from our own route table, the method only if it is a known one, so nobody can write into the log.
* aiohttp's own complaint about malformed HTTP quotes what was sent and from where; only its kind is kept.
"""

import logging

from aiohttp import hdrs, web
from aiohttp.abc import AbstractAccessLogger

LOGGER = "chenghe.access"
SERVER_LOGGER = "aiohttp.server"


class TerseAccessLogger(AbstractAccessLogger):
    """For ``web.AppRunner(access_log_class=…)``."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        self.logger.info("%s %s %d %.1fms", _method(request), _pattern(request), response.status, time * 1000)


class WithoutDetails(logging.Filter):
    """For aiohttp's server logger."""

    def filter(self, record: logging.LogRecord) -> bool:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else "无"
        record.msg, record.args = "HTTP 请求无法处理，异常种类：%s", (kind,)
        record.exc_info = record.exc_text = None
        return True


def _method(request: web.BaseRequest) -> str:
    return request.method if request.method in hdrs.METH_ALL else "OTHER"


def _pattern(request: web.BaseRequest) -> str:
    if not isinstance(request, web.Request):
        return "-"
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "-"
