"""The way of a browser to the network: a SOCKS 5 proxy of ours that checks the address of each connection.

The browser hands over names, not addresses, so the address that was checked is the one that is connected to, and a
name that changes its answer (DNS rebinding) gains nothing. Each tab has a listener of its own, and with it the
networks that its domain may reach and the count of what it loads. Where the domain has an origin of its own, what is
for the domain's own hosts is led there (`leading`). https://www.rfc-editor.org/rfc/rfc1928
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from crawlight.kit.addresses import BlockedAddressError, Network, check_address
from crawlight.kit.origin import Origin
from crawlight.rendering.ends import End
from crawlight.rendering.leading import Led

MOST_BYTES: Final = 64 * 1024 * 1024
"""What one page may load."""
_TRY_SECONDS: Final = 6.0
_CONNECT_SECONDS: Final = 15.0
_HELLO_SECONDS: Final = 10.0
_MOST_SAID: Final = 256 * 1024
_MOST_REMEMBERED: Final = 100
_NAME, _IPV4, _IPV6 = 3, 1, 4
_LENGTHS: Final = {_IPV4: 4, _IPV6: 16}
_OK, _REFUSED, _UNREACHABLE = 0, 2, 4
_HTTPS: Final = 443

# Threads of its own: names that never resolve must not keep the rest of the process from its threads.
_resolving = ThreadPoolExecutor(16, "crawlight-dns")


class Proxy:
    """One listener. ``problems`` says by host why it could not be reached, ``received`` how many bytes came in.

    ``on_flood`` is called when that is more than a page may load.
    """

    def __init__(self, allowed: Iterable[Network], peer: str, origin: Origin | None = None) -> None:
        self.allowed = tuple(allowed)
        self.origin = origin
        self.problems: dict[str, OSError] = {}
        self.received = 0
        self.on_flood: Callable[[], None] = lambda: None
        self.ends: set[End] = set()
        self._peer = peer
        self._closed = False
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(
        cls,
        allowed: Iterable[Network] = (),
        *,
        host: str = "127.0.0.1",
        peer: str = "",
        origin: Origin | None = None,
    ) -> "Proxy":
        """Listen on a free port of ``host``, for a browser at the address ``peer`` only, if that is given."""
        proxy = cls(allowed, peer, origin)
        loop = asyncio.get_running_loop()
        proxy._server = await loop.create_server(lambda: _Client(proxy), host, 0)
        return proxy

    @property
    def url(self) -> str:
        """Where a browser finds it, as Chromium's ``proxyServer``."""
        if self._server is None:
            raise RuntimeError("the proxy is not open")
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"socks5://{f'[{host}]' if ':' in host else host}:{port}"

    async def close(self) -> None:
        """Stop listening and drop all connections."""
        self._closed = True
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        for end in list(self.ends):
            end.abort()

    def forget(self) -> None:
        """Start counting anew."""
        self.problems.clear()
        self.received = 0

    def count(self, received: int) -> None:
        """Count what came in."""
        before, self.received = self.received, self.received + received
        if before <= MOST_BYTES < self.received:
            self.on_flood()

    def is_open_to(self, address: str) -> bool:
        """Say whether a client may use the proxy. One that was accepted while it was closed may not."""
        return not self._closed and (not self._peer or address == self._peer)

    def serve(self, client: "_Client", host: str, port: int) -> None:
        """Connect a client to a host, or tell it that this cannot be."""
        task = asyncio.get_running_loop().create_task(self._serve(client, host, port))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, client: "_Client", host: str, port: int) -> None:
        try:
            if self.origin is not None and self.origin.leads(host, port):
                await self._lead(client, self.origin, host, encrypted=port == _HTTPS)
            else:
                opened = await self._connect(host, port)
                upstream = _Upstream(self, client)
                await asyncio.get_running_loop().create_connection(lambda: upstream, sock=opened)
        except (OSError, UnicodeError) as error:
            failure = error if isinstance(error, OSError) else OSError(f"{host} is no name of a host")
            if len(self.problems) < _MOST_REMEMBERED:
                self.problems[host] = failure
            client.refuse(_REFUSED if isinstance(error, BlockedAddressError) else _UNREACHABLE)

    async def _lead(self, client: "_Client", origin: Origin, host: str, *, encrypted: bool) -> None:
        upstream = await self._to_origin(origin, host)
        transport = client.leave()
        if transport is None:
            upstream.abort()
        else:
            await Led(self, origin, upstream).take_over(transport, encrypted=encrypted)

    async def _to_origin(self, origin: Origin, host: str) -> End:
        """Connect to an origin; in TLS under the first of its names for which it has a certificate."""
        failures: list[OSError] = []
        for name in origin.names(host) if origin.encrypted else (None,):
            try:
                return await self._under(name, origin)
            except (ssl.SSLError, ConnectionError) as error:
                failures.append(error)
        raise failures[0]

    async def _under(self, name: str | None, origin: Origin) -> End:
        upstream = End(self, counts=True)
        opened = await self._connect(origin.host, origin.port)
        await asyncio.get_running_loop().create_connection(
            lambda: upstream, sock=opened, ssl=origin.context, server_hostname=name
        )
        return upstream

    async def _connect(self, host: str, port: int) -> socket.socket:
        """Connect to the first address of a host that may be reached and answers."""
        failures: list[OSError] = []
        async with asyncio.timeout(_CONNECT_SECONDS):
            for family, kind, protocol, _, address in await _addresses(host, port):
                try:
                    check_address(host, str(address[0]), self.allowed)
                    async with asyncio.timeout(_TRY_SECONDS):
                        return await _connected(socket.socket(family, kind, protocol), address)
                except OSError as error:
                    failures.append(error)
        # What is refused by us says more than that another of its addresses did not answer.
        blocked = [failure for failure in failures if isinstance(failure, BlockedAddressError)]
        raise (blocked or failures or [OSError(f"{host} has no address")])[0]


