"""Forward-confirmed reverse DNS: the address's host name, and that name's addresses again."""

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import msgspec

from crawlight.bots.addresses import parse_address

if TYPE_CHECKING:
    import dns.asyncresolver

LIMIT = 0.7
"""Seconds for both look-ups together."""

KEEP = 3_600.0
KEEP_OUTAGE = 30.0
MOST_KEPT = 65_536
MOST_NAMES = 4


class Lookup(msgspec.Struct, frozen=True):
    """``confirmed`` with the host name, ``mismatch`` with the first name found or none, or ``outage``."""

    outcome: Literal["confirmed", "mismatch", "outage"]
    host: str = ""


OUTAGE = Lookup("outage")


class ReverseDns:
    """Asks one resolver; remembers answers for an hour; asks once however many wait for the same answer.

    ``nameservers`` are IP addresses; the system's own are used where there are none.
    """

    def __init__(
        self,
        nameservers: Iterable[str] = (),
        *,
        port: int = 53,
        limit: float = LIMIT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._clock = clock
        chosen = list(nameservers)
        self._chosen = bool(chosen)
        self._sane_until = float("-inf")
        self._configured = (chosen, port)
        self._kept: OrderedDict[tuple[str, tuple[str, ...]], tuple[float, Lookup]] = OrderedDict()
        self._asked: dict[tuple[str, tuple[str, ...]], asyncio.Task[Lookup]] = {}

    async def confirm(self, address: str, suffixes: tuple[str, ...]) -> Lookup:
        """Whether a host name under one of the suffixes (``.example.com``) leads back to the address."""
        key = (address, suffixes)
        kept = self._kept.get(key)
        if kept and kept[0] > self._clock():
            return kept[1]
        task = self._asked.get(key)
        if task is None:
            task = asyncio.create_task(self._ask(key))
            self._asked[key] = task
            task.add_done_callback(lambda _: self._asked.pop(key, None))
        return await asyncio.shield(task)

    @cached_property
    def _resolver(self) -> "dns.asyncresolver.Resolver | None":
        return _resolver(*self._configured, self._limit)

    async def _ask(self, key: tuple[str, tuple[str, ...]]) -> Lookup:
        import dns.exception  # Loads slowly, and most commands ask nothing.

        found = OUTAGE
        with contextlib.suppress(TimeoutError, dns.exception.DNSException, OSError, ValueError):
            async with asyncio.timeout(self._limit):
                found = await self._confirm(*key)
        self._keep(key, found)
        return found

    def _keep(self, key: tuple[str, tuple[str, ...]], found: Lookup) -> None:
        seconds = KEEP_OUTAGE if found.outcome == "outage" else KEEP
        self._kept[key] = (self._clock() + seconds, found)
        self._kept.move_to_end(key)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    async def _confirm(self, address: str, suffixes: tuple[str, ...]) -> Lookup:
        import dns.reversename

        wanted = parse_address(address)
        reverse = dns.reversename.from_address(address)
        names = [name.rstrip(".").lower() for name in await self._records(str(reverse), "PTR")]
        for name in [name for name in names if is_under(name, suffixes)][:MOST_NAMES]:
            found = await self._records(name, "A" if wanted and wanted[0] == 4 else "AAAA")
            if wanted in map(parse_address, found):
                return Lookup("confirmed", name)
        if not names and not await self._knows_the_root():
            return OUTAGE
        return Lookup("mismatch", names[0] if names else "")

    async def _knows_the_root(self) -> bool:
        """Whether the system's resolver can reach anything: behind a wall, some deny every name there is.

        A name server that was chosen on purpose is believed.
        """
        if self._chosen or self._sane_until > self._clock():
            return True
        if not await self._records(".", "NS"):
            return False
        self._sane_until = self._clock() + KEEP
        return True

    async def _records(self, name: str, kind: str) -> list[str]:
        """The records of a name; none where it does not exist. An outage raises."""
        import dns.resolver

        if self._resolver is None:
            raise OSError("no name server is configured")
        try:
            answer = await self._resolver.resolve(name, kind, search=False, lifetime=self._limit)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        return [record.to_text() for record in answer]


def is_under(name: str, suffixes: tuple[str, ...]) -> bool:
    """Whether a name ends in a suffix, on a dot: ``evilgooglebot.com`` is not under ``.googlebot.com``."""
    return f".{name}".endswith(suffixes)


def _resolver(nameservers: list[str], port: int, limit: float) -> "dns.asyncresolver.Resolver | None":
    """A resolver, or None on a machine that has none."""
    import dns.asyncresolver
    import dns.resolver

    try:
        resolver = dns.asyncresolver.Resolver(configure=not nameservers)
    except dns.resolver.NoResolverConfiguration:
        return None
    if nameservers:
        resolver.nameservers = list(nameservers)
        resolver.port = port
    resolver.lifetime = limit
    return resolver
