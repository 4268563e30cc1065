"""Addresses from which all crawlers of a domain seem to come: a proxy's that does not pass on the visitor's.

The loader sees all crawls and finds them; what it found stands in a file beside the spool, so that every process that
serves crawlers knows, also after a restart. While they are there, nobody is refuted by these addresses.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from crawlight.bots.addresses import Address
from crawlight.bots.catalogue import by_name
from crawlight.bots.crowds import Crowd, crowd_of
from crawlight.ids import DomainId
from crawlight.kit.durable import sync

FILE: Final = "crowds.json"
"""Its name, in the folder of the spool."""

_KEPT_SECONDS: Final = 86_400
_TOLD_EVERY_SECONDS: Final = 3_600
_MOST_CRAWLS: Final = 2_000
"""Of a domain; then all counts are halved, so that the past is forgotten by and by."""


Sighting = tuple[DomainId, str, str, str]
"""Of a crawl: domain id, agent, address, identity."""


class Crowded(msgspec.Struct, frozen=True):
    """A crowd of a domain, and when it was last seen (Unix seconds)."""

    host: str
    crowd: Crowd
    seen: float

    def __str__(self) -> str:
        named = ", ".join(self.crowd.addresses[:3])
        return (
            f"{self.host}: all crawlers seem to come from {named}: the server in front of Crawlight does not pass"
            " on the visitor's address"
        )


class Crowds:
    """What the file says. Any process may read; one writes."""

    def __init__(self, spool: Path) -> None:
        self._path = spool / FILE
        self._stamp: tuple[int, int] | None = None
        self._known: dict[DomainId, Crowded] = {}

    def known(self) -> dict[DomainId, Crowded]:
        """The crowds of the last day by domain; none where the file cannot be read."""
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_ino)
            if stamp != self._stamp:
                self._known = msgspec.json.decode(self._path.read_bytes(), type=dict[DomainId, Crowded])
                self._stamp = stamp
        except (OSError, msgspec.MsgspecError):
            return {}
        oldest = time.time() - _KEPT_SECONDS
        return {domain: one for domain, one in self._known.items() if one.seen >= oldest}

    def doubts(self, domain_id: DomainId, address: str) -> bool:
        """Whether an address can refute no crawl of a domain at present."""
        one = self.known().get(domain_id)
        return one is not None and address in one.crowd.addresses

    def write(self, crowds: dict[DomainId, Crowded]) -> None:
        """Replace what the file says."""
        part = self._path.with_suffix(".part")
        part.write_bytes(msgspec.json.encode({str(domain): one for domain, one in crowds.items()}))
        os.replace(part, self._path)  # noqa: PTH105 - as `Path.replace`, without the look at its kind
        sync(self._path.parent)


class Watch:
    """Counts crawls by domain, agent and address, and finds the crowds among them."""

    def __init__(self) -> None:
        self._places: dict[DomainId, Counter[tuple[str, str]]] = {}
        self._totals: dict[DomainId, Counter[str]] = {}

    def see(
        self, crawls: Sequence[Sighting], is_proxy: Callable[[Address], bool]
    ) -> dict[DomainId, Crowd | None]:
        """Count crawls. Answers the crowd of each of their domains, None where it has none."""
        for (domain, agent, address, identity), number in Counter(crawls).items():
            if (known := by_name(agent)) and known.ranges:
                self._totals.setdefault(domain, Counter())[agent] += number
                places = self._places.setdefault(domain, Counter())
                if identity != "verified" and address:
                    places[agent, address] += number
        seen = {domain for domain, _, _, _ in crawls} & self._totals.keys()
        found = {domain: crowd_of(self._places[domain], self._totals[domain], is_proxy) for domain in seen}
        for domain in seen:
            self._forget(domain)
        return found

    def _forget(self, domain: DomainId) -> None:
        while self._totals[domain].total() > _MOST_CRAWLS:
            self._totals[domain] = Counter(
                {name: n // 2 for name, n in self._totals[domain].items() if n > 1}
            )
            self._places[domain] = Counter(
                {place: n // 2 for place, n in self._places[domain].items() if n > 1}
            )


def renewed(
    known: dict[DomainId, Crowded], found: dict[DomainId, Crowd | None], hosts: dict[DomainId, str]
) -> dict[DomainId, Crowded]:
    """What the file has to say now, where it differs from what is ``known``; ``known`` itself where it does not."""
    now, told = time.time(), dict(known)
    for domain, crowd in found.items():
        before = known.get(domain)
        if crowd is None or domain not in hosts:
            told.pop(domain, None)
        elif (
            before is None
            or before.crowd.addresses != crowd.addresses
            or now - before.seen > _TOLD_EVERY_SECONDS
        ):
            told[domain] = Crowded(hosts[domain], crowd, now)
    return told if told != known else known