async def _addresses(host: str, port: int) -> list[Any]:
    def ask() -> list[Any]:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)

    return await asyncio.get_running_loop().run_in_executor(_resolving, ask)


async def _connected(opened: socket.socket, address: Any) -> socket.socket:
    try:
        opened.setblocking(False)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(opened, address)
    except BaseException:
        opened.close()
        raise
    return opened


class _Upstream(End):
    """The end of a host that is connected to as it is."""

    def __init__(self, proxy: Proxy, client: "_Client") -> None:
        super().__init__(proxy, counts=True)
        self._client = client
        self.other = client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._client.accept(self)


class _Client(End):
    """The browser's end: first it says where to, then it is one like the other."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy, counts=False)
        self._proxy = proxy
        self._said = bytearray()
        self._greeted = False
        self._asked = False
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if not self._proxy.is_open_to(transport.get_extra_info("peername")[0]):
            self.abort()
        self._patience = asyncio.get_running_loop().call_later(_HELLO_SECONDS, self.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._patience is not None:
            self._patience.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.other is not None:
            super().data_received(data)
            return
        self._said += data
        if len(self._said) > _MOST_SAID:
            self.abort()
        elif not self._asked:
            self._read()

    def accept(self, upstream: End) -> None:
        """Tell the browser that it is connected; what it says from now on goes to the other end."""
        self.other = upstream
        if self.transport is None or self.transport.is_closing():
            upstream.abort()
            return
        self.transport.write(_answer(_OK))
        if self._said and upstream.transport is not None:
            upstream.transport.write(bytes(self._said))
        self._said.clear()

    def leave(self) -> asyncio.Transport | None:
        """Tell the browser that it is connected, and leave the connection to another; None where it has gone."""
        self._way.ends.discard(self)
        if self.transport is None or self.transport.is_closing():
            return None
        self.transport.write(_answer(_OK))
        return self.transport

    def refuse(self, code: int) -> None:
        """Tell the browser that it is not connected, and hang up."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(_answer(code))
            self.transport.close()

    def _read(self) -> None:
        if not self._greeted:
            if self._said[0] != 5 or self.transport is None:
                self.abort()
                return
            if len(self._said) < 2 or len(self._said) < 2 + self._said[1]:
                return
            del self._said[: 2 + self._said[1]]
            self._greeted = True
            self.transport.write(b"\x05\x00")
        self._read_request()

    def _read_request(self) -> None:
        said = self._said
        if len(said) < 5:
            return
        length = _LENGTHS.get(said[3], said[4] + 1)
        if len(said) < 4 + length + 2:
            return
        if said[1] != 1 or said[3] not in (_NAME, _IPV4, _IPV6):
            self.abort()
            return
        host = _host(said[3], bytes(said[4 : 4 + length]))
        port = int.from_bytes(said[4 + length : 6 + length], "big")
        del said[: 6 + length]
        self._asked = True
        if self._patience is not None:
            self._patience.cancel()
        self._proxy.serve(self, host, port)


def _host(kind: int, packed: bytes) -> str:
    if kind == _NAME:
        return packed[1:].decode("ascii", "replace")
    return socket.inet_ntop(socket.AF_INET if kind == _IPV4 else socket.AF_INET6, packed)


def _answer(code: int) -> bytes:
    return bytes((5, code, 0, _IPV4, 0, 0, 0, 0, 0, 0))
