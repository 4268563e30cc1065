"""How many connections a process holds, in all and of one address, and how many descriptors it may have for them."""

import ipaddress
import os
import resource
import socket
import struct
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

_MOST_DESCRIPTORS: Final = 65_536
_KEPT_FOR_OTHERS: Final = 256
"""Descriptors that stores, the spool, the browser's pipes and requests of our own need."""
_DESCRIPTORS: Final = Path("/proc/self/fd")
# bytes_received of Linux' struct tcp_info, a u64 (include/uapi/linux/tcp.h).
_TCP_INFO_BYTES: Final = 136
_RECEIVED: Final = struct.Struct("=128xQ")


class Limits(msgspec.Struct, frozen=True):
    """Connections in all and of one address. ``exempt`` addresses bring those of many: proxies, and this machine."""

    most: int
    per_address: int
    exempt: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    def group(self, address: str) -> str:
        """What counts as one address: of IPv6 a network of /64, as one customer gets; empty for an exempt one."""
        try:
            parsed = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return ""
        parsed = getattr(parsed, "ipv4_mapped", None) or parsed
        if parsed.is_loopback or any(parsed in network for network in self.exempt):
            return ""
        return str(parsed) if parsed.version == 4 else str(ipaddress.ip_network(f"{parsed}/64", strict=False))


def limits_of(most: int, per_address: int, trusted: str) -> Limits:
    """Limits that the descriptors of this process allow; ``trusted`` are addresses and networks of proxies."""
    room = max(resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _KEPT_FOR_OTHERS, 64)
    exempt = tuple(ipaddress.ip_network(part) for part in map(str.strip, trusted.split(",")) if part)
    return Limits(min(most, room), min(per_address, room), exempt)


def raise_descriptor_limit() -> None:
    """Allow this process and those that it starts as many descriptors as the system lets it, up to 65,536."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # Some containers forbid even that.
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def close_surplus(port: int, limits: Limits) -> int:
    """Close what addresses have too many of on a port of this process; answers how many that were.

    For servers that count no connections themselves. Those that have said least are closed first.
    """
    if sum(1 for _ in _DESCRIPTORS.iterdir()) <= limits.per_address:
        return 0
    by_group = defaultdict[str, list[socket.socket]](list)
    for connection, address in _accepted(port):
        by_group[limits.group(address)].append(connection)
    closed = 0
    for group, connections in by_group.items():
        surplus = len(connections) - limits.per_address if group else 0
        for connection in sorted(connections, key=_received)[: max(surplus, 0)]:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
                closed += 1
        for connection in connections:
            connection.close()
    return closed


def _accepted(port: int) -> Iterator[tuple[socket.socket, str]]:
    """Copies of the connections that were accepted on a port, with the address of the other end.

    Only the copy is looked at: its number cannot become another connection's meanwhile.
    """
    seen = set[int]()
    for entry in _DESCRIPTORS.iterdir():
        copy = _copy(int(entry.name))
        if copy is None:
            continue
        socket_number = os.fstat(copy.fileno()).st_ino
        address = _other_end(copy, port)
        # A copy can have a number that was listed for what is closed by now.
        if address is None or socket_number in seen:
            copy.close()
            continue
        seen.add(socket_number)
        yield copy, address


def _copy(descriptor: int) -> socket.socket | None:
    """A copy of a socket; None where the descriptor is none, or closed."""
    try:
        copy = os.dup(descriptor)
    except OSError:
        return None
    try:
        return socket.socket(fileno=copy)
    except OSError:
        os.close(copy)  # The socket that did not come to be leaves it open.
        return None


def _other_end(connection: socket.socket, port: int) -> str | None:
    """The address that a connection on a port comes from; None for any other socket."""
    try:
        return str(connection.getpeername()[0]) if connection.getsockname()[1] == port else None
    except (OSError, IndexError, TypeError):
        return None


def _received(connection: socket.socket) -> int:
    try:
        told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
        return int(_RECEIVED.unpack(told)[0])
    except (OSError, struct.error):
        return 0
