"""The address lists of crawlers and of proxies: what ships with the package, and newer copies from the operators."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib.resources import files
from pathlib import Path

import msgspec

from crawlight.bots.addresses import Address, AddressSet

FRESH_FOR = timedelta(days=14)
"""How long after its operator last served it a list can refute a claim."""


FOLDER = "ranges"
"""Name of the folder in the data directory that keeps the operators' newer lists."""


class AddressList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One list of prefixes and where it is from.

    ``url`` is the operator's own list, empty where none can be downloaded; ``page`` where it is documented.
    ``exclusive`` is false where ordinary traffic of the operator or its customers comes from there too.
    ``since`` is when these very prefixes were first served, ``confirmed`` when they were last (UTC); None is
    unknown. ``proxies`` are addresses of servers that stand between visitors and a site: they verify nobody.
    """

    name: str
    operator: str
    exclusive: bool
    source: str
    licence: str
    since: datetime | None
    confirmed: datetime | None
    prefixes: tuple[str, ...]
    url: str = ""
    page: str = ""
    proxies: bool = False

    @property
    def dated(self) -> str:
        """The day on which the list was last confirmed, as YYYY-MM-DD, or empty."""
        return self.confirmed.astimezone(UTC).date().isoformat() if self.confirmed else ""


class LoadedList:
    """A list made ready for look-ups. ``since`` and ``confirmed`` are Unix seconds here."""

    def __init__(self, listing: AddressList) -> None:
        self.listing = listing
        self.since = listing.since.timestamp() if listing.since else float("inf")
        self.confirmed = listing.confirmed.timestamp() if listing.confirmed else float("-inf")
        self.dated = listing.dated

    @cached_property
    def addresses(self) -> AddressSet:
        """Made when it is looked at first: a small import asks one list of forty."""
        return AddressSet(self.listing.prefixes)

    def refutes(self, family: int, when: float, freshest: float) -> bool:
        """Whether the list, which lacks an address of the family (4 or 6), can disprove a crawl of that time.

        ``freshest`` is the oldest confirmation that still counts as fresh; both times are Unix seconds.
        """
        return self.confirmed >= freshest and when >= self.since and self.addresses.covers(family)


class Ranges:
    """All lists by name. A list is replaced as a whole, so readers never see half of one."""

    def __init__(self, listings: Iterable[AddressList]) -> None:
        self._lists = {listing.name: LoadedList(listing) for listing in listings}
        self._named: dict[tuple[str, ...], list[LoadedList]] = {}
        self._proxies = self._all_proxies()

    def named(self, names: tuple[str, ...]) -> list[LoadedList]:
        """The lists of those names, put together once for each agent; unknown names are left out."""
        together = self._named
        if names not in together:
            together[names] = [self._lists[name] for name in names if name in self._lists]
        return together[names]

    def replace(self, listing: AddressList) -> None:
        """Put in a newer copy of a list."""
        self._lists = {**self._lists, listing.name: LoadedList(listing)}
        self._named = {}
        self._proxies = self._all_proxies()

    def is_proxy(self, address: Address) -> bool:
        """Whether an address is one of a known network of proxies, and of no crawler's list within it."""
        return address in self._proxies and not any(
            address in one.addresses
            for one in self._lists.values()
            if one.listing.exclusive and not one.listing.proxies
        )

    def _all_proxies(self) -> AddressSet:
        lists = (one.listing for one in self._lists.values())
        return AddressSet(prefix for listing in lists if listing.proxies for prefix in listing.prefixes)

    def listings(self) -> list[AddressList]:
        """Every list, by name."""
        return [self._lists[name].listing for name in sorted(self._lists)]

    def renewable(self) -> list[AddressList]:
        """The lists that can be had anew from their operators, by name."""
        return [listing for listing in self.listings() if listing.url]

    def stale(self, now: datetime) -> list[str]:
        """Names of the renewable lists that were not renewed for so long that they refute nothing."""
        known = [listing for listing in self.renewable() if not listing.proxies]
        return [one.name for one in known if one.confirmed is None or now - one.confirmed > FRESH_FOR]


def shipped() -> list[AddressList]:
    """The lists that ship with the package."""
    folder = files("crawlight.bots.ranges")
    decoder = msgspec.json.Decoder(AddressList)
    return [decoder.decode(entry.read_bytes()) for entry in folder.iterdir() if entry.name.endswith(".json")]


def load_ranges(folder: Path | None = None) -> Ranges:
    """The shipped lists, and in their place the copies in ``folder`` that were confirmed later."""
    ranges = Ranges(shipped())
    for listing in _kept(folder) if folder else []:
        known = {known.name: known for known in ranges.listings()}.get(listing.name)
        if known and listing.confirmed and (not known.confirmed or listing.confirmed > known.confirmed):
            ranges.replace(listing)
    return ranges


def _kept(folder: Path) -> list[AddressList]:
    """The readable lists of a folder; a damaged file is as good as none."""
    kept = []
    for path in sorted(folder.glob("*.json")):
        try:
            listing = msgspec.json.decode(path.read_bytes(), type=AddressList)
            AddressSet(listing.prefixes)
        except (OSError, ValueError, msgspec.MsgspecError):
            continue
        kept.append(listing)
    return kept
