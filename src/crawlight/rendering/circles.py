"""Redirects that a page made by script, kept out of circles: with stored redirects, and with the origin's own."""

from typing import Final

from crawlight.database.engine import Database
from crawlight.domains import wanted
from crawlight.domains.sites import Site
from crawlight.kit.addresses import parse_networks
from crawlight.kit.net import FetchError, fetch
from crawlight.kit.urls import canonical_path
from crawlight.rendering.contract import Rendered, RenderError
from crawlight.rendering.hops import is_variant
from crawlight.rendering.memory import Stored
from crawlight.rendering.response import absolute
from crawlight.rendering.snapshots import Snapshots

_MOST_HOPS: Final = 5
_SECONDS: Final = 5.0


class Circles:
    """Looks where redirects of a domain lead on."""

    def __init__(self, database: Database, snapshots: Snapshots) -> None:
        self._database = database
        self._snapshots = snapshots

    async def avoid(self, site: Site, path: str, rendered: Rendered) -> Rendered:
        """The render; the page itself where a redirect of its script would lead back to it.

        Raises RenderError where there is no such page.
        """
        if rendered.location is None or rendered.reason != "client_redirect":
            return rendered
        if not await self._leads_back(site, path, rendered.location):
            return rendered
        if rendered.instead is None:
            raise RenderError(
                "redirect_loop", f"the page goes on to {rendered.location[:200]}, which leads back"
            )
        return rendered.instead

    async def mend(self, site: Site, stored: Stored) -> None:
        """Have the target of a redirect rendered anew, where a script of it had led back here."""
        path = stored.snapshot.path
        target = page_of(site, stored.snapshot.location or "")
        back = await self._snapshots.get(site.id, target) if target is not None else None
        if back is None or target is None or back.snapshot.reason != "client_redirect":
            return
        leads = page_of(site, back.snapshot.location or "")
        if leads is not None and is_variant(leads, path):
            await wanted.want(self._database, site.id, [target], "purge")

    async def _leads_back(self, site: Site, path: str, location: str) -> bool:
        seen = set[str]()
        target = page_of(site, location)
        while target is not None and target not in seen and len(seen) < _MOST_HOPS:
            if is_variant(target, path):
                return True
            seen.add(target)
            target = page_of(site, await self._onward(site, target))
        return False

    async def _onward(self, site: Site, path: str) -> str:
        """Where a page redirects to, by what is stored or else by what the origin answers; empty where nowhere."""
        stored = await self._snapshots.get(site.id, path)
        if stored is not None and stored.snapshot.location:
            return stored.snapshot.location
        allowed = parse_networks(site.settings.allowed_networks)
        try:
            answer = await fetch(
                site.page_url(path), allowed=allowed, origin=site.origin, redirects=0, seconds=_SECONDS
            )
        except FetchError:
            return ""
        redirects = 300 <= answer.status <= 399
        return (
            (absolute(answer.headers.get("location", ""), answer.url, site.origin) or "") if redirects else ""
        )


def page_of(site: Site, location: str) -> str | None:
    """The page of a domain that an absolute URL leads to; None for one elsewhere."""
    own = site.own_path(location)
    path = canonical_path(own.partition("#")[0] or "/") if own is not None else None
    return site.page(path) if path is not None else None
