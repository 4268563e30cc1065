"""Proof that somebody controls a host: a DNS record, a file, or a tag of the home page that only they can make."""

import asyncio
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from selectolax.lexbor import LexborHTMLParser
from yarl import URL

from crawlight.kit.addresses import Network
from crawlight.kit.confined import TooMuchError, confined
from crawlight.kit.net import Answer, FetchError, fetch
from crawlight.kit.urls import bare_host

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver

Method = Literal["dns", "file", "tag"]

RECORD: Final = "_crawlight"
"""The TXT record stands at this name below the host."""
FILE: Final = "/.well-known/crawlight-verification.txt"
TAG: Final = "crawlight-verification"
_SECONDS: Final = 10.0
_MOST_BYTES: Final = 2 * 1024 * 1024
_MOST_HOPS: Final = 3


class Finding(msgspec.Struct, frozen=True):
    """What was found one way; ``seen`` says it to the person who waits for it."""

    method: Method
    proven: bool
    seen: str


class Outside:
    """How to reach the outside: by the system's name servers and the public addresses alone, unless told.

    ``ports`` are those at which sites speak ``http://`` and ``https://``.
    """

    def __init__(
        self,
        resolver: "Resolver | None" = None,
        allowed: tuple[Network, ...] = (),
        ports: tuple[int, int] = (80, 443),
    ) -> None:
        self._resolver = resolver
        self.allowed = allowed
        self.ports = ports

    async def texts(self, name: str) -> list[str]:
        """The TXT records of a name. Raises OSError with what went wrong."""
        records = await self._records(name, "TXT")
        return [b"".join(record.strings).decode("utf-8", "replace") for record in records]

    async def addresses(self, name: str) -> list[str]:
        """The IPv4 and IPv6 addresses of a name; not those of ``/etc/hosts``. Raises OSError with what went wrong."""
        found = await asyncio.gather(self._records(name, "A"), self._records(name, "AAAA"))
        return sorted({str(record) for records in found for record in records})

    async def authorities(self, name: str) -> list[str]:
        """Who may issue certificates for a name, by the CAA records of it or the next domain above; empty: anybody.

        Raises OSError with what went wrong.
        """
        labels = name.split(".")
        for start in range(len(labels) - 1):
            records = await self._records(".".join(labels[start:]), "CAA")
            if records:
                allowed = [one.value.decode() for one in records if one.tag == b"issue"]
                return sorted({value.partition(";")[0].strip() or "nobody" for value in allowed})
        return []

    async def _records(self, name: str, kind: str) -> list[Any]:
        import dns.asyncresolver  # Loads slowly, and a server at rest asks nothing.
        import dns.exception
        import dns.resolver

        resolver = self._resolver or dns.asyncresolver.Resolver()
        try:
            return list(await resolver.resolve(name, kind, lifetime=_SECONDS))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException as error:
            raise OSError(f"the name servers did not answer ({type(error).__name__})") from None

    async def get(self, url: str, host: str) -> Answer:
        """A document of a host, over redirects within it (scheme and ``www.`` may differ).

        Raises OSError where it cannot be had, or another host would have to be asked.
        """
        try:
            for _ in range(_MOST_HOPS):
                answer = await fetch(
                    url, allowed=self.allowed, seconds=_SECONDS, most_bytes=_MOST_BYTES, redirects=0
                )
                if answer.status not in (301, 302, 303, 307, 308) or "location" not in answer.headers:
                    return answer
                url = str(URL(url).join(URL(answer.headers["location"])))
                if bare_host(URL(url).host or "") != host:
                    raise OSError(f"it leads away, to {url[:200]}")
        except (FetchError, ValueError) as error:
            raise OSError(str(error)) from None
        raise OSError("it leads from redirect to redirect")


async def findings(outside: Outside, host: str, origin: str, token: str) -> list[Finding]:
    """Look all three ways at once; ``origin`` is where the host is fetched, such as ``https://example.com``."""
    return list(
        await asyncio.gather(
            _dns(outside, host, token),
            _file(outside, host, origin, token),
            _tag(outside, host, origin, token),
        )
    )


async def _dns(outside: Outside, host: str, token: str) -> Finding:
    name = f"{RECORD}.{host}"
    try:
        texts = await outside.texts(name)
    except OSError as error:
        return Finding("dns", False, f"{name}: {error}.")
    if any(text.strip() == token for text in texts):
        return Finding("dns", True, f"The TXT record of {name} fits.")
    return Finding("dns", False, f"{name} has {_other(len(texts), 'TXT record')}.")


async def _file(outside: Outside, host: str, origin: str, token: str) -> Finding:
    url = origin + FILE
    try:
        answer = await outside.get(url, host)
    except OSError as error:
        return Finding("file", False, f"{url}: {error}.")
    if answer.status != 200:
        return Finding("file", False, f"{url} answers with status {answer.status}.")
    if answer.body.strip() == token.encode():
        return Finding("file", True, f"The file {url} fits.")
    return Finding("file", False, f"{url} holds something else.")


async def _tag(outside: Outside, host: str, origin: str, token: str) -> Finding:
    url = f"{origin}/"
    try:
        answer = await outside.get(url, host)
    except OSError as error:
        return Finding("tag", False, f"{url}: {error}.")
    try:
        tags = await confined(_tags, answer.body)
    except TooMuchError as error:
        return Finding("tag", False, f"{url} could not be read: {error}.")
    if token in tags:
        return Finding("tag", True, f"The tag in {url} fits.")
    return Finding(
        "tag", False, f"The head of {url} (status {answer.status}) has {_other(len(tags), 'such tag')}."
    )


def _tags(html: bytes) -> list[str]:
    """What the tags say, in the head only: what visitors write lands in the body."""
    head = LexborHTMLParser(html).head
    tags = head.css(f'meta[name="{TAG}"]') if head else []
    return [(tag.attributes.get("content") or "").strip() for tag in tags]


def _other(count: int, what: str) -> str:
    return f"no {what}" if not count else f"another {what}" if count == 1 else f"{count} other {what}s"
