"""What becomes of a crawler's request for a page, before any wire."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from crawlight.crawls.crawl import Outcome, Source
from crawlight.kit.accept import Encoding


class PageRequest(msgspec.Struct, frozen=True):
    """Somebody asks a site for a page: ``url`` as it was given, ``path`` as the site names it (`Site.page`).

    ``told`` is the visitor's address, or a chain of those that were forwarded (`bots.visitors`). ``signed`` has the
    headers of a signed request, names in lower case. ``follows`` says that a redirect may be sent, for the answer
    reaches the crawler as it is; ``passthrough``, that the crawl is only to be recorded; ``head``, that no body is
    sent. ``began`` is when the request came, on the monotonic clock, 0 where that is not known; ``source`` is the
    door that it came to, as records name it.
    """

    url: str
    path: str
    agent: str
    told: str = ""
    signed: Mapping[str, str] | None = None
    accept_encoding: bytes = b""
    follows: bool = True
    passthrough: bool = False
    accept: bytes = b""
    head: bool = False
    began: float = 0.0
    source: Source = "render"


class Snapshot(msgspec.Struct, frozen=True):
    """A page: its status, its own headers for crawlers, and the body that is sent, in an encoding.

    ``encoding`` is None where there is one body for everybody. ``fresh_for`` are the seconds for which it stays fresh,
    and ``content`` says which snapshot it is (`content_number`), 0 where it is none. ``link`` is the URL of its
    Markdown, of Markdown the page's own, as a header takes it; empty where there is none. ``tokens`` are an estimate,
    of Markdown only.
    """

    outcome: Outcome
    reason: str
    status: int
    headers: Mapping[str, str]
    fresh_for: int
    encoding: Encoding | None
    body: bytes
    content: int = 0
    format: Literal["html", "markdown"] = "html"
    link: str = ""
    tokens: int = 0


class Redirect(msgspec.Struct, frozen=True):
    """The page is elsewhere: at ``location``, an absolute URL. Headers and ``fresh_for`` are as of a snapshot."""

    outcome: Outcome
    reason: str
    status: int
    headers: Mapping[str, str]
    fresh_for: int
    location: str


class File(msgspec.Struct, frozen=True):
    """What is no page of the site's own: a file that we keep, or another site's content. ``headers`` are all it has."""

    outcome: Outcome
    reason: str
    status: int
    headers: Mapping[str, str]
    fresh_for: int
    body: bytes


class Nothing(msgspec.Struct, frozen=True):
    """The site answers itself."""

    reason: str
    outcome: Outcome = "none"


Decision = Snapshot | Redirect | File | Nothing
"""``outcome`` is that of the crawl, ``reason`` a word of the docs; ``status`` is what the crawler gets."""
