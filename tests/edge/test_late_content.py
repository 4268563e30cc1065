"""A server learns how late the pages of a domain are complete."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from crawlight.domains import late_content
from crawlight.domains.late_content import LateContent
from tests.edge.rendered import Edge, rendering_edge
from tests.rendering.site import CONTENT

pytestmark = pytest.mark.anyio

LATE = "The part that comes late"


@pytest.fixture(scope="module")
async def edge(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Edge]:
    async with rendering_edge(tmp_path_factory.mktemp("edge") / "data") as opened:
        yield opened


def put(edge: Edge, path: str, milliseconds: int = 1800) -> None:
    script = f"setTimeout(() => {{ more.textContent = '{LATE}' }}, {milliseconds})"
    edge.origin.page(path, f"<h1>A thing</h1>{CONTENT}<p id=more></p><script>{script}</script>")


async def until_whole(edge: Edge, path: str) -> None:
    end = time.monotonic() + 60
    while LATE not in (await edge.get(path)).text:
        assert time.monotonic() < end
        await asyncio.sleep(0.1)


async def known(edge: Edge) -> dict[str, LateContent]:
    of_it = await late_content.of_domain(edge.services.database, edge.domain_id)
    return {one.pattern: one for one in of_it}


async def test_two_late_pages_make_the_others_of_their_kind_wait(edge: Edge) -> None:
    for number in (1, 2):
        path = f"/watch/{number}"
        put(edge, path)
        assert LATE not in (await edge.get(path)).text
        await until_whole(edge, path)
        # The later snapshot has taken the place of the first, and no render was made for it.
        history = await edge.services.edge.snapshots.history(edge.domain_id, path)
        assert history[0].complete > history[1].complete > 0
        assert edge.renders(path) == 1
    end = time.monotonic() + 30
    while (await known(edge))["/watch/*"].pages < 2:
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
    learned = (await known(edge))["/watch/*"]
    assert learned.what == ("text",)
    assert learned.wait > learned.milliseconds > 0
    put(edge, "/watch/3")
    assert LATE in (await edge.get("/watch/3")).text
    # Pages of another kind are not made to wait.
    put(edge, "/clock/3")
    assert LATE not in (await edge.get("/clock/3")).text


async def test_what_is_learned_can_be_forgotten_and_fixed(edge: Edge) -> None:
    await late_content.fix(edge.services.database, edge.domain_id, "/shop/*", 2500)
    put(edge, "/shop/1")
    assert LATE in (await edge.get("/shop/1")).text
    await late_content.forget(edge.services.database, edge.domain_id, "/shop/*")
    put(edge, "/shop/2")
    assert LATE not in (await edge.get("/shop/2")).text
