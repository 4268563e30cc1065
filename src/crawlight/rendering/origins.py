"""What a domain says to machines beside its pages: its robots.txt, held for an hour. Each look notes its version."""

import asyncio
import gzip
import time
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Final

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError

from crawlight.database.engine import Database
from crawlight.domains import hosting, robots_versions
from crawlight.domains.hosted import ROBOTS, content_of
from crawlight.domains.sites import Site, load_sites
from crawlight.ids import DomainId
from crawlight.kit.addresses import Network, parse_networks
from crawlight.kit.clock import now
from crawlight.kit.logs import first_line
from crawlight.kit.net import Answer, FetchError, fetch
from crawlight.kit.origin import Origin
from crawlight.kit.single_flight import SingleFlight

log = structlog.get_logger(__name__)

MOST_BYTES: Final = 512 * 1024
"""As much of a robots.txt as Google reads (https://developers.google.com/search/docs/crawling-indexing/robots/
robots_txt says 500 KiB)."""

_PATH: Final = f"/{ROBOTS}"
_HELD_SECONDS: Final = 3_600.0
_FAILURE_HELD_SECONDS: Final = 300.0
_VISITED_SECONDS: Final = 10.0
"""When crawlers ask for it again and again, it is looked at that often."""
_WAIT_SECONDS: Final = 0.7
_AT_ONCE: Final = 16
_MOST_HELD: Final = 10_000


class RobotsSeen(msgspec.Struct, frozen=True):
    """One look at a robots.txt: its text, empty where there is none and None where it cannot be had.

    ``version`` is its number (`domains.robots_versions`), 0 where it could not be noted.
    """

    text: str | None
    version: int
    at: float
    """`time.monotonic`."""
    hosted: bytes = b""
    """The hash of the hosted file that it is; empty where it is the site's own."""

    def holds(self, seconds: float, hosted: bytes) -> bool:
        """Say whether it was seen so many seconds ago at most; a failure does not hold for long.

        Not where the site has another one hosted by now.
        """
        if hosted != self.hosted:
            return False
        longest = _FAILURE_HELD_SECONDS if self.text is None else seconds
        return time.monotonic() - self.at < min(longest, seconds)


class RobotsFiles:
    """The robots.txt of domains, looked at once an hour while crawlers come and whenever one asks for it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: OrderedDict[int, RobotsSeen] = OrderedDict()
        self._asking: SingleFlight[int, RobotsSeen] = SingleFlight()
        self._looked: dict[DomainId, float] = {}
        self._crawled: set[DomainId] = set()
        self._changed = asyncio.Event()

    async def of(self, site: Site) -> str | None:
        """The text, an hour old at most; empty where there is none, None where it cannot be had."""
        return (await self._seen(site, _HELD_SECONDS)).text

    def crawled(self, domain_ids: Iterable[DomainId]) -> None:
        """Crawlers come to these domains: have `run` look at what was not looked at for an hour."""
        before = time.monotonic() - _HELD_SECONDS
        due = {one for one in domain_ids if self._looked.get(one, before) <= before}
        if due:
            self._crawled |= due
            self._changed.set()

    async def asked_for(self, domain_ids: Collection[DomainId]) -> dict[DomainId, int]:
        """The numbers of what crawlers got that have asked for it just now, as far as sites answer at once."""
        sites = await load_sites(self._database, domain_ids)
        looks = [asyncio.create_task(self._seen(site, _VISITED_SECONDS)) for site in sites.values()]
        if looks:
            # What comes later is noted all the same.
            await asyncio.wait(looks, timeout=_WAIT_SECONDS)
        there = ((number, look.result()) for number, look in zip(sites, looks, strict=True) if _came(look))
        return {number: seen.version for number, seen in there if seen.version}

    async def run(self) -> None:
        """Look for as long as the task lives."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            due, self._crawled = sorted(self._crawled), set()
            try:
                await self._look(due)
            except Exception as error:
                log.warning("robots_txt_not_looked_at", reason=first_line(error))
                await asyncio.sleep(1)

    async def close(self) -> None:
        """End the looks that nobody waits for any more: the database is about to close."""
        await self._asking.close()

    async def _look(self, domain_ids: Sequence[DomainId]) -> None:
        """Look at those that nobody has looked at for an hour, be it another process or this one before a restart."""
        since = now() - timedelta(seconds=_HELD_SECONDS)
        recent = await robots_versions.seen_since(self._database, domain_ids, since)
        sites = await load_sites(self._database, [one for one in domain_ids if one not in recent])
        self._looked |= dict.fromkeys(domain_ids, time.monotonic())
        waiting = iter(sites.values())

        async def lane() -> None:
            for site in waiting:
                await self._seen(site, _HELD_SECONDS)

        await asyncio.gather(*(lane() for _ in range(_AT_ONCE)))

    async def _seen(self, site: Site, seconds: float) -> RobotsSeen:
        held = self._held.get(site.id)
        if held is not None and held.holds(seconds, site.hosted.get(_PATH, b"")):
            return held
        return await self._asking.run(site.id, lambda: self._ask(site))

    async def _ask(self, site: Site) -> RobotsSeen:
        seen = await look_at_robots(self._database, site)
        self._held[site.id] = seen
        self._looked[site.id] = seen.at
        if len(self._held) > _MOST_HELD:
            self._held.popitem(last=False)
        return seen


