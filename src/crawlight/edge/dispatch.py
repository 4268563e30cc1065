"""Sends crawlers' requests past everything that is made for people and operators."""

from starlette.types import ASGIApp, Receive, Scope, Send

from crawlight.edge.endpoints.render import PATH, Render


class RenderFirst:
    """Wraps an app: the render endpoint is answered here, everything else by the app."""

    def __init__(self, app: ASGIApp, render: Render) -> None:
        self._app = app
        self._render = render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection (ASGI)."""
        if scope["type"] == "http" and scope["path"] == scope.get("root_path", "") + PATH:
            await self._render(scope, receive, send)
        else:
            await self._app(scope, receive, send)
