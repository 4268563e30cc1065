"""Where a page is fetched that a command is given: those of this installation's domains as their settings say."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from crawlight.cli.context import is_there
from crawlight.database.engine import Database
from crawlight.domains.sites import Site, load_sites
from crawlight.kit.addresses import Network, parse_networks
from crawlight.kit.origin import Origin
from crawlight.kit.urls import bare_host
from crawlight.settings import Settings


class Places:
    """The domains by host, and the networks beside the public internet that all pages may reach."""

    def __init__(self, sites: Mapping[str, Site], allowed: tuple[Network, ...]) -> None:
        self._sites = sites
        self._allowed = allowed

    @classmethod
    async def of(cls, settings: Settings, allowed: tuple[Network, ...]) -> "Places":
        """With the domains of an installation, if one is there."""
        if not is_there(settings):
            return cls({}, allowed)
        database = await Database.open(settings.database_url)
        try:
            return cls({site.host: site for site in (await load_sites(database)).values()}, allowed)
        finally:
            await database.close()

    def site(self, url: str) -> Site | None:
        """The domain that a URL belongs to."""
        return self._sites.get(bare_host(urlsplit(url).netloc) or "")

    def origin(self, url: str) -> Origin | None:
        """Where requests to its host are led."""
        site = self.site(url)
        return site.origin if site else None

    def allowed(self, url: str) -> tuple[Network, ...]:
        """The networks beside the public internet that its page may reach."""
        site = self.site(url)
        own = parse_networks(site.settings.allowed_networks) if site else ()
        return tuple(dict.fromkeys((*self._allowed, *own)))