def _came(look: "asyncio.Task[RobotsSeen]") -> bool:
    return look.done() and not look.cancelled() and look.exception() is None


async def look_at_robots(database: Database, site: Site) -> RobotsSeen:
    """Look at the robots.txt of a site now, the hosted one or what the site says, and note its version."""
    hosted = await content_of(database, site.id, _PATH) if site.hosts(_PATH) else None
    if hosted is not None:
        content = gzip.decompress(hosted.gzip)
        version = await _noted(database, site, 200, content)
        return RobotsSeen(content.decode("utf-8", "replace"), version, time.monotonic(), hosted.hash)
    allowed = parse_networks(site.settings.allowed_networks)
    answer = await _asked(site.page_url(_PATH), allowed, site.origin)
    if answer is None:
        return RobotsSeen(None, 0, time.monotonic())
    version = await _noted(database, site, answer.status, answer.body)
    return RobotsSeen(_text(answer), version, time.monotonic())


async def leave_to_site(database: Database, domain_id: DomainId, name: str) -> bool:
    """Have a site answer for a hosted file itself again; answers whether it was hosted. Its robots.txt is looked at."""
    if not await hosting.leave_to_site(database, domain_id, name):
        return False
    site = (await load_sites(database, [domain_id])).get(domain_id)
    if name == ROBOTS and site is not None:
        await look_at_robots(database, site)
    return True


async def _noted(database: Database, site: Site, status: int, content: bytes) -> int:
    """The number of a version; 0 where it cannot be noted."""
    try:
        return await robots_versions.keep(database, site.id, status, content)
    except SQLAlchemyError as error:
        log.warning("robots_txt_not_noted", host=site.host, reason=first_line(error))
        return 0


async def robots_txt_at(url: str, allowed: Sequence[Network], origin: Origin | None = None) -> str | None:
    """Ask for the robots.txt at a URL; empty where there is none, None where nobody answers."""
    answer = await _asked(url, allowed, origin)
    return _text(answer) if answer is not None else None


async def _asked(url: str, allowed: Sequence[Network], origin: Origin | None) -> Answer | None:
    try:
        return await fetch(url, allowed=allowed, most_bytes=MOST_BYTES, seconds=10, origin=origin)
    except FetchError as error:
        log.info("robots_txt_not_had", url=url, reason=str(error))
        return None


def _text(answer: Answer) -> str | None:
    if answer.status >= 500:
        return None
    return answer.body.decode("utf-8", "replace") if answer.status == 200 else ""
