"""What every answer says to the browser: load nothing from elsewhere, keep nothing, tell nobody, do not index.

* The verification page alone may compile WebAssembly (its reader of QR codes) and run a service worker; no page may
  run a script that stands in its text or comes from elsewhere.
* A static file asked for by version (``?v=``) may be kept a day; without one (ES modules import each other so) it is
  asked for anew each time.
* A service worker below ``/v/static/`` may look after ``/v``, and nothing else.

Sources: Content Security Policy Level 3; Service Workers §8.1 (Service-Worker-Allowed); RFC 9111 (no-store); report
layout, 核验页 (noindex, 响应不缓存).
"""

from types import MappingProxyType

from aiohttp import web

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
        "Permissions-Policy": "geolocation=(), microphone=()",
    }
)
NEVER_KEEP = "no-store"
KEEP_BY_VERSION = "public, max-age=86400"
REVALIDATE = "no-cache"
PAGE = "/v"


async def set_headers(request: web.Request, response: web.StreamResponse) -> None:
    """For ``Application.on_response_prepare``. A handler may have chosen its own Cache-Control; it stays."""
    response.headers.update(HEADERS)
    if request.path == PAGE or request.path.startswith(f"{PAGE}/"):
        response.headers["Content-Security-Policy"] = PAGE_POLICY
    static = _is_static(request, response)
    response.headers.setdefault("Cache-Control", _keeping(request) if static else NEVER_KEEP)
    if static and request.headers.get("Service-Worker") == "script":
        response.headers["Service-Worker-Allowed"] = PAGE
    response.headers["Server"] = "chenghe"


def _keeping(request: web.Request) -> str:
    return KEEP_BY_VERSION if "v" in request.query else REVALIDATE


def _is_static(request: web.Request, response: web.StreamResponse) -> bool:
    return isinstance(request.match_info.route.resource, web.StaticResource) and response.status < 400
