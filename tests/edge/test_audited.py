"""What the worker stores is audited: one server with a browser, which looks for old audits all the time."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import update

from crawlight.audit import VERSION
from crawlight.database.tables import PageAudit
from crawlight.domains import audits, pages
from crawlight.domains.audits import StoredAudit
from crawlight.runtime.jobs import Job
from crawlight.runtime.renderer import RendererServices
from tests.edge.rendered import Edge, rendering_edge, told
from tests.edge.test_render import until
from tests.rendering.site import CONTENT
from tests.rendering.test_status import answer

pytestmark = pytest.mark.anyio

BOMB = """<div hidden id=place></div><script>
let place = document.getElementById("place");
for (let number = 0; number < 4900; number++) {
  const [p, b] = [document.createElement("p"), document.createElement("b")];
  b.setAttribute("x", number);
  place.append(p);
  p.append(b);
  place = b;
}
</script>"""
"""A tree that only a script can make: written as HTML, each p ends the one around it, and gets all open b anew."""


def often(opened: RendererServices) -> list[Job]:
    """Pages are audited anew as soon as one can look."""
    return [Job("outdated-audits", 0.1, "renderer", False, opened.audit_anew)]


@pytest.fixture(scope="module")
async def edge(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Edge]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RendererServices, "jobs", often)
        async with rendering_edge(tmp_path_factory.mktemp("edge") / "data") as opened:
            yield opened


async def audited(edge: Edge, path: str) -> StoredAudit:
    """The audit of a page, once there is one by the rules of now."""

    async def current() -> bool:
        stored = await audits.of_page(edge.services.database, edge.domain_id, path)
        return stored is not None and stored.version == VERSION

    await until(current, f"no audit of {path}")
    stored = await audits.of_page(edge.services.database, edge.domain_id, path)
    assert stored is not None
    return stored


async def test_audits_by_older_rules_are_redone_in_the_background(edge: Edge) -> None:
    edge.page("/old")
    assert told(await edge.get("/old"))[0] == 200
    first = await audited(edge, "/old")
    edge.page("/old", head='<title>Mended</title><meta name="description" content="Mended">')
    async with edge.services.database.write() as session:
        await session.execute(update(PageAudit).values(version=VERSION - 1))
    second = await audited(edge, "/old")
    assert second.audited_at > first.audited_at
    assert "description-missing" in {issue.check for issue in first.issues}
    assert "description-missing" not in {issue.check for issue in second.issues}
    assert edge.renders("/old") == 2


async def test_a_page_that_becomes_a_redirect_loses_its_score(edge: Edge) -> None:
    edge.page("/moves")
    await edge.get("/moves")
    await audited(edge, "/moves")
    edge.origin.pages["/moves"] = answer(301, Location="/target")
    body = {"domain": "example.com", "path": "/moves"}
    headers = {"Authorization": f"Bearer {edge.keys['owner']}"}
    await edge.client.post("/functions/v1/purge-cache", json=body, headers=headers)

    async def forgotten() -> bool:
        return await audits.of_page(edge.services.database, edge.domain_id, "/moves") is None

    await until(forgotten, "the audit stayed")
    scores = await pages.scores_for(edge.services.database, {edge.domain_id: ["/moves"]})
    assert scores == {(edge.domain_id, "/moves"): (None, 0)}


async def test_a_tree_that_no_parser_can_bear_is_served_level(edge: Edge) -> None:
    edge.origin.page("/bomb", f"<h1>Kettles</h1>{CONTENT}{BOMB}")
    answered = await edge.get("/bomb")
    assert told(answered)[0] == 200
    assert answered.text.count("<b x=") == 4900
    assert (await audited(edge, "/bomb")).score
