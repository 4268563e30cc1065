"""What a domain answers to a path that cannot exist: remembered for a day."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec

from crawlight.rendering.contract import RenderError, RenderRequest
from crawlight.rendering.soft404 import Page

_SECONDS: Final = 24 * 3600.0
_MOST: Final = 1000

Look = Callable[[RenderRequest], Awaitable[Page | None]]
"""Render a request; None where the answer is no page."""


class Probes:
    """Answers by domain of an account."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[object, int, str], tuple[float, Page | None]] = OrderedDict()

    async def of(self, request: RenderRequest, look: Look) -> Page | None:
        """What the domain of a request shows where nothing is, whatever its status; None where that is no page."""
        parts = urlsplit(request.url)
        key = (request.account_id, request.domain_id, parts.netloc)
        at, page = self._known.get(key, (0.0, None))
        if not at or time.monotonic() - at > _SECONDS:
            nowhere = parts._replace(path=f"/{uuid4().hex}", query="", fragment="").geturl()
            page = await _seen(msgspec.structs.replace(request, url=nowhere), look)
            self._known[key] = (time.monotonic(), page)
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
        return page


async def _seen(request: RenderRequest, look: Look) -> Page | None:
    try:
        return await look(request)
    except RenderError:
        return None
