"""Proves or disproves that a crawl comes from the crawler it names.

A user agent is a claim. An address on the operator's list proves it; so does a host name of the operator that
leads back to the address. Only a definite mismatch disproves it: a fresh list that lacks the address, or host
names that are someone else's. Everything else leaves the crawl unchecked.

An address can disprove a claim only where it is the visitor's own (`visitors`): not a proxy's, and not one whose end
was cut off.
"""

import time
from collections.abc import Callable, Iterable
from copy import copy
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from crawlight.bots.addresses import Address, AddressSet, parse_address
from crawlight.bots.catalogue import Agent
from crawlight.bots.lists import FRESH_FOR, LoadedList, Ranges
from crawlight.bots.visitors import anonymised, is_global, visitor_of

if TYPE_CHECKING:
    from crawlight.bots.reverse_dns import ReverseDns


class Verdict(msgspec.Struct, frozen=True):
    """What is known about a crawl's sender, and by which evidence.

    ``method`` is how it was decided, empty where nothing could decide. ``listing`` and ``dated`` name the
    address list and the day it was last confirmed; ``host`` the host name or key directory.
    ``pending`` says that reverse DNS, which takes time, may still decide.
    """

    identity: Literal["verified", "unverifiable", "unchecked", "spoofed"]
    reason: str
    method: Literal["range", "dns", "signature", ""] = ""
    listing: str = ""
    dated: str = ""
    host: str = ""
    pending: bool = False

    @property
    def may_change(self) -> bool:
        """Whether it may be another once more is known: of host names, or of who else comes from the address."""
        return self.identity in ("unchecked", "spoofed") and self.method != "signature"


NO_WAY: Final = Verdict("unverifiable", "the operator publishes no way to check")
NO_ADDRESS: Final = Verdict("unchecked", "no address is known")
NO_VISITOR: Final = Verdict("unchecked", "a proxy's address, or none")
EXCUSED: Final = Verdict("unchecked", "the addresses of this agent's crawls are not believed")
ANONYMISED: Final = Verdict("unchecked", "the end of the address was cut off")
NO_SIGNATURE: Final = Verdict("unchecked", "the agent can only be proven by its signature")
NOT_FETCHED: Final = Verdict("unchecked", "the operator's address list was not fetched yet")
NO_FAMILY: Final = Verdict("unverifiable", "the operator lists no addresses of this IP version")

_VERDICTS: Final = 256
"""Verdicts that are kept, by list and its day: a few for each list that ships."""


