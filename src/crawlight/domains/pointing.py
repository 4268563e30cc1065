"""Where the name of a domain leads: to this installation's front, or elsewhere; and the certificate there.

Whether an address is ours is told by asking it: the front names itself under `PATH`. So it does not matter whether
there is a load balancer, a NAT or a CDN before it, and no address has to be set.
"""

import asyncio
import hmac
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec

from crawlight.accounts.secrets import secret
from crawlight.database.engine import Database
from crawlight.domains.proof import Outside
from crawlight.kit.addresses import Network, check_address, parse_networks
from crawlight.kit.net import FetchError, fetch
from crawlight.kit.origin import Origin

PATH: Final = "/.well-known/crawlight-front"
HEADER: Final = "Crawlight-Front"
EVERYWHERE: Final = parse_networks(["0.0.0.0/0", "::/0"])
"""What the operator's own words may lead to: Caddy reaches all of it."""

_SECONDS: Final = 4.0
_HANDSHAKE_SECONDS: Final = 15.0
_MOST_BYTES: Final = 65_536


class OwnFront(msgspec.Struct, frozen=True):
    """This installation's front. ``runs`` says whether there is one, ``tls`` where its certificates come from.

    ``roots`` is the file of its own authority, if it has one and it is there; ``targets`` are the addresses that DNS is
    to name, as far as they are known.
    """

    runs: bool = False
    tls: Literal["acme", "internal", "off"] = "acme"
    roots: str = ""
    targets: tuple[str, ...] = ()


class Pointing(msgspec.Struct, frozen=True):
    """Where a name leads. ``here`` are those of its addresses at which this front answers.

    ``failure`` says why the name servers could not be asked, and is empty else.
    """

    host: str
    addresses: tuple[str, ...] = ()
    here: tuple[str, ...] = ()
    failure: str = ""

    @property
    def is_here(self) -> bool:
        """Whether all visitors come here."""
        return bool(self.addresses) and self.here == self.addresses

    @property
    def told(self) -> str:
        """What is missing, for a person; empty where nothing is."""
        elsewhere = [one for one in self.addresses if one not in self.here]
        if self.failure:
            return f"{self.host}: {self.failure}"
        if not self.addresses:
            return f"{self.host} has no A or AAAA record"
        if not elsewhere:
            return ""
        some = ", ".join(elsewhere[:4])
        if self.here:
            return f"{self.host} points here, but also to {some}, where this front does not answer"
        return f"{self.host} points to {some}, where this front does not answer"


class Certificate(msgspec.Struct, frozen=True):
    """What visitors get: ``until`` when it is valid, or ``problem``, why it is not."""

    until: datetime | None = None
    problem: str = ""


async def front_name(database: Database) -> str:
    """The name of this installation's front, by which it knows itself."""
    return "crawlight-" + hmac.digest(await secret(database, "front"), b"name", "sha256").hex()[:12]


async def pointing(outside: Outside, host: str, name: str, allowed: tuple[Network, ...] = ()) -> Pointing:
    """Where a host leads. ``allowed`` are networks that may be asked besides those of ``outside``."""
    try:
        addresses = tuple(await outside.addresses(host))
    except OSError as error:
        return Pointing(host, failure=str(error))
    networks = (*outside.allowed, *allowed)
    found = await asyncio.gather(*(_answers(outside, host, address, name, networks) for address in addresses))
    return Pointing(
        host, addresses, tuple(one for one, is_ours in zip(addresses, found, strict=True) if is_ours)
    )


async def leads_to_front(url: str, name: str) -> bool:
    """Whether an origin, ``http[s]://host[:port]``, is this front itself, by whatever name or address.

    Over TLS the front answers only to names that it serves, so it is asked without, too.
    """
    parts = urlsplit(url)
    host, netloc = parts.hostname or "", parts.netloc
    urls = {url, f"http://{netloc}"} if parts.port is None else {url}
    found = await asyncio.gather(
        *(_is_front(host, Origin(frozenset({host}), one, verified=False), name, EVERYWHERE) for one in urls)
    )
    return any(found)


async def certificate(
    outside: Outside, host: str, address: str, roots: str = "", allowed: tuple[Network, ...] = ()
) -> Certificate:
    """The certificate that visitors of a host get at an address; ``roots``: a file of further authorities."""
    context = ssl.create_default_context()
    if roots:
        with suppress(FileNotFoundError):  # There is none before the first certificate.
            context.load_verify_locations(roots)
    try:
        check_address(host, address, (*outside.allowed, *allowed))
        async with asyncio.timeout(_HANDSHAKE_SECONDS):
            _, writer = await asyncio.open_connection(
                address, outside.ports[1], ssl=context, server_hostname=host
            )
    except ssl.SSLCertVerificationError as error:
        return Certificate(problem=error.verify_message)
    except ssl.SSLError:
        return Certificate(problem="there is none yet")
    except TimeoutError:
        return Certificate(problem=f"no handshake within {_HANDSHAKE_SECONDS:g} seconds")
    except OSError as error:
        return Certificate(problem=f"port {outside.ports[1]} cannot be reached: {error.strerror or error}")
    shown = writer.get_extra_info("peercert")
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return Certificate(datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC))


async def _answers(
    outside: Outside, host: str, address: str, name: str, allowed: tuple[Network, ...]
) -> bool:
    """Whether this front answers for a host at an address, with or without TLS."""
    at = f"[{address}]" if ":" in address else address
    urls = [f"{scheme}://{at}:{port}" for scheme, port in zip(("http", "https"), outside.ports, strict=True)]
    for url in urls:
        if await _is_front(host, Origin(frozenset({host}), url, verified=False), name, allowed):
            return True
    return False


async def _is_front(host: str, origin: Origin, name: str, allowed: tuple[Network, ...]) -> bool:
    try:
        answer = await fetch(
            f"https://{host if ':' not in host else f'[{host}]'}{PATH}",
            allowed=allowed,
            seconds=_SECONDS,
            most_bytes=_MOST_BYTES,
            redirects=0,
            origin=origin,
        )
    except FetchError:
        return False
    return answer.headers.get(HEADER.lower()) == name
