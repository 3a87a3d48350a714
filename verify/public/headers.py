"""What every answer says to the browser: load nothing from elsewhere, keep nothing, tell nobody, do not index.

* The verification page alone may compile WebAssembly (its reader of QR codes), run a service worker and use the
  camera; no page may run a script that stands in its text or comes from elsewhere.
* A static file asked for by version (``?v=``, ``/v/program/<version>/``) may be kept a day; without one it is asked for
  anew each time.

Sources: Content Security Policy Level 3; RFC 9111 (no-store); report layout, 核验页 (noindex, 响应不缓存).
"""

from types import MappingProxyType

from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

SCRIPTS, SCRIPTS_OF_THE_PAGE = "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'"
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        SCRIPTS,
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PAGE_POLICY = CONTENT_SECURITY_POLICY.replace(SCRIPTS, SCRIPTS_OF_THE_PAGE).replace(
    "img-src 'self'", "img-src 'self' blob:; manifest-src 'self'"
)
HEADERS = MappingProxyType(
    {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
)
PAGE_HEADERS = MappingProxyType(
    {
        **HEADERS,
        "Content-Security-Policy": PAGE_POLICY,
        "Permissions-Policy": HEADERS["Permissions-Policy"].replace("camera=()", "camera=(self)"),
    }
)
NEVER_KEEP = "no-store"
KEEP_BY_VERSION = "public, max-age=86400"
REVALIDATE = "no-cache"
PAGE, PROGRAM = "/v", "/v/program/"
SERVER = "chenghe"
ANSWERED = "Content-Security-Policy"
FOR_PROGRAMS = CIMultiDictProxy(
    CIMultiDict(
        {**HEADERS, "Content-Type": "application/json; charset=utf-8", "Cache-Control": NEVER_KEEP, "Server": SERVER}
    )
)
"""Every header of an answer in JSON, made once: writing them one by one costs a fast answer a tenth of its time."""


async def set_headers(request: web.Request, response: web.StreamResponse) -> None:
    """For ``Application.on_response_prepare``. A handler may have chosen its own Cache-Control; it stays."""
    if ANSWERED in response.headers:
        return
    path = request.path
    response.headers.update(PAGE_HEADERS if path == PAGE or path.startswith(f"{PAGE}/") else HEADERS)
    response.headers.setdefault("Cache-Control", _keeping(request) if _is_static(request, response) else NEVER_KEEP)
    response.headers["Server"] = SERVER


def _keeping(request: web.Request) -> str:
    versioned = "v" in request.query or request.path.startswith(PROGRAM)
    return KEEP_BY_VERSION if versioned else REVALIDATE


def _is_static(request: web.Request, response: web.StreamResponse) -> bool:
    return isinstance(request.match_info.route.resource, web.StaticResource) and response.status < 400
