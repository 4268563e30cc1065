"""Pages that are hard to render, as a crawler gets them: the whole page, its redirect, the last good copy, or 204."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from crawlight.domains import wanted
from tests.edge.rendered import Edge, rendering_edge, told
from tests.rendering import hard
from tests.rendering.hard import CASES, Case
from tests.rendering.site import CONTENT

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def edge(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Edge]:
    async with rendering_edge(
        tmp_path_factory.mktemp("hard") / "data", render_wait=8, render_timeout=15
    ) as opened:
        hard.put(opened.origin, CONTENT)
        yield opened


async def comes(edge: Edge, path: str) -> tuple[int, str, str]:
    """Status, location and text of what a crawler gets, in the end where that takes longer than it waits."""
    async with asyncio.timeout(120):
        while True:
            answer = await edge.get(path, headers={"x-crawlight-redirects": "manual"})
            if told(answer)[2] != "too_late":
                return answer.status_code, answer.headers.get("location", ""), answer.text
            assert answer.status_code == 204


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_crawler_gets_what_is_right(edge: Edge, case: Case) -> None:
    status, location, text = await comes(edge, f"/hard/{CASES.index(case)}")
    assert status == case.status
    assert location.endswith("/other" if status == 302 else "")
    assert (CONTENT in text) == (status == 200)


@pytest.mark.parametrize("reason", ["empty", "upstream_5xx"])
async def test_a_page_that_breaks_keeps_its_last_good_copy(edge: Edge, reason: str) -> None:
    path, results = f"/breaks/{reason}", edge.services.worker.results
    edge.page(path)
    assert (await comes(edge, path))[0] == 200
    broken = next(number for number, case in enumerate(CASES) if case.expected == reason)
    edge.origin.pages[path] = edge.origin.pages[f"/hard/{broken}"]
    before = results[reason]
    await wanted.want(edge.services.database, edge.domain_id, [path], "purge")
    async with asyncio.timeout(120):
        while results[reason] == before:
            await asyncio.sleep(0.05)
    status, _, text = await comes(edge, path)
    assert (status, CONTENT in text) == (200, True)
