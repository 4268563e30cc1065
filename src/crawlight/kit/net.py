"""Requests to the outside: the one HTTP client that keeps to the addresses which may be reached (`addresses`)."""

import asyncio
import os
import socket
import ssl
import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import msgspec
from yarl import URL

from crawlight.kit.addresses import BlockedAddressError, Network, check_address
from crawlight.kit.origin import Origin

if TYPE_CHECKING:
    import aiohttp

USER_AGENT: Final = "Mozilla/5.0 (compatible; Crawlight)"
SECONDS: Final = 20.0
MOST_BYTES: Final = 10 * 1024 * 1024
MOST_REDIRECTS: Final = 5


class FetchError(Exception):
    """The document could not be had; the message says why. ``blocked``: its address is not allowed."""

    def __init__(self, message: str, *, blocked: bool = False) -> None:
        super().__init__(message)
        self.blocked = blocked


class Answer(msgspec.Struct, frozen=True):
    """An HTTP answer. Header names are in lower case; ``url`` is where the last redirect led."""

    status: int
    headers: dict[str, str]
    body: bytes
    url: str


async def fetch(
    url: str,
    *,
    allowed: Iterable[Network] = (),
    headers: Mapping[str, str] | None = None,
    method: str = "GET",
    body: bytes | None = None,
    seconds: float = SECONDS,
    most_bytes: int = MOST_BYTES,
    redirects: int = MOST_REDIRECTS,
    origin: Origin | None = None,
) -> Answer:
    """Ask for an http(s) URL and follow redirects (``redirects=0``: answer them as they are).

    What is for the public hosts of ``origin`` is asked there.

    The body is decoded (gzip and the like) and at most ``most_bytes`` long. Raises FetchError with a reason
    for a person: no such host, an address that is not allowed, no answer within ``seconds``, too large.
    """
    if "aiohttp" not in sys.modules:
        await asyncio.to_thread(
            import_module, "aiohttp"
        )  # It takes a while, and others are answered meanwhile.
    async with Client(allowed, seconds=seconds, keep=False, origin=origin) as client:
        return await client.fetch(
            url, headers=headers, method=method, body=body, most_bytes=most_bytes, redirects=redirects
        )


class Client:
    """Asks many times, with ``keep`` over connections that stay open in between; to be closed.

    An address was checked when it was connected to, and a connection stays with it.
    """

    def __init__(
        self,
        allowed: Iterable[Network] = (),
        *,
        seconds: float = SECONDS,
        keep: bool = True,
        origin: Origin | None = None,
    ) -> None:
        import aiohttp  # Loads slowly, and a server at rest asks nothing.

        self._seconds = seconds
        self._origin = origin
        self._session = aiohttp.ClientSession(
            connector=_connector(tuple(allowed), keep=keep),
            timeout=aiohttp.ClientTimeout(total=seconds),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def fetch(
        self,
        url: str | URL,
        *,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
        body: bytes | None = None,
        most_bytes: int = MOST_BYTES,
        redirects: int = MOST_REDIRECTS,
    ) -> Answer:
        """Ask as `fetch` does; a `URL` is asked for as it is written. Raises FetchError."""
        import aiohttp

        sent = {"User-Agent": USER_AGENT, **(headers or {})}
        try:
            asking = _Asking(self._session, method, sent, self._origin, body)
            return await _follow(asking, URL(url), most_bytes, redirects)
        except BlockedAddressError as error:
            raise FetchError(str(error), blocked=True) from None
        except aiohttp.ClientConnectorError as error:
            raise _unreachable(error) from None
        except TimeoutError:
            raise FetchError(f"no answer within {self._seconds:g} seconds") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise FetchError(str(error) or type(error).__name__) from None


class _Asking(msgspec.Struct, frozen=True):
    """How each URL on the way is asked for."""

    session: "aiohttp.ClientSession"
    method: str
    headers: Mapping[str, str]
    origin: Origin | None
    body: bytes | None = None

    async def ask(self, url: URL) -> "aiohttp.ClientResponse":
        """Ask where the URL leads, or its origin, there under the first name that it has a certificate for."""
        import aiohttp

        origin, host = self.origin, url.host or ""
        if origin is None or not origin.leads(host, url.port or 0):
            return await self.session.request(
                self.method, url, headers=self.headers, data=self.body, allow_redirects=False
            )
        at = (
            url.with_scheme("https" if origin.encrypted else "http")
            .with_host(origin.host)
            .with_port(origin.port)
        )
        headers = {**self.headers, **origin.headers(host)}
        failed: aiohttp.ClientError | None = None
        for name in origin.names(host) if origin.encrypted else (None,):
            try:
                return await self.session.request(
                    self.method,
                    at,
                    headers=headers,
                    data=self.body,
                    allow_redirects=False,
                    ssl=origin.context or True,
                    server_hostname=name,
                )
            except (aiohttp.ClientConnectorSSLError, aiohttp.ClientConnectorCertificateError) as error:
                failed = failed or error
        raise failed or FetchError("the origin has no name")

    def leads_to(self, url: URL, location: str) -> URL:
        """Where a redirect leads; what is at the origin is under the public host."""
        target = url.join(URL(location))
        return target if self.origin is None else URL(self.origin.public(str(target), url.host or ""))


async def _follow(asking: _Asking, url: URL, most_bytes: int, redirects: int) -> Answer:
    for left in range(redirects, -1, -1):
        if url.scheme not in ("http", "https") or not url.host:
            raise FetchError("not an http(s) URL")
        async with await asking.ask(url) as answer:
            target = answer.headers.get("Location") if answer.status in (301, 302, 303, 307, 308) else None
            if target is None or redirects == 0:
                body = await _read(answer, most_bytes)
                return Answer(answer.status, _lower(answer.headers), body, str(url))
            if left:
                url = asking.leads_to(url, target)
    raise FetchError(f"more than {redirects} redirects")


async def _read(answer: "aiohttp.ClientResponse", most_bytes: int) -> bytes:
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > most_bytes:
            raise FetchError(f"larger than {most_bytes} bytes")
    return bytes(body)


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, text in headers.items():
        key = name.lower()
        joined[key] = f"{joined[key]}, {text}" if key in joined else text
    return joined


def _connector(allowed: tuple[Network, ...], *, keep: bool) -> "aiohttp.TCPConnector":
    import aiohttp

    def checked(info: Any) -> socket.socket:
        """The socket for one address, or none: called for every connection, with what DNS answered."""
        family, kind, protocol, _, address = info
        check_address(str(address[0]), str(address[0]), allowed)
        return socket.socket(family, kind, protocol)

    return aiohttp.TCPConnector(socket_factory=checked, use_dns_cache=False, force_close=not keep)


def _unreachable(error: "aiohttp.ClientConnectorError") -> FetchError:
    cause: BaseException = error.os_error
    causes = getattr(cause, "exceptions", (cause,))
    blocked = next((one for one in causes if isinstance(one, BlockedAddressError)), None)
    if blocked is not None:
        return FetchError(BlockedAddressError.told(error.host, blocked.address), blocked=True)
    return FetchError(f"cannot connect to {error.host}, port {error.port}: {_told(error.os_error)}")


def _told(error: OSError) -> str:
    """What the system says, without the address that asyncio adds to it."""
    if isinstance(error, ssl.SSLError):
        return getattr(error, "verify_message", "") or str(error.strerror or error)
    if error.errno is not None and error.errno > 0:  # Those of name resolution are below.
        return os.strerror(error.errno)
    return str(error.strerror or error)
