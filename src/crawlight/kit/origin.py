"""The origin of a site: the server beneath its public name, to which requests to that name are led."""

import ssl
from functools import cache
from typing import Final
from urllib.parse import urlsplit

import msgspec

_PORTS: Final = {"http": 80, "https": 443}


class Origin(msgspec.Struct, frozen=True):
    """Where requests to the public ``hosts`` of a site are answered: ``url`` is ``http[s]://host[:port]``.

    The site stays at ``https://`` to itself and to its pages. The origin is told the name that was asked for, or with
    ``as_itself`` its own. Its certificate has to be good for one of the two, unless it is not ``verified``.
    """

    hosts: frozenset[str]
    url: str
    as_itself: bool = False
    verified: bool = True

    @property
    def host(self) -> str:
        """Name or address to connect to."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """Port to connect to."""
        parts = urlsplit(self.url)
        return parts.port or _PORTS[parts.scheme]

    @property
    def encrypted(self) -> bool:
        """Say whether the origin speaks TLS."""
        return self.url.startswith("https:")

    @property
    def context(self) -> ssl.SSLContext | None:
        """How to speak TLS to the origin; None where it speaks none."""
        return _context(self.verified) if self.encrypted else None

    def leads(self, host: str, port: int) -> bool:
        """Say whether requests to this host and port are those of the site."""
        return port in _PORTS.values() and host.lower().rstrip(".") in self.hosts

    def headers(self, host: str) -> dict[str, str]:
        """What a request to a public host says to the origin, as a reverse proxy does."""
        told = urlsplit(self.url).netloc if self.as_itself else host
        return {"Host": told, "X-Forwarded-Host": host, "X-Forwarded-Proto": "https"}

    def names(self, host: str) -> tuple[str, ...]:
        """Names to ask for in the TLS handshake, the likelier one first.

        A server of many sites picks one by the name; one whose certificate is its own may know no other.
        """
        names = (self.host, host) if self.as_itself else (host, self.host)
        return tuple(dict.fromkeys(names))

    def public(self, url: str, host: str) -> str:
        """The URL under the public host, where it is one at the origin; any other as it is."""
        parts = urlsplit(url)
        if parts.netloc.lower() == urlsplit(self.url).netloc:
            return parts._replace(scheme="https", netloc=host).geturl()
        return url


@cache
def _context(verified: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if not verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
