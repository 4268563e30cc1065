"""One browser for all tests of the room, and a site for each."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from crawlight.rendering.renderer import Rendered, Renderer, RenderRequest
from tests.rendering.reader import Reader, reading
from tests.rendering.site import Site, serving

Render = Callable[..., Awaitable[Rendered]]


@pytest.fixture(scope="session")
async def renderer(anyio_backend: str) -> AsyncIterator[Renderer]:
    """A renderer whose browser all tests share."""
    opened = Renderer()
    yield opened
    await opened.close()


@pytest.fixture
async def site(anyio_backend: str) -> AsyncIterator[Site]:
    """A site without pages."""
    async with serving() as opened:
        yield opened


@pytest.fixture(scope="session")
async def reader(anyio_backend: str) -> AsyncIterator[Reader]:
    """Another browser, in which snapshots are opened."""
    async with reading() as opened:
        yield opened


@pytest.fixture
def render(renderer: Renderer, reader: Reader) -> Render:
    """Render a URL on loopback; nothing may run in what comes of it."""
    alone = asyncio.Lock()

    async def call(url: str, **changes: Any) -> Rendered:
        page = await renderer.render(request_for(url, **changes))
        async with alone:
            assert not page.html or await reader.faults(page.html) == []
        return page

    return call


def request_for(url: str, **changes: Any) -> RenderRequest:
    """A request of domain 1 of account 1, which may reach loopback."""
    given = {"domain_id": 1, "account_id": 1, "allowed_networks": ("127.0.0.0/8",)}
    return RenderRequest(url=url, **(given | changes))
