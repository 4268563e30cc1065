"""Addresses that the demo's made crawlers come from, so that there is something to prove and something to doubt."""

import random
from functools import cache
from ipaddress import ip_network
from typing import Final

from crawlight.bots.lists import load_ranges
from crawlight.bots.matcher import classify

_STRANGERS: Final = 0.04
"""The share that comes from elsewhere, as on every site: somebody who borrows a crawler's name."""

_IMPOSTORS: Final = "44.128.0.0/16"
"""Public by its number, but kept for tests and not routed: https://en.wikipedia.org/wiki/AMPRNet"""

# Reserved for documentation: RFC 5737 and RFC 3849.
_RESERVED: Final = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/112")

_MOST: Final = 65_536
"""Addresses of a prefix that are drawn from."""


class Addresses:
    """Draws addresses from the lists that the operators publish, and from reserved ones where there is none."""

    def __init__(self) -> None:
        self._ranges = load_ranges()
        self._prefixes = cache(self._prefixes_of)

    def draw(self, draw: random.Random, user_agent: str) -> str:
        """An address for a request of this user agent."""
        prefixes = self._prefixes(user_agent) or _RESERVED
        impostor = prefixes is not _RESERVED and draw.random() < _STRANGERS
        network = ip_network(_IMPOSTORS if impostor else draw.choice(prefixes))
        return str(network[draw.randrange(min(network.num_addresses, _MOST))])

    def _prefixes_of(self, user_agent: str) -> tuple[str, ...]:
        agent = classify(user_agent)
        lists = self._ranges.named(agent.ranges) if agent else []
        return tuple(prefix for loaded in lists for prefix in loaded.listing.prefixes)
