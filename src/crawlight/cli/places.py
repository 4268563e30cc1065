"""Where a page is fetched that a command is given: those of this installation's domains as their settings say."""

import gzip
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from crawlight.cli.context import is_there
from crawlight.database.engine import Database
from crawlight.domains.hosted import content_of
from crawlight.domains.sites import Site, load_sites
from crawlight.ids import DomainId
from crawlight.kit.addresses import Network, parse_networks
from crawlight.kit.origin import Origin
from crawlight.kit.urls import bare_host
from crawlight.settings import Settings


class Places:
    """The domains by host, and the networks beside the public internet that all pages may reach.

    ``files`` has what is sent for hosted files of domains, by id and path.
    """

    def __init__(
        self,
        sites: Mapping[str, Site],
        allowed: tuple[Network, ...],
        files: Mapping[tuple[DomainId, str], bytes] | None = None,
    ) -> None:
        self._sites = sites
        self._allowed = allowed
        self._files = files or {}

    @classmethod
    async def of(cls, settings: Settings, allowed: tuple[Network, ...]) -> "Places":
        """With the domains of an installation, if one is there."""
        if not is_there(settings):
            return cls({}, allowed)
        database = await Database.open(settings.database_url)
        try:
            sites = await load_sites(database)
            files = await _hosted(database, sites.values())
            return cls({site.host: site for site in sites.values()}, allowed, files)
        finally:
            await database.close()

    def site(self, url: str) -> Site | None:
        """The domain that a URL belongs to."""
        return self._sites.get(bare_host(urlsplit(url).netloc) or "")

    def hosted(self, url: str) -> str | None:
        """The hosted file that a URL asks for; None where it is none."""
        site, path = self.site(url), urlsplit(url).path
        found = self._files.get((site.id, path)) if site else None
        return gzip.decompress(found).decode("utf-8", "replace") if found is not None else None

    def origin(self, url: str) -> Origin | None:
        """Where requests to its host are led."""
        site = self.site(url)
        return site.origin if site else None

    def allowed(self, url: str) -> tuple[Network, ...]:
        """The networks beside the public internet that its page may reach."""
        site = self.site(url)
        own = parse_networks(site.settings.allowed_networks) if site else ()
        return tuple(dict.fromkeys((*self._allowed, *own)))


async def _hosted(database: Database, sites: Iterable[Site]) -> Mapping[tuple[DomainId, str], bytes]:
    """What is sent for the text files that are hosted, compressed (gzip)."""
    found: dict[tuple[DomainId, str], bytes] = {}
    for site in sites:
        for path in site.hosted:
            content = await content_of(database, site.id, path) if path.endswith(".txt") else None
            if content is not None:
                found[site.id, path] = content.gzip
    return found
