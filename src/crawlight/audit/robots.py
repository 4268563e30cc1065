"""What a page and its domain tell crawlers: robots meta, X-Robots-Tag, robots.txt."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from protego import Protego

from crawlight.audit.document import Document

SEARCH_BOTS: Final = ("googlebot", "bingbot", "duckduckbot", "applebot", "yandexbot", "baiduspider")
"""Search engines' crawlers that may be addressed by name; the first is the one that the score is about."""

MAX_ROBOTS_TXT: Final = 512_000
"""Characters of robots.txt that are read; 500 KiB is Google's limit (and RFC 9309's least)."""

_VALUED: Final = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
_PREFIX = re.compile(r"\s*([A-Za-z0-9_-]+)\s*:\s*(.*)", re.DOTALL)


@dataclass(frozen=True)
class Directive:
    """One rule of a page for a crawler: ``bot`` is in lower case, ``robots`` means all."""

    bot: str
    rule: str
    source: str
    """Where it was read: the element, or the header."""
    header: bool = False

    @property
    def blocks(self) -> bool:
        """Whether it keeps the page out of the index."""
        return self.rule in ("noindex", "none")


def directives(document: Document, header: str) -> list[Directive]:
    """Read the robots metas of a document and an X-Robots-Tag header, its values joined by commas."""
    return [*_of_metas(document), *_of_header(header)]


def may_crawl(robots_txt: str | None, bot: str, url: str) -> bool:
    """Say whether robots.txt lets a crawler fetch a URL; without a robots.txt it may."""
    if not robots_txt or not robots_txt.strip():
        return True
    return bool(_parsed(robots_txt[:MAX_ROBOTS_TXT]).can_fetch(url, bot))


@lru_cache(maxsize=64)
def _parsed(robots_txt: str) -> Protego:
    return Protego.parse(robots_txt)


def _of_metas(document: Document) -> Iterator[Directive]:
    for meta in document.of("meta"):
        name = meta.get("name").lower()
        if name == "robots" or name in SEARCH_BOTS:
            for rule in meta.get("content").lower().split(","):
                yield Directive(name, rule.strip(), meta.snippet)


def _of_header(header: str) -> Iterator[Directive]:
    """``googlebot: noindex, nofollow``: a name holds for all rules up to the next name."""
    bot = "robots"
    for part in re.split(r"[,\n]", header[:10_000].lower()):
        if (match := _PREFIX.match(part)) and match[1] not in _VALUED:
            bot, part = match[1], match[2]
        if rule := part.strip():
            yield Directive(bot, rule, f"X-Robots-Tag: {header[:200]}", header=True)
