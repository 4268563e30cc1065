"""Behind a proxy: whom ``X-Forwarded-*`` may speak for, and the path below which the server lies."""

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware


class BehindProxy:
    """Wraps the app. Only trusted addresses may say who the visitor is, by which scheme and host they came.

    ``base`` is the public path of the server, such as ``/crawlight``; proxies may keep it in the path or strip it.
    """

    def __init__(self, app: ASGIApp, trusted: str, base: str) -> None:
        self._app = app
        self._base = base
        # uvicorn's takes client address and scheme, of several proxies in a row the first untrusted one.
        self._trusting = ProxyHeadersMiddleware(app, trusted_hosts=trusted)  # type: ignore[arg-type]
        self._trusted = self._trusting.trusted_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._base:
            _below(scope, self._base)
        client = scope.get("client")
        if client and client[0] in self._trusted:
            _take_host(scope)
        await self._trusting(scope, receive, send)  # type: ignore[arg-type]


def _below(scope: Scope, base: str) -> None:
    path: str = scope["path"]
    if path == base:
        scope["path"] = base + "/"
    elif not path.startswith(base + "/"):
        scope["path"] = base + path
    scope["root_path"] = base


def _take_host(scope: Scope) -> None:
    forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-host"]
    if forwarded:
        host = forwarded[-1].rpartition(b",")[2].strip()
        kept = [pair for pair in scope["headers"] if pair[0] != b"host"]
        scope["headers"] = [*kept, (b"host", host)]
