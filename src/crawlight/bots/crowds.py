"""Whether crawls come from where no crawler is: many operators' from one address, or hardly any from their own.

Crawlers of several operators share no address. Where they seem to, a server stands between them and the one who wrote
their addresses down, and judging by these would make impostors of all.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import Final

import msgspec

from crawlight.bots.addresses import Address, parse_address
from crawlight.bots.catalogue import UNKNOWN, Agent, by_name
from crawlight.bots.visitors import anonymised, is_example

LEAST_CRAWLS: Final = 10
"""With fewer crawls nothing can be said."""

LEAST_OPERATORS: Final = 3
NEARLY_ALL: Final = 0.9
"""Part of an operator's crawls that have to come from shared addresses."""

MOST_SPOOFED: Final = 0.5
"""Part of a verifiable bot's crawls that may be impostors' before it is doubted that they are."""

_NAMED: Final = 3


class Crowd(msgspec.Struct, frozen=True):
    """Crawls from shared addresses: the addresses, the most frequent first, their crawls, and those of all crawlers.

    ``proxies`` says that all of them are known to be proxies', or none of the public network.
    """

    addresses: tuple[str, ...]
    crawls: int
    of: int
    proxies: bool

    def __str__(self) -> str:
        number = f"all {self.of:,}" if self.crawls == self.of else f"{self.crawls:,} of {self.of:,}"
        more = len(self.addresses) - _NAMED
        named = ", ".join(self.addresses[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
        one = len(self.addresses) == 1
        if self.proxies:
            what = "the address of a proxy" if one else "the addresses of proxies"
        else:
            what = "which looks like a proxy" if one else "which look like proxies"
        return f"{number} crawls come from {named}, {what}"


def crowd_of(
    places: Mapping[tuple[str, str], int],
    totals: Mapping[str, int],
    is_proxy: Callable[[Address], bool],
) -> Crowd | None:
    """The crowd in some crawls, if nearly all of three or more operators' come from addresses that they share.

    ``places`` counts crawls by agent and visitor's address (not verified ones), ``totals`` all crawls by agent; both
    of agents that can be verified by their addresses. A proxy's address is shared by itself; any other by three
    operators, and only where at least half of all crawls come from such: one impostor may call itself many names.
    """
    operators = _by_operator(totals)
    shared, proxies = _shared(places, is_proxy)
    total = sum(operators.values())
    others = sum(sum(found.values()) for address, found in shared.items() if address not in proxies)
    if others * 2 < total:
        shared = {address: found for address, found in shared.items() if address in proxies}
    from_shared: Counter[str] = Counter()
    for found in shared.values():
        from_shared.update(found)
    crowded = {name for name, number in from_shared.items() if number >= NEARLY_ALL * operators[name]}
    crawls = sum(from_shared[name] for name in crowded)
    if len(crowded) < LEAST_OPERATORS or crawls < LEAST_CRAWLS:
        return None
    ranked = Counter({address: sum(found.values()) for address, found in shared.items()})
    addresses = tuple(address for address, _ in ranked.most_common())
    return Crowd(addresses, ranked.total(), total, all(address in proxies for address in addresses))


def doubtful(identities: Mapping[tuple[str, str], int]) -> list[tuple[str, int, int]]:
    """Bots of whose crawls more than half would be impostors': name, impostors, all; the most impostors first.

    ``identities`` counts crawls by agent and identity.
    """
    totals: Counter[str] = Counter()
    for (agent, _), number in identities.items():
        totals[agent] += number
    spoofed = [
        (agent, number, totals[agent]) for (agent, said), number in identities.items() if said == "spoofed"
    ]
    found = [one for one in spoofed if one[1] >= LEAST_CRAWLS and one[1] > MOST_SPOOFED * one[2]]
    return sorted(found, key=lambda one: (-one[1], one[0]))


def operator_of(agent: Agent | None) -> str:
    """Who runs an agent; empty where nobody knows."""
    return agent.operator if agent and agent.operator != UNKNOWN else ""


def _by_operator(totals: Mapping[str, int]) -> Counter[str]:
    found: Counter[str] = Counter()
    for agent, number in totals.items():
        if operator := operator_of(by_name(agent)):
            found[operator] += number
    return found


def _shared(
    places: Mapping[tuple[str, str], int], is_proxy: Callable[[Address], bool]
) -> tuple[dict[str, Counter[str]], Collection[str]]:
    """Crawls by operator of each address that no single crawler's is, and those of them that are proxies'."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for (agent, address), number in places.items():
        if operator := operator_of(by_name(agent)):
            found[address][operator] += number
    parsed = {address: parse_address(address) for address in found}
    hosts = {
        address: one for address, one in parsed.items() if one and not (is_example(one) or anonymised(one))
    }
    proxies = {address for address, one in hosts.items() if is_proxy(one)}
    shared = {
        address: found[address]
        for address in hosts
        if address in proxies or len(found[address]) >= LEAST_OPERATORS
    }
    return shared, proxies