class Identity:
    """Judges crawls. ``dns`` may be None where nothing may be asked; ``clock`` gives Unix seconds.

    ``trusted`` are addresses and networks of the operator's own proxies, with commas between them.
    """

    def __init__(
        self,
        ranges: Ranges,
        dns: "ReverseDns | None" = None,
        *,
        trusted: str = "",
        fresh_for: timedelta = FRESH_FOR,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.ranges = ranges
        self.dns = dns
        self.fresh_for = fresh_for.total_seconds()
        self.clock = clock
        self._silenced: frozenset[Address] = frozenset()
        self._excused: frozenset[str] = frozenset()
        self._trusted = AddressSet(filter(None, map(str.strip, trusted.split(","))))

    def lenient(self, addresses: Iterable[str], agents: Iterable[str]) -> "Identity":
        """A judge that knows as much, but refutes nobody by some addresses, and none of some agents."""
        other = copy(self)
        other._silenced = frozenset(filter(None, map(parse_address, addresses)))
        other._excused = frozenset(agents)
        return other

    def visitor(self, chain: str) -> str:
        """The visitor's address in a chain (`visitors.visitor_of`), empty where nobody knows it."""
        return visitor_of(chain, self.is_proxy)

    def is_proxy(self, address: Address) -> bool:
        """Whether an address is a proxy's: not of the public network, of a known one, or one that is trusted."""
        return not is_global(address) or address in self._trusted or self.ranges.is_proxy(address)

    def judge(self, agent: Agent, address: str, when: float) -> Verdict:
        """Decide at once, by lists alone. ``address`` is the visitor's, ``when`` the time in Unix seconds."""
        if not (agent.ranges or agent.dns or agent.dns_seen):
            return NO_SIGNATURE if agent.signature else NO_WAY
        parsed = parse_address(address)
        if parsed is None:
            return NO_ADDRESS
        lists = self.ranges.named(agent.ranges)
        _, last = anonymised(parsed) or parsed
        for loaded in lists:
            if loaded.addresses.holds(*parsed, last):
                verdict = _listed(loaded, bool(agent.dns or agent.dns_seen))
                return (verdict.pending and self._silent(parsed)) or verdict
        if silent := self._silent(parsed):
            return silent
        if agent.name in self._excused:
            return EXCUSED
        if lists:
            return self._unlisted(agent, lists, parsed, when)
        return Verdict("unchecked", "reverse DNS was not asked", pending=True)

    async def check(self, agent: Agent, address: str, when: float) -> Verdict:
        """Decide for good: lists first, then forward-confirmed reverse DNS within its time limit."""
        verdict = self.judge(agent, address, when)
        if not verdict.pending or self.dns is None:
            return verdict
        found = await self.dns.confirm(address, agent.dns + agent.dns_seen)
        if found.outcome == "confirmed":
            return Verdict("verified", f"{found.host} leads back to the address", "dns", host=found.host)
        if found.outcome == "outage":
            return msgspec.structs.replace(
                verdict, reason=f"{verdict.reason}; reverse DNS gave no answer in time"
            )
        if not agent.dns:
            return Verdict(
                "unverifiable", "no host name seen with this operator before", "dns", host=found.host
            )
        return Verdict("spoofed", _mismatch(found.host, agent), "dns", host=found.host)

    def _silent(self, parsed: Address) -> Verdict | None:
        """The verdict where an address can refute nobody; None where it can."""
        if parsed in self._silenced or self.is_proxy(parsed):
            return NO_VISITOR
        return ANONYMISED if anonymised(parsed) else None

    def _unlisted(self, agent: Agent, lists: list[LoadedList], parsed: Address, when: float) -> Verdict:
        freshest = self.clock() - self.fresh_for
        can_ask = bool(agent.dns or agent.dns_seen)
        for loaded in lists:
            if not loaded.refutes(parsed[0], when, freshest):
                break
        else:
            return _refuted(lists[0])
        if not can_ask and not any(loaded.addresses.covers(parsed[0]) for loaded in lists):
            return NO_FAMILY if any(loaded.listing.prefixes for loaded in lists) else NOT_FETCHED
        return _not_listed(lists[0], can_ask)


# Verdicts by lists are few and are given for every crawl, so each is made once.


@lru_cache(maxsize=_VERDICTS)
def _listed(loaded: LoadedList, can_ask: bool) -> Verdict:
    """A hit. A list that others share needs a second sign: a host name, or the user agent where DNS has none."""
    name, dated = loaded.listing.name, loaded.dated
    if loaded.listing.exclusive:
        return Verdict("verified", f"on the list {name}", "range", name, dated)
    if can_ask:
        reason = f"in the operator's network {name}, which others share"
        return Verdict("unchecked", reason, "", name, dated, pending=True)
    return Verdict("verified", f"in the operator's network {name}, with its user agent", "range", name, dated)


@lru_cache(maxsize=_VERDICTS)
def _refuted(loaded: LoadedList) -> Verdict:
    name, dated = loaded.listing.name, loaded.dated
    return Verdict("spoofed", f"not on the list {name} of {dated}", "range", name, dated)


@lru_cache(maxsize=_VERDICTS)
def _not_listed(loaded: LoadedList, can_ask: bool) -> Verdict:
    name, dated = loaded.listing.name, loaded.dated
    reason = f"not on the list {name}, which cannot refute a crawl of that time"
    return Verdict("unchecked", reason, "", name, dated, pending=can_ask)


def _mismatch(host: str, agent: Agent) -> str:
    wanted = " or ".join(agent.dns)
    return f"host name {host} is not confirmed under {wanted}" if host else f"no host name under {wanted}"
