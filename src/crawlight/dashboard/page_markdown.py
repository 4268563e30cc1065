"""``/domains/HOST/page/markdown``: a page as agents read it, what it costs them, and what was left out."""

from fastapi import APIRouter, Request, Response

from crawlight.dashboard.one_page import path_of
from crawlight.dashboard.reading import LeftOut, left_out
from crawlight.dashboard.refusals import not_found
from crawlight.dashboard.state import dashboard_of
from crawlight.dashboard.visits import SignedIn
from crawlight.domains.agents import read_agents
from crawlight.ids import DomainId
from crawlight.kit.confined import TooMuchError, confined
from crawlight.kit.urls import canonical_url
from crawlight.rendering.bodies import SnapshotStoreError
from crawlight.rendering.memory import Stored, Written
from crawlight.rendering.snapshots import Snapshots

routes = APIRouter()


@routes.get("/domains/{host}/page/markdown")
async def markdown(request: Request, visit: SignedIn, host: str) -> Response:
    """The Markdown of the snapshot, for the page to show when it is asked for. 404 where there is no snapshot."""
    domain, path, snapshots = visit.domain(host), path_of(request), dashboard_of(request).snapshots
    if not await snapshots.history(domain.id, path):
        raise not_found()
    written, left = await _read(snapshots, domain.id, path, canonical_url(domain.page_host, path))
    values = {
        "title": path,
        "domain": domain,
        "tab": "pages",
        "path": path,
        "written": written,
        "text": written.text.decode() if written else "",
        "left": left,
        "given": (await read_agents(visit.dashboard.database, domain.id)).markdown,
    }
    return await visit.page("page_markdown.html", values)


async def _read(
    snapshots: Snapshots, domain_id: DomainId, path: str, url: str
) -> tuple[Written | None, LeftOut | None]:
    """The Markdown, and what of the snapshot is not in it; None for what cannot be had."""
    try:
        stored = await snapshots.get(domain_id, path)
        if stored is None or stored.snapshot.location or stored.snapshot.withheld:
            return None, None
        written = await snapshots.markdown.of(stored, url)
    except SnapshotStoreError:
        return None, None
    return written, await _left_out(snapshots, stored, written) if written else None


async def _left_out(snapshots: Snapshots, stored: Stored, written: Written) -> LeftOut | None:
    try:
        return await confined(left_out, snapshots.plain(stored), written.text.decode())
    except TooMuchError:
        return None
