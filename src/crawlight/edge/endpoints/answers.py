"""Answers of the render endpoint, ready for the wire."""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from crawlight.crawls.crawl import Outcome
from crawlight.edge.decision import Decision, File, Nothing, Redirect, Snapshot
from crawlight.edge.own_answer import OwnAnswer
from crawlight.errors import CrawlightError

Header = tuple[bytes, bytes]

MOST_AGE_SECONDS: Final = 3_600
"""How long caches before us may keep a page, however long it stays fresh."""

_HTML: Final[Header] = (b"content-type", b"text/html; charset=utf-8")
_MARKDOWN: Final[Header] = (b"content-type", b"text/markdown; charset=utf-8")
_ALTERNATE: Final = b'<%s>; rel="alternate"; type="text/markdown"'
_NOINDEX: Final[Header] = (b"x-robots-tag", b"noindex")
_VARY: Final[Header] = (b"vary", b"user-agent, accept, accept-encoding")
_JSON: Final[Header] = (b"content-type", b"application/json")
_NO_STORE: Final[Header] = (b"cache-control", b"no-store")
_ROBOTS: Final[Header] = (b"x-hadoseo-robots", b"noindex, nofollow")
_RETRY_AFTER: Final[Header] = (b"retry-after", b"60")
_HANDED_ON: Final = (
    "content-type",
    "content-language",
    "last-modified",
    "link",
    "retry-after",
    "x-robots-tag",
)
"""Headers of a site's own answer that a crawler gets with it."""

_SHARED: Final = re.compile(r"^(?:public|private)\b,? *", re.IGNORECASE)


class Answer(msgspec.Struct, frozen=True):
    """An answer, whatever it is about: a 204 has the site answer itself."""

    status: int
    outcome: Outcome
    reason: str
    headers: Sequence[Header] = (_NO_STORE,)
    body: bytes = b""


def nothing(reason: str) -> Answer:
    """204 of a call of which nothing is known."""
    return Answer(204, "none", reason)


def try_later(reason: str, outcome: Outcome = "none") -> Answer:
    """A crawler is to come again: there is no page, and nobody else who could answer."""
    return Answer(429, outcome, reason, (_NO_STORE, _RETRY_AFTER))


def own_answer_of(decision: Nothing, own: OwnAnswer) -> Answer:
    """The site's own answer to a crawler that gets no snapshot; never a 204 or a 5xx."""
    if own.status >= 500:
        return try_later(f"{decision.reason}; site answered {own.status}", decision.outcome)
    told = {name: _latin(text) for name, text in own.headers.items() if name in _HANDED_ON}
    told["vary"] = _VARY[1]
    told["cache-control"] = _latin(
        f"private, {_SHARED.sub('', own.headers.get('cache-control', 'no-cache'))}"
    )
    if own.location:
        told["location"] = _latin(own.location)
    if decision.outcome == "blocked":
        told["x-robots-tag"] = _ROBOTS[1]
    headers = tuple((name.encode(), text) for name, text in told.items())
    status = 200 if own.status == 204 else own.status
    return Answer(status, decision.outcome, decision.reason, headers, own.body)


def answer_of(decision: Decision, *, shared: bool = True) -> Answer:
    """What is decided, on the wire. ``shared`` says that the caller keeps it from caches that people share."""
    if isinstance(decision, Nothing):
        told = (_NO_STORE, _ROBOTS) if decision.outcome == "blocked" else (_NO_STORE,)
        return Answer(204, decision.outcome, decision.reason, told)
    # Some caches ignore that answers vary by Accept: Markdown must not reach a browser from one.
    markdown = isinstance(decision, Snapshot) and decision.format == "markdown"
    whose = "public" if shared and not markdown else "private"
    kept = f"{whose}, max-age={min(decision.fresh_for, MOST_AGE_SECONDS)}"
    cache = (b"cache-control", decision.headers.get("cache-control", kept).encode())
    if isinstance(decision, File):
        own = [
            (name.encode(), _latin(text))
            for name, text in decision.headers.items()
            if name != "cache-control"
        ]
        return Answer(decision.status, decision.outcome, decision.reason, (*own, cache), decision.body)
    if isinstance(decision, Redirect):
        location = (b"location", _latin(decision.location))
        return Answer(decision.status, decision.outcome, decision.reason, (cache, _VARY, location))
    headers = (*_described(decision), cache, _VARY, *_negotiated(decision))
    return Answer(decision.status, decision.outcome, decision.reason, headers, decision.body)


def refusal(error: CrawlightError) -> Answer:
    """The flat JSON of a refusal."""
    extra = [(name.lower().encode(), text.encode()) for name, text in error.headers.items()]
    return Answer(error.status, "none", error.reason or error.code, (_JSON, _NO_STORE, *extra), error.body())


def _described(page: Snapshot) -> Sequence[Header]:
    """What the body is, and where the same page is in the other format. Search engines are to index the HTML."""
    if page.format == "html":
        return (
            (_HTML, (b"link", _ALTERNATE % page.link.encode("latin-1", "ignore"))) if page.link else (_HTML,)
        )
    canonical = b'<%s>; rel="canonical"' % page.link.encode("latin-1", "ignore")
    return (_MARKDOWN, (b"x-markdown-tokens", b"%d" % page.tokens), _NOINDEX, (b"link", canonical))


def _negotiated(page: Snapshot) -> Sequence[Header]:
    """How the body is encoded, and what the page says of itself; nothing where all get the same body."""
    if page.encoding is None:
        return ()
    encoded = () if page.encoding == "identity" else ((b"content-encoding", page.encoding.encode()),)
    own = [(name, text) for name, text in page.headers.items() if name != "cache-control"]
    return (*encoded, *((name.encode("latin-1", "ignore"), _latin(text)) for name, text in own))


def _latin(text: str) -> bytes:
    """A header's text; what does not fit into one is left out."""
    return "".join(c for c in text if c.isprintable()).encode("latin-1", "ignore")
