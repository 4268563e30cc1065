"""Sends crawlers' requests past everything that is made for people and operators."""

from starlette.types import ASGIApp, Receive, Scope, Send

from crawlight.edge.endpoints.drop_in import DropIn
from crawlight.edge.endpoints.render import PATH, Render
from crawlight.edge.endpoints.whole_url import is_whole_url


class RenderFirst:
    """Wraps an app: the render endpoint and its drop-in are answered here, everything else by the app."""

    def __init__(self, app: ASGIApp, render: Render, drop_in: DropIn) -> None:
        self._app = app
        self._render = render
        self._drop_in = drop_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] == "http" and scope["path"] == scope.get("root_path", "") + PATH:
            await self._render(scope, receive, send)
        elif scope["type"] == "http" and is_whole_url(scope):
            await self._drop_in(scope, receive, send)
        else:
            await self._app(scope, receive, send)
