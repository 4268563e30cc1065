"""Which requests Crawlight is asked about, as Caddy's matchers: cheap for people, and no known crawler passes by.

A browser says ``Sec-Fetch-Mode`` in each request over TLS (https://www.w3.org/TR/fetch-metadata/), so what does not is
asked about. Crawlers that drive a browser say it, too: they are known by words in their user agent. Caddy finds a word
with ``*word*`` in some 20 nanoseconds, an expression of all of them costs a thousand times that.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from crawlight.bots.assistants import hosts, sources
from crawlight.bots.catalogue import load
from crawlight.kit.urls import ASSET_EXTENSIONS

Matcher = dict[str, Any]

GENERAL: Final = (
    *("bot", "Bot", "BOT", "rawl", "CRAWL", "pider", "SPIDER", "http", "HTTP", "@", "ompatible;"),
    *("review", "oogle", "acebook", "xternal", "etcher", "-User", "-user", "scrap", "Scrap"),
)
"""What most crawlers say of themselves in some way, and no browser does."""


@cache
def words() -> tuple[str, ...]:
    """Words of which a crawler with a key has at least one in its user agent, as it is usually written."""
    tokens = [_plain(token) for agent in load().agent if agent.key for token in agent.tokens]
    least: list[str] = list(GENERAL)
    for token in sorted(set(tokens), key=lambda token: (len(token), token)):
        for spelled in (token, token.lower()):
            if not any(word in spelled for word in least):
                least.append(spelled)
    return tuple(least)


def crawlers() -> list[Matcher]:
    """Whoever may be a crawler, or wants what only Crawlight has; any of these."""
    return [
        {"header": {"Sec-Fetch-Mode": None}},
        {"header": {"User-Agent": [f"*{word}*" for word in words()]}},
        {"header": {"Signature-Agent": []}},
        {"header": {"Accept": ["*text/markdown*"]}},
    ]


def sent_by_assistants() -> list[Matcher]:
    """Whoever comes from an AI assistant."""
    query = "(?i)(?:^|&)utm_source=(?:" + "|".join(map(literal, sources())) + ")"
    return [
        {"header": {"Referer": [f"*{host}*" for host in hosts()]}},
        {"query": {"utm_source": ["*"]}, "vars_regexp": {"{http.request.uri.query}": {"pattern": query}}},
    ]


def pages() -> Matcher:
    """What may be a page, or a file for crawlers; what only reads."""
    header = {"Upgrade": None, "Content-Length": None}
    return {"method": ["GET", "HEAD"], "header": header, "not": [{"path": _assets()}]}


def literal(text: str) -> str:
    """A text as Go's expressions have it."""
    return "".join(sign if sign.isalnum() or sign in "-_" else f"[{sign}]" for sign in text)


def host_names(given: Iterable[str]) -> list[str]:
    """Names under which domains are reached: bare, and with ``www.``."""
    return [name for host in given for name in (host, f"www.{host}")]


def _assets() -> list[str]:
    """Ends of paths that are never asked about; robots.txt, sitemaps and llms.txt are."""
    spared = {"txt", "xml", "gz"}
    return [f"*.{extension}" for extension in sorted(ASSET_EXTENSIONS - spared)]


def _plain(token: str) -> str:
    return token.strip("^*").removeprefix("/")
