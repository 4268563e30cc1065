"""Whose address it is: the visitor's own behind any number of proxies, or one that says nothing about a visitor.

A server knows the address that connected to it. Where that is a proxy's, the proxy may have told whom it spoke for,
in ``X-Forwarded-For``, ``Forwarded`` or a header of its own. Written one behind the other, the farthest first, these
make a *chain*. The visitor is the rightmost address in it that is no proxy's: whatever stands to the left of it the
visitor may have made up.
"""

import re
import socket
from collections.abc import Callable, Iterator
from typing import Final

from crawlight.bots.addresses import Address, AddressSet, parse_address

# https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry, read 2026-11: whatever is
# not globally reachable, and multicast. Of IPv6 only 2000::/3 is assigned to be routed; 6to4 (2002::/16, retired by
# RFC 7526) names the router before a visitor, and 192.88.99.0/24 was its relays'.
_NOT_GLOBAL: Final = AddressSet(
    (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
        *("::/3", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "4000::/2", "8000::/1"),
    )
)

_EXAMPLES: Final = AddressSet(
    (
        *("0.0.0.0/8", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
        *("::/128", "2001:2::/48", "2001:db8::/32", "3fff::/20", "ff00::/8"),
    )
)

_FOR: Final = re.compile(r'\bfor\s*=\s*("[^"]*"|[^;\s"]*)', re.IGNORECASE)
_HIDDEN_END: Final = re.compile(r"(.*?)((?:[.:]{1,2}[xX*]+)+)")
_HIDDEN: Final = re.compile(r"[xX*]+")
_HERE: Final = frozenset({"", "-", "@", "localhost"})
"""What servers write for a connection that has no address: none, or one on the same machine."""
_HIDDEN_NAMES: Final = frozenset({"unknown"})

_LOW_64: Final = (1 << 64) - 1


def is_global(address: Address) -> bool:
    """Whether an address is one of the public network's, of one host: not private, shared, reserved, an example."""
    return address not in _NOT_GLOBAL


def is_example(address: Address) -> bool:
    """Whether an address is one that no server ever connects from: of documentation, of benchmarks, multicast."""
    return address in _EXAMPLES


def anonymised(address: Address) -> Address | None:
    """The last address of the network that an address stands for, where its end was cut off; None where it was not.

    Cut off is what ends in zeros: the last octet of IPv4, the last 64 bits of IPv6, or more.
    """
    family, number = address
    step, least, width = (8, 8, 32) if family == 4 else (16, 64, 128)
    zeros = (number & -number).bit_length() - 1 if number else width
    cut = zeros // step * step
    return (family, number | (1 << cut) - 1) if cut >= least else None


def visitor_of(chain: str, is_proxy: Callable[[Address], bool]) -> str:
    """The visitor's address in a chain: the rightmost that is no proxy's, as ``is_proxy`` says of parsed ones.

    Where all are proxies', it is the first of them: it tells nothing, and those who judge see that. It is empty where
    there is none, or where a proxy told no address but hid it (``unknown``, ``_name``, a host name): then nobody knows
    who was before it.

    A chain holds what the sources of one request say, the nearest last: ``True-Client-IP``, ``CF-Connecting-IP``,
    then ``X-Forwarded-For`` or ``Forwarded``, then the address that the server itself logged; with commas between
    them, as between the entries of each. Sources that are missing may be empty or ``-``. So what was forwarded counts
    where the server's own address is a proxy's, and is ignored where it is a plain visitor's. An entry may have a port
    (``ip:port``, ``[ipv6]:port``), a zone, quotes, and be written as in RFC 7239 (``for="[2001:db8::1]:4711"``). One
    whose end was hidden (``192.0.2.x``) is given back with zeros in its place, as `anonymised` knows it.
    """
    first = ""
    for entry in _entries(chain):
        text = _plain(entry)
        if text.lower() in _HERE or text.startswith("unix:"):
            continue
        parsed = parse_address(text)
        if parsed is None:
            return ""
        if not is_proxy(parsed):
            return text
        first = text
    return first


def is_chain(chain: str) -> bool:
    """Whether any entry of a text is one of a chain: an address, or what stands for one that is hidden or missing."""
    return any(_stands(_plain(entry)) for entry in _entries(chain))


def _entries(chain: str) -> Iterator[str]:
    """The entries, the last one first. Some servers write spaces, or a plus for a space, between them."""
    for piece in reversed(chain.split(",")):
        if "=" in piece:
            yield from (match[1] for match in reversed([*_FOR.finditer(piece)]))
        else:
            yield from reversed(piece.replace("+", " ").split())


def _stands(text: str) -> bool:
    return text.lower() in _HERE | _HIDDEN_NAMES or text.startswith("_") or parse_address(text) is not None


def _plain(entry: str) -> str:
    """An entry without quotes, port and zone, and with zeros where its end was hidden."""
    text = entry.strip("\"'\\ ")
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1 and not text.startswith("unix:"):
        text = text.partition(":")[0]
    text = text.partition("%")[0]
    hidden = _HIDDEN_END.fullmatch(text)
    return _zeroed(hidden[1], hidden[2]) if hidden else text


def _zeroed(start: str, end: str) -> str:
    text = start + _HIDDEN.sub("0", end)
    parsed = parse_address(text)
    if parsed is None or parsed[0] == 4:
        return text
    return socket.inet_ntop(socket.AF_INET6, (parsed[1] & ~_LOW_64).to_bytes(16, "big"))
