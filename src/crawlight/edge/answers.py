"""Answers of the render endpoint, ready for the wire."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Final

import msgspec

from crawlight.crawls.crawl import Outcome
from crawlight.edge.encodings import chosen
from crawlight.errors import CrawlightError
from crawlight.rendering.memory import Stored

Header = tuple[bytes, bytes]

MOST_AGE_SECONDS: Final = 3_600
"""How long caches before us may keep a page, however long it stays fresh."""

_HTML: Final[Header] = (b"content-type", b"text/html; charset=utf-8")
_VARY: Final[Header] = (b"vary", b"accept-encoding")
_JSON: Final[Header] = (b"content-type", b"application/json")
_NO_STORE: Final[Header] = (b"cache-control", b"no-store")
_ROBOTS: Final[Header] = (b"x-hadoseo-robots", b"noindex, nofollow")


class Answer(msgspec.Struct, frozen=True):
    """An answer: ``status`` is also what the crawler gets, 0 in the record where that is the site's own."""

    status: int
    outcome: Outcome
    reason: str
    headers: Sequence[Header] = (_NO_STORE,)
    body: bytes = b""

    @property
    def recorded_status(self) -> int:
        """The status that the crawler got, 0 where the site itself answers it."""
        return 0 if self.status == 204 else self.status


def nothing(outcome: Outcome, reason: str) -> Answer:
    """204: the site answers itself."""
    return Answer(204, outcome, reason)


def blocked() -> Answer:
    """204 of a blocked path: the site answers itself, and tells crawlers not to index."""
    return Answer(204, "blocked", "blocked_path", (_NO_STORE, _ROBOTS))


def page(
    stored: Stored,
    outcome: Outcome,
    reason: str,
    fresh_for: int,
    accept_encoding: bytes,
    manual: bool,
    plain: Callable[[Stored], bytes],
) -> Answer:
    """A snapshot; of a redirect, the redirect itself only where the caller handles it (``manual``).

    Everybody else would follow it and hand our key to its target, so they get a page that leads there. ``plain``
    gives the body for those who take no compression.
    """
    found = stored.snapshot
    shared = f"public, max-age={min(fresh_for, MOST_AGE_SECONDS)}"
    cache = (b"cache-control", found.headers.get("cache-control", shared).encode())
    if found.location is not None:
        outcome = "redirect" if outcome == "hit" else outcome
        if manual:
            location = (b"location", _latin(found.location))
            return Answer(found.status, outcome, reason, (cache, location))
        return Answer(200, outcome, reason, (_HTML, cache), _leading_to(found.location))
    encoding = chosen(accept_encoding)
    own = [(name, text) for name, text in found.headers.items() if name != "cache-control"]
    kept = [(name.encode("latin-1", "ignore"), _latin(text)) for name, text in own]
    if encoding == "identity":
        return Answer(found.status, outcome, reason, (_HTML, cache, _VARY, *kept), plain(stored))
    body = stored.body.gzip if encoding == "gzip" else stored.body.zstd
    encoded = (b"content-encoding", encoding.encode())
    return Answer(found.status, outcome, reason, (_HTML, cache, _VARY, encoded, *kept), body)


def refusal(error: CrawlightError) -> Answer:
    """The flat JSON of a refusal."""
    body = msgspec.json.encode({"error": error.code, **error.members})
    extra = [(name.lower().encode(), text.encode()) for name, text in error.headers.items()]
    return Answer(error.status, "none", error.reason or error.code, (_JSON, _NO_STORE, *extra), body)


def _leading_to(location: str) -> bytes:
    target = escape(location)
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="0;url={target}"><link rel="canonical" href="{target}">'
        f'<title>Moved</title></head><body><a href="{target}">{target}</a></body></html>'
    ).encode()


def _latin(text: str) -> bytes:
    """A header's text; what does not fit into one is left out."""
    return "".join(c for c in text if c.isprintable()).encode("latin-1", "ignore")
