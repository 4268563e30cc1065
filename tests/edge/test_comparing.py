"""Pages are compared with what people see: when somebody asks for it, and in idle time."""

import asyncio
import json
from pathlib import Path

import pytest

from crawlight.domains import comparisons
from tests.edge.rendered import Edge, rendering_edge
from tests.rendering.site import CONTENT

pytestmark = pytest.mark.anyio


async def until_compared(edge: Edge, path: str) -> comparisons.StoredComparison:
    async with asyncio.timeout(90):
        while (found := await comparisons.of_page(edge.services.database, edge.domain_id, path)) is None:
            await asyncio.sleep(0.2)
    return found


async def test_pages_are_compared_when_asked_for_and_in_idle_time(tmp_path: Path) -> None:
    async with rendering_edge(tmp_path / "data") as edge:
        comparer, line = edge.services.comparer, edge.services.renderer.slots
        # Later than any render waits for what comes by timers.
        late = (
            "setTimeout(() => { more.textContent = 'What comes much later is lost to every crawler' }, 7000)"
        )
        edge.origin.page("/late", f"{CONTENT}<p id=more></p><script>{late}</script>")
        edge.page("/whole")
        for path in ("/late", "/whole"):
            assert (await edge.get(path)).status_code == 200
        comparer.begin(edge.domain_id, "/late")
        comparer.begin(edge.domain_id, "/late")
        assert comparer.is_comparing(edge.domain_id, "/late")
        stored = await until_compared(edge, "/late")
        found = json.loads(stored.found)
        assert stored.whole is False
        assert found["textMissing"]["first"] == ["What comes much later is lost to every crawler"]

        # Crawlers that wait go first: nothing is begun while there is anything to do.
        for _ in range(line.most):
            await line.enter(0)
        await comparer.sample()
        for _ in range(line.most):
            line.leave()
        assert await comparisons.of_page(edge.services.database, edge.domain_id, "/whole") is None

        await comparer.sample()
        stored = await until_compared(edge, "/whole")
        assert stored.whole is True, stored.found
        # The snapshots are fresh: the site is asked by the crawler's render and by the people's browser.
        assert edge.renders("/whole") == edge.renders("/late") == 2
        assert comparer.shares == {"example.com": comparisons.Share(1, 2)}
        metrics = (await edge.client.get("/metrics")).text
        assert 'crawlight_pages_compared{domain="example.com"} 2.0' in metrics
        assert 'crawlight_pages_whole{domain="example.com"} 1.0' in metrics
