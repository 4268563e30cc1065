"""Connections to a site's own hosts, led to its origin: to the browser they are those of the site itself.

TLS ends here, so that a page is at ``https://`` whatever its origin speaks; the head of each request is written anew,
and what the origin answers is handed on as it comes.
"""

import asyncio
from contextlib import suppress
from typing import Final

from crawlight.kit.origin import Origin
from crawlight.rendering.ends import End, Way
from crawlight.rendering.heads import Heads

_HANDSHAKE_SECONDS: Final = 10.0


class Led(End):
    """The browser's end of a connection to the origin."""

    def __init__(self, way: Way, origin: Origin, upstream: End) -> None:
        super().__init__(way, counts=False)
        self._heads = Heads(origin)
        self.other = upstream
        upstream.other = self

    async def take_over(self, transport: asyncio.Transport, *, encrypted: bool) -> None:
        """Speak with a browser that waits on a connection, as the site; ``encrypted`` says whether in TLS."""
        if not encrypted:
            transport.set_protocol(self)
            self.connection_made(transport)
            return
        from crawlight.rendering.certificate import server_context

        loop = asyncio.get_running_loop()
        try:
            secure = await loop.start_tls(
                transport, self, server_context(), server_side=True, ssl_handshake_timeout=_HANDSHAKE_SECONDS
            )
        except BaseException as error:
            self._abort_both()
            if isinstance(error, OSError):  # the browser went away
                return
            raise
        if secure is None or self.other is None or self.other.transport is None or self.other.ended:
            self._abort_both()
            return
        self.connection_made(secure)

    def data_received(self, data: bytes) -> None:
        """Hand on a request, its head written anew."""
        try:
            sent = self._heads.feed(data)
        except ValueError:
            self._abort_both()
            return
        if sent:
            super().data_received(sent)

    def _abort_both(self) -> None:
        for end in (self, self.other):
            if end is not None:
                with suppress(OSError):
                    end.abort()
