"""Sets of network addresses that answer in well under a microsecond."""

import socket
from bisect import bisect_right
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

Address = tuple[int, int]
"""Family (4 or 6) and the address as a number."""

_MAPPED = 0xFFFF << 32


def parse_address(text: str) -> Address | None:
    """The address that a string holds, or None. IPv4 mapped into IPv6 is IPv4."""
    try:
        if ":" not in text:
            return 4, int.from_bytes(socket.inet_pton(socket.AF_INET, text), "big")
        number = int.from_bytes(socket.inet_pton(socket.AF_INET6, text), "big")
    except (OSError, ValueError):
        return None
    return (4, number - _MAPPED) if number >> 32 == 0xFFFF else (6, number)


class AddressSet:
    """Addresses of some prefixes (CIDR strings). Raises ValueError where one is malformed."""

    __slots__ = ("_bounds", "size")

    def __init__(self, prefixes: Iterable[str]) -> None:
        networks = [ip_network(prefix) for prefix in prefixes]
        v4 = [network for network in networks if isinstance(network, IPv4Network)]
        v6 = [network for network in networks if isinstance(network, IPv6Network)]
        self._bounds = {4: _bounds(collapse_addresses(v4)), 6: _bounds(collapse_addresses(v6))}
        self.size = {family: sum(map(_span, *bounds)) for family, bounds in self._bounds.items()}
        """Number of addresses by family."""

    def __contains__(self, address: Address) -> bool:
        starts, ends = self._bounds[address[0]]
        position = bisect_right(starts, address[1]) - 1
        return position >= 0 and address[1] <= ends[position]

    def covers(self, family: int) -> bool:
        """Whether any address of the family (4 or 6) is listed at all."""
        return bool(self._bounds[family][0])


def _bounds(networks: Iterable[IPv4Network | IPv6Network]) -> tuple[list[int], list[int]]:
    ordered = sorted((int(network.network_address), int(network.broadcast_address)) for network in networks)
    return [start for start, _ in ordered], [end for _, end in ordered]


def _span(start: int, end: int) -> int:
    return end - start + 1
