"""One call of the render endpoint, as it came over the wire."""

import re
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import count
from secrets import token_hex
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from crawlight.edge.decision import PageRequest
from crawlight.errors import CrawlightError
from crawlight.kit.urls import MAX_URL_BYTES, split_url

_SAFE_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_CLIENT_ERROR: Final = re.compile(rb"4\d\d")
_PLAIN: Final = re.compile(rb"url=https?://", re.IGNORECASE)
LONGEST_ACCEPT: Final = 256
_REMEMBERED: Final = 8_192
_LONGEST_REMEMBERED: Final = 512
"""Queries that are kept with what they ask for, and bytes of each: 16 MiB at most."""

_numbers = count()
_process = token_hex(6).encode()


class Asked(msgspec.Struct, frozen=True):
    """A page: its URL as it was given, the bare host and the canonical path."""

    url: str
    host: str
    path: str


class Call(msgspec.Struct):
    """What the headers and the query of a call say; nothing of it is checked yet."""

    method: str
    query: bytes
    headers: list[tuple[bytes, bytes]]
    request_id: bytes
    authorization: bytes = b""
    api_key: bytes = b""
    agent: str = ""
    told: str = ""
    """The visitor's address, or a chain of those that were forwarded (`bots.visitors`)."""
    accept_encoding: bytes = b""
    accept: bytes = b""
    began: float = 0.0
    """When it came, on the monotonic clock."""
    passthrough: bool = False
    takes_redirects: bool = False
    signed: bool = False
    nothing: int = 204
    """Status of answers without a page: servers that cannot tell a 204 from others ask for a 4xx."""

    def asked(self) -> "Asked":
        """The page that it is about. Raises CrawlightError 400 where there is none."""
        return _remembered(self.query) if len(self.query) <= _LONGEST_REMEMBERED else _asked(self.query)

    def request(self, url: str, path: str) -> PageRequest:
        """The same about a page of a site, without the wire."""
        signed = text_headers(self.headers) if self.signed else None
        return PageRequest(
            url,
            path,
            self.agent,
            self.told,
            signed,
            self.accept_encoding,
            self.takes_redirects,
            self.passthrough,
            self.accept,
            self.method == "HEAD",
            self.began,
        )


def text_headers(headers: Iterable[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """Headers as text, names in lower case; several of a name are joined."""
    joined: dict[str, str] = {}
    for name, raw in headers:
        key, text = name.decode("latin-1"), raw.decode("latin-1")
        joined[key] = f"{joined[key]}, {text}" if key in joined else text
    return joined


def read_call(scope: Mapping[str, Any]) -> Call:
    """The call in an ASGI scope."""
    headers = scope["headers"]
    given = dict(headers)
    asked = given.get(b"x-request-id", b"")
    nothing = given.get(b"x-crawlight-nothing", b"")
    return Call(
        method=scope["method"],
        query=scope["query_string"],
        headers=headers,
        request_id=asked if _SAFE_ID.fullmatch(asked) else b"%s%08x" % (_process, next(_numbers)),
        authorization=given.get(b"authorization", b""),
        api_key=given.get(b"x-api-key", b""),
        agent=given.get(b"user-agent", b"").decode("latin-1"),
        told=_told(headers) if b"x-hadoseo-client-ip" in given else "",
        accept_encoding=given.get(b"accept-encoding", b"")[:LONGEST_ACCEPT],
        accept=given.get(b"accept", b"")[:LONGEST_ACCEPT],
        began=time.monotonic(),
        passthrough=given.get(b"x-hadoseo-mode", b"").strip().lower() == b"passthrough",
        takes_redirects=given.get(b"x-crawlight-redirects", b"").strip().lower() == b"manual",
        signed=b"signature-agent" in given,
        nothing=int(nothing) if _CLIENT_ERROR.fullmatch(nothing) else 204,
    )


def _told(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The visitor's addresses, of all headers that name them."""
    return b",".join(text for name, text in headers if name == b"x-hadoseo-client-ip").decode("latin-1")


def _asked(query: bytes) -> Asked:
    url = _url(query)
    parts = split_url(url)
    if parts is None:
        raise CrawlightError(
            "invalid_request",
            f"url is an absolute http or https URL of up to {MAX_URL_BYTES} bytes, without user name",
        )
    return Asked(url, *parts)


_remembered = lru_cache(maxsize=_REMEMBERED)(_asked)


def _url(query: bytes) -> str:
    """The parameter. One that was put in as it is, as servers without an encoding function do, reaches to the end."""
    if _PLAIN.match(query):
        return query[4:].decode("latin-1")
    try:
        pairs = parse_qsl(query.decode("latin-1"), True, errors="surrogateescape", max_num_fields=32)
    except ValueError:
        pairs = []
    url = next((text for name, text in pairs if name == "url"), None)
    if url is None:
        raise CrawlightError("invalid_request", "the parameter url is missing")
    return url
