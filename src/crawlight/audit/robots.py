"""What a page and its domain tell crawlers: robots meta, X-Robots-Tag, robots.txt.

https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag and
https://www.bing.com/webmasters/help/which-robots-metatags-does-bing-support-5198d240
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from protego import Protego

from crawlight.audit.dates import parsed_date
from crawlight.audit.document import Document

SEARCH_BOTS: Final = ("googlebot", "bingbot", "duckduckbot", "applebot", "yandexbot", "baiduspider")
"""Search engines' crawlers that may be addressed by name; the first is the one that the score is about."""

ALL: Final = frozenset({"robots", "robot"})
"""Names of a rule for every crawler. Google reads the singular, too: https://www.valentin.app/robotsmeta.html"""
GOOGLE: Final = ALL | {"googlebot"}
BING: Final = ALL | {"bingbot", "msnbot"}
_NAMES: Final = frozenset(SEARCH_BOTS) | GOOGLE | BING | {"googlebot-news", "yandex", "slurp"}
"""Names of meta elements that hold such rules."""

MAX_ROBOTS_TXT: Final = 512_000
"""Characters of robots.txt that are read; 500 KiB is Google's limit (and RFC 9309's least)."""

_VALUES: Final = {
    "max-snippet": re.compile(r"-1|\d+"),
    "max-video-preview": re.compile(r"-1|\d+"),
    "max-image-preview": re.compile(r"none|standard|large"),
}
VALUED: Final = frozenset({"unavailable_after", *_VALUES})
"""Rules with a value."""
_PLAIN: Final = """
all index follow noindex nofollow none noarchive nocache nosnippet indexifembedded notranslate noimageindex
nositelinkssearchbox nopagereadaloud noodp noydir noyaca noai noimageai archive snippet imageindex
"""
KNOWN: Final = VALUED | frozenset(_PLAIN.split())
"""Rules that a search engine reads, or once did."""

_PREFIX = re.compile(r"\s*([A-Za-z0-9_-]+)\s*:\s*(.*)", re.DOTALL)
_MOST_RULES: Final = 200


@dataclass(frozen=True)
class Directive:
    """One rule of a page for a crawler: ``bot`` is in lower case, ``robots`` means all."""

    bot: str
    rule: str
    source: str
    """Where it was read: the element, or the header."""
    header: bool = False

    @property
    def name(self) -> str:
        """The rule without its value."""
        return self.rule.partition(":")[0].strip()

    @property
    def value(self) -> str:
        """The value of a rule that has one; empty for others."""
        return self.rule.partition(":")[2].strip()

    @property
    def blocks(self) -> bool:
        """Whether it keeps the page out of the index."""
        return self.rule in ("noindex", "none")

    @property
    def until(self) -> datetime | None:
        """The moment after which it takes the page out of the index; none where it does not."""
        return parsed_date(self.value) if self.name == "unavailable_after" else None

    @property
    def is_read(self) -> bool:
        """Whether search engines know the rule, and its value is one."""
        if self.name == "unavailable_after":
            return self.until is not None
        if pattern := _VALUES.get(self.name):
            return pattern.fullmatch(self.value) is not None
        return self.rule in KNOWN


def directives(document: Document, header: str) -> list[Directive]:
    """Read the robots metas of a document and an X-Robots-Tag header, several of them on lines of their own."""
    return [*_of_metas(document), *_of_headers(header)]


def may_crawl(robots_txt: str | None, bot: str, url: str) -> bool:
    """Say whether robots.txt lets a crawler fetch a URL; without a robots.txt it may."""
    if not robots_txt or not robots_txt.strip():
        return True
    return bool(_parsed(robots_txt[:MAX_ROBOTS_TXT]).can_fetch(url, bot))


def sitemaps_in(robots_txt: str) -> list[str]:
    """The addresses of sitemaps that robots.txt names, in its order."""
    return [url for url in _parsed(robots_txt[:MAX_ROBOTS_TXT]).sitemaps if url]


@lru_cache(maxsize=64)
def _parsed(robots_txt: str) -> Protego:
    return Protego.parse(robots_txt)


def _of_metas(document: Document) -> Iterator[Directive]:
    """Rules of metas wherever they stand: Google keeps to those in the body, too."""
    for meta in document.of("meta"):
        name = meta.get("name").lower()
        if name in _NAMES:
            for rule in _rules(meta.get("content").lower().split(",")):
                yield Directive(name, rule, meta.snippet)


def _of_headers(header: str) -> Iterator[Directive]:
    """``googlebot: noindex, nofollow``: a name holds for all rules up to the next name, or the next header."""
    source = f"X-Robots-Tag: {header[:200]}"
    for line in header[:10_000].lower().splitlines():
        bot = "robots"
        for rule in _rules(line.split(",")):
            match = _PREFIX.match(rule)
            if match and match[1] not in VALUED:
                bot, rule = match[1], match[2].strip()
            if rule:
                yield Directive(bot, rule, source, header=True)


def _rules(parts: list[str]) -> Iterator[str]:
    """Single rules of a list at commas, of which a date may have some itself."""
    waiting = [part.strip() for part in parts[:_MOST_RULES]][::-1]
    while waiting:
        rule = waiting.pop()
        while "unavailable_after" in rule and waiting and not _is_whole(rule, waiting[-1]):
            rule = f"{rule}, {waiting.pop()}"
        if rule:
            yield rule


def _is_whole(rule: str, following: str) -> bool:
    """Whether a rule with a date is complete before the part that follows."""
    date = rule.rpartition("unavailable_after")[2].partition(":")[2]
    return parsed_date(date) is not None or following.partition(":")[0].strip() in KNOWN
