"""What every answer says to the browser: load nothing from elsewhere, keep nothing, tell nobody, do not index.

Sources: Content Security Policy Level 3; RFC 9111 (no-store); report layout, 核验页 (noindex, 响应不缓存).
"""

from types import MappingProxyType

from aiohttp import web

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
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


async def set_headers(request: web.Request, response: web.StreamResponse) -> None:
    """For ``Application.on_response_prepare``. A handler may have chosen its own Cache-Control; it stays."""
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", KEEP_BY_VERSION if _is_static(request, response) else NEVER_KEEP)
    response.headers["Server"] = "chenghe"


def _is_static(request: web.Request, response: web.StreamResponse) -> bool:
    return isinstance(request.match_info.route.resource, web.StaticResource) and response.status < 400
