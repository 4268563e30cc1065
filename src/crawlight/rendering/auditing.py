"""The audit of each page that was stored."""

from collections.abc import Mapping

from crawlight.audit import PageInputs
from crawlight.audit.sparing import audit_confined
from crawlight.database.engine import Database
from crawlight.domains import alternates, audits
from crawlight.domains.sites import Site
from crawlight.kit.clock import now
from crawlight.rendering.contract import Rendered
from crawlight.rendering.memory import Stored
from crawlight.rendering.origins import RobotsFiles
from crawlight.rendering.privacy import PRIVATE


class Auditor:
    """Audits what the worker stores. Of redirects and private pages no score is kept."""

    def __init__(self, database: Database, robots: RobotsFiles) -> None:
        self._database = database
        self._robots = robots

    async def __call__(self, site: Site, stored: Stored, rendered: Rendered) -> None:
        """Audit one page and keep the result, in the place of the one before."""
        snapshot = stored.snapshot
        if snapshot.location is not None or snapshot.headers.get("cache-control") == PRIVATE:
            await audits.drop(self._database, site.id, snapshot.path)
            return
        inputs = PageInputs(
            url=site.page_url(snapshot.path),
            status=snapshot.status,
            html=rendered.html,
            raw_html=rendered.raw_html,
            headers=_headers(site, rendered, snapshot.path),
            robots_txt=await self._robots.of(site),
            alternates=await alternates.of_page(self._database, site.id, snapshot.path),
            now=now(),
        )
        found = await audit_confined(inputs)
        await audits.record(self._database, site.id, snapshot.path, found)


def _headers(site: Site, rendered: Rendered, path: str) -> Mapping[str, str]:
    """The headers that crawlers get."""
    lifted = site.lifts(path)
    return {
        name: text
        for name, text in rendered.headers.items()
        if not (lifted and name.lower() == "x-robots-tag")
    }
