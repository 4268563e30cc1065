"""What a domain says to machines beside its pages: its robots.txt, held for an hour."""

import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import structlog

from crawlight.domains.sites import Site
from crawlight.kit.net import FetchError, Network, fetch, parse_networks
from crawlight.kit.origin import Origin
from crawlight.kit.single_flight import SingleFlight

log = structlog.get_logger(__name__)

MOST_BYTES: Final = 512 * 1024
"""As much of a robots.txt as Google reads (https://developers.google.com/search/docs/crawling-indexing/robots/
robots_txt says 500 KiB)."""

_HELD_SECONDS: Final = 3_600.0
_FAILURE_HELD_SECONDS: Final = 300.0
_MOST_HELD: Final = 10_000


class RobotsFiles:
    """The robots.txt of domains by id."""

    def __init__(self) -> None:
        self._held: OrderedDict[int, tuple[float, str | None]] = OrderedDict()
        self._asking: SingleFlight[int, str | None] = SingleFlight()

    async def of(self, site: Site) -> str | None:
        """The text; empty where there is none, None where it cannot be had."""
        held = self._held.get(site.id)
        if held is not None and held[0] > time.monotonic():
            return held[1]
        return await self._asking.run(site.id, lambda: self._ask(site))

    async def _ask(self, site: Site) -> str | None:
        text = await robots_txt(site)
        held_for = _FAILURE_HELD_SECONDS if text is None else _HELD_SECONDS
        self._held[site.id] = (time.monotonic() + held_for, text)
        if len(self._held) > _MOST_HELD:
            self._held.popitem(last=False)
        return text


async def robots_txt(site: Site) -> str | None:
    """Ask a site for its robots.txt; empty where it has none, None where it does not answer."""
    allowed = parse_networks(site.settings.allowed_networks)
    return await robots_txt_at(site.page_url("/robots.txt"), allowed, site.origin)


async def robots_txt_at(url: str, allowed: Sequence[Network], origin: Origin | None = None) -> str | None:
    """Ask for the robots.txt at a URL; empty where there is none, None where nobody answers."""
    try:
        answer = await fetch(url, allowed=allowed, most_bytes=MOST_BYTES, seconds=10, origin=origin)
    except FetchError as error:
        log.info("robots_txt_not_had", url=url, reason=str(error))
        return None
    if answer.status >= 500:
        return None
    return answer.body.decode("utf-8", "replace") if answer.status == 200 else ""
