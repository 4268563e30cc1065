"""What is asked of the renderer, and what comes of it."""

from typing import Final, Literal, get_args

import msgspec

from crawlight.domains.sites import Site
from crawlight.ids import DomainId
from crawlight.kit.origin import Origin
from crawlight.rendering.inputs import MadeOf

Reason = Literal[
    "blocked_address",
    "browser_down",
    "crash",
    "download",
    "empty",
    "no_html",
    "overloaded",
    "redirect_loop",
    "timeout",
    "too_large",
    "unreachable",
    "upstream_4xx",
    "upstream_5xx",
]
"""Why a render failed; `domains.failures` says what each means."""

REASONS: Final = frozenset(get_args(Reason))


class RenderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One page to render.

    ``url`` is the page's address, and ``origin`` where requests to it are led, if not where DNS says. ``language`` is
    a value for Accept-Language, ``allowed_networks`` are networks beside the public internet that the page may reach,
    ``timeout`` is in seconds (None: the renderer's own), and of two requests that wait the one with the lower
    ``priority`` goes first. For ``wait`` seconds after a page was quiet it is looked at for what comes by timers, and
    up to ``look`` seconds as far as nobody is in a hurry. With ``screenshot`` the page is also painted, as PNG.
    """

    url: str
    domain_id: DomainId
    account_id: object
    origin: Origin | None = None
    language: str = ""
    allowed_networks: tuple[str, ...] = ()
    timeout: float | None = None
    priority: int = 0
    wait: float = 0.0
    look: float = 0.0
    screenshot: bool = False


def request_for(
    site: Site, path: str, *, priority: int = 0, wait: float = 0.0, look: float = 0.0
) -> RenderRequest:
    """What to ask of the renderer for a page of a domain, as the domain's settings say."""
    return RenderRequest(
        url=site.page_url(path),
        domain_id=site.id,
        account_id=site.account_id,
        origin=site.origin,
        language=site.settings.language,
        allowed_networks=site.settings.allowed_networks,
        priority=priority,
        wait=wait,
        look=look,
    )


class Late(msgspec.Struct, frozen=True):
    """How long after quiet a page last became another, and ``what`` of it: text, head, links. 0 where it did not.

    ``whole`` says that it was looked at to the end.
    """

    milliseconds: int = 0
    what: tuple[str, ...] = ()
    whole: bool = True


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """A page as a crawler may get it.

    ``html`` is cleaned, UTF-8; ``raw_html`` is what the origin sent, before any script ran. ``status`` is the
    origin's, or what the page says of itself, or 404 for a soft 404. A redirect (301, 302, 307, 308) has an absolute
    ``location`` and no HTML. ``headers`` are the origin's in lower case and those of ``prerender-header`` metas,
    which ``meta_headers`` has alone. ``final_url`` is where the page was when it was done. ``reason`` says in a word
    how the status came about, or why the page was taken for ready; ``notes`` tell what the page tried and was
    refused. ``instead`` of a redirect that a script made is the page itself, for where that would lead in a circle.
    ``timing`` has milliseconds from the start of the navigation by name. ``made_of`` says from what it was rendered,
    ``bodies`` has what was small of that by URL.
    """

    status: int
    html: bytes
    raw_html: bytes
    headers: dict[str, str]
    final_url: str
    location: str | None = None
    meta_headers: dict[str, str] = {}
    milliseconds: int = 0
    reason: str = ""
    notes: tuple[str, ...] = ()
    timing: dict[str, int] = {}
    screenshot: bytes = b""
    instead: "Rendered | None" = None
    late: Late | None = None
    made_of: MadeOf = MadeOf(why_not="unread")
    bodies: dict[str, bytes] = {}

    @property
    def complete(self) -> int:
        """Milliseconds from the start after which nothing came any more that makes the page another."""
        return self.timing.get("complete", 0)


class RenderError(Exception):
    """No page came of it; nothing of it may be stored. ``status`` and ``retry_after`` are the origin's, if any."""

    def __init__(
        self,
        reason: Reason,
        message: str = "",
        *,
        status: int = 0,
        retry_after: str = "",
        notes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message or reason)
        self.reason: Reason = reason
        self.status = status
        self.retry_after = retry_after
        self.notes = notes


class Taken(msgspec.Struct, frozen=True):
    """What a navigation left: the HTML as it is to be served, the title and text that say what it is.

    Where the page let nobody parse it is not ``settled``: it may still become something else when it is read.
    ``depends`` names what else than its inputs it depends on.
    """

    html: str
    title: str
    heading: str
    text: str
    robots: str
    language: str
    metas: list[tuple[str, str]]
    settled: bool = True
    depends: list[str] = []
