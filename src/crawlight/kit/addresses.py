"""Which addresses may be reached.

The check is made on the address that is about to be connected to, after DNS has answered, for each connection
and each redirect: a name that answers differently the second time (DNS rebinding) gains nothing.
"""

import ipaddress
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Public by the registries, but answered by the machine below: Azure's and Oracle's metadata services.
_METADATA = frozenset(map(ipaddress.ip_address, ("168.63.129.16", "192.0.0.192")))
# Ways to write an IPv4 address as an IPv6 one that a gateway may undo: the last 32 bits, where a name has none.
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
# NAT64 of one's own network, whose IPv4 address may stand anywhere (RFC 8215), and the old site-local addresses.
_LOCAL = (ipaddress.IPv6Network("64:ff9b:1::/48"), ipaddress.IPv6Network("fec0::/10"))
_COMPATIBLE = ipaddress.IPv6Network("::/96")


class BlockedAddressError(OSError):
    """The address is not public, and nobody allowed it."""

    def __init__(self, host: str, address: str) -> None:
        self.address = address
        super().__init__(self.told(host, address))

    @staticmethod
    def told(host: str, address: str) -> str:
        """The message, which names an address once."""
        shown = host if host == address else f"{host} ({address})"
        return f"{shown} is no public address"


def is_public(address: Address) -> bool:
    """Say whether an address is a host of the public internet: the only kind that is reached unasked."""
    if any(address in network for network in _LOCAL):
        return False
    if isinstance(address, IPv6Address) and (inner := _inner(address)) is not None:
        return is_public(inner)
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
        and address not in _METADATA
    )


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks from their usual notation, such as ``10.0.0.0/8``. Raises ValueError for what is none."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def is_allowed(address: Address, allowed: Iterable[Network] = ()) -> bool:
    """Say whether an address may be connected to: it is public, or in a network that is allowed."""
    plain = _inner(address) if isinstance(address, IPv6Address) else None
    named = plain or address
    return is_public(address) or any(named in network or address in network for network in allowed)


def check_address(host: str, address: str, allowed: Iterable[Network] = ()) -> None:
    """Raise BlockedAddressError unless ``address`` (which ``host`` resolved to) may be connected to."""
    if not is_allowed(ipaddress.ip_address(address.partition("%")[0]), allowed):
        raise BlockedAddressError(host, address)


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for, where it stands for one."""
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if any(address in network for network in _NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _COMPATIBLE and int(address) > 1:
        return IPv4Address(int(address))
    return None
