"""Names what a log says: the crawler of a user agent, the page of a target, the domain of a host; once each."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import msgspec
import numpy as np

from crawlight.bots.catalogue import Agent
from crawlight.bots.identity import Identity
from crawlight.bots.matcher import classify
from crawlight.ingest.lines import Mask
from crawlight.ingest.staged import Target
from crawlight.kit.urls import bare_host, canonical_path, kind_of

_PORT = re.compile(r":[0-9]*$")
_ESCAPED = re.compile(rb"\\x([0-9A-Fa-f]{2})")
_NO_HOST: Final = ("", "-", "_")
_ABSOLUTE: Final = re.compile(rb"https?://([^/?#\s]*)", re.IGNORECASE)
# What Amazon S3 calls a bucket by: not the site's own name.
_NO_SITE: Final = re.compile(r"(?:^|.*\.)s3[.-](?:[a-z0-9.-]+\.)?amazonaws\.com")
# Bounds of what is remembered, however hostile a log is.
_MOST_AGENTS: Final = 20_000
_MOST_VISITORS: Final = 20_000
_MOST_PAGES: Final = 100_000


class Named(msgspec.Struct, frozen=True):
    """A crawler. ``identity`` is that of a crawl that no address list decides; ``listed`` says that one may."""

    agent: Agent
    key: str
    identity: str
    listed: bool


class Names:
    """What the names in a log mean to one target. May be asked by several threads."""

    def __init__(self, target: Target, identity: Identity) -> None:
        """``identity`` judges by address lists alone; reverse DNS is not asked for a log's many addresses."""
        self._target = target
        self._identity = identity
        self.crawler = lru_cache(_MOST_AGENTS)(self._crawler)
        self.visitor = lru_cache(_MOST_VISITORS)(self._visitor)
        self.domain = lru_cache(_MOST_AGENTS)(self._domain)

    def people(self, user_agents: Iterable[bytes]) -> Mask:
        """Which user agents are no crawler's, with a False at the end for the missing one."""
        return np.array([*(self.crawler(raw) is None for raw in user_agents), False], np.bool_)

    def identity_of(self, crawler: Named | None, address: str, when: int) -> str:
        """The identity of a listed crawler's crawl at a moment in Unix seconds."""
        return self._identity.judge(crawler.agent, address, when).identity if crawler else "none"

    def _visitor(self, raw: bytes) -> bytes:
        return self._identity.visitor(raw.decode("ascii", "replace")).encode()

    def _crawler(self, raw: bytes) -> Named | None:
        agent = classify(text(raw))
        if agent is None:
            return None
        library = agent.category == "library"
        identity = "none" if library else self._identity.judge(agent, "", 0).identity
        return Named(agent, agent.key or "", identity, bool(agent.ranges) and not library)

    def _domain(self, raw: bytes) -> int:
        """The number of a logged host's domain, 0 for none. The port is the server's: it names no other site."""
        name = _PORT.sub("", raw.decode("utf-8", "replace"))
        if name in _NO_HOST or _NO_SITE.fullmatch(name):
            return self._target.hostless
        return self._target.domains.get(bare_host(name) or "", 0)


@lru_cache(_MOST_PAGES)
def page(raw: bytes) -> tuple[str, str]:
    """Canonical path and kind, both empty where a target names no page."""
    path = canonical_path(text(raw))
    return ("", "") if path is None else (path, kind_of(path))


def page_without(ignored: frozenset[str], named: tuple[str, str]) -> tuple[str, str]:
    """The page where a domain ignores some query parameters."""
    path, kind = named
    return canonical_path(path, ignored) or path, kind


def asked_host(target: bytes) -> bytes | None:
    """The host of a target that is a whole URL: it decides whose page was asked for (RFC 9112, 3.2.2)."""
    found = _ABSOLUTE.match(target) if target[:1] in b"hH" else None
    return found[1] if found else None


def text(raw: bytes) -> str:
    r"""A logged value as it was sent: servers write odd bytes as ``\xHH``."""
    if b"\\x" in raw:
        raw = _ESCAPED.sub(lambda match: bytes.fromhex(match[1].decode()), raw)
    return raw.decode("utf-8", "surrogateescape")
