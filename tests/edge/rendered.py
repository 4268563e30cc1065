"""A whole server in the process, with a browser, before a real site on loopback."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx2

from crawlight.accounts.keys import create_key
from crawlight.accounts.people import create_account
from crawlight.app import create_app
from crawlight.crawls.crawl import Record
from crawlight.crawls.recorder import Recorder
from crawlight.domains.registry import add_domain, share_domain
from crawlight.domains.settings import change_settings
from crawlight.ids import DomainId
from crawlight.runtime.services import Services, open_services, running
from crawlight.settings import load_settings
from tests.rendering.site import CONTENT, Site, serving

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
GOOGLE = "66.249.66.1"
"""On Google's own list of its crawlers' addresses."""

CCBOT = "CCBot/2.0 (https://commoncrawl.org/faq/)"
PERSON = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)


class Kept(Recorder):
    """The real recorder, which also remembers what it was given."""

    seen: list[Record]

    async def record(self, records):  # type: ignore[no-untyped-def]
        await super().record(records)
        self.seen.extend(records)


@dataclass
class Edge:
    """The server, its site, and everyone who may call."""

    services: Services
    client: httpx2.AsyncClient
    origin: Site
    keys: dict[str, str]
    domain_id: DomainId
    seen: list[Record]

    async def get(
        self,
        path: str,
        who: str = "owner",
        *,
        agent: str = GOOGLEBOT,
        address: str = GOOGLE,
        url: str | None = None,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Ask for a page as an edge worker does."""
        asked = quote(url or f"https://example.com{path}", safe="")
        given = {
            "authorization": f"Bearer {self.keys[who]}" if who else "",
            "user-agent": agent,
            "x-hadoseo-client-ip": address,
            **(headers or {}),
        }
        return await self.client.request(
            method, f"/v1/render?url={asked}", headers={k: v for k, v in given.items() if v}, timeout=60
        )

    def page(self, path: str, text: str = "", head: str = "<title>A page</title>") -> None:
        """Put a page on the site."""
        self.origin.page(path, f"<h1>{text or path}</h1>{CONTENT}", head)

    def renders(self, path: str) -> int:
        """How often the site was asked for a page."""
        return sum(asked == path for asked in self.origin.asked)

    def records(self, path: str) -> list[Record]:
        """What was recorded of a page's crawls."""
        return [record for record in self.seen if record.path == path and record.kind != "render"]


def told(response: httpx2.Response) -> tuple[int, str, str]:
    """Status, outcome and reason of an answer."""
    return (
        response.status_code,
        response.headers["x-crawlight-outcome"],
        response.headers["x-crawlight-reason"],
    )


@asynccontextmanager
async def rendering_edge(folder: Path, **settings: object) -> AsyncIterator[Edge]:
    """Owner, manager, viewer and stranger, and the domain example.com whose origin is a site on loopback."""
    loaded = load_settings(data_dir=folder, bots_refresh=False, **settings)
    async with serving() as origin, open_services(loaded) as services:
        database, keys = services.database, {}
        for who in ("owner", "manager", "viewer", "stranger"):
            account = await create_account(database, loaded.plans, f"{who}@example.org", plan="agency")
            keys[who] = await create_key(database, loaded.plans, account.id, "test")
        domain = await add_domain(database, "example.com", "owner@example.org", origin=origin.url)
        await change_settings(database, domain.id, allowed_networks=["127.0.0.0/8"])
        for role in ("manager", "viewer"):
            await share_domain(database, "example.com", f"{role}@example.org", role)
        # The lists that ship grow old; what is tested here is what a fresh one says.
        services.identity.fresh_for = float("inf")
        services.recorder.__class__ = Kept
        seen: list[Record] = []
        services.recorder.seen = seen  # type: ignore[attr-defined]
        transport = httpx2.ASGITransport(create_app(services), raise_app_exceptions=False)
        async with (
            running(services),
            httpx2.AsyncClient(transport=transport, base_url="http://test") as client,
        ):
            yield Edge(services, client, origin, keys, domain.id, seen)
