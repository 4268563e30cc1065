"""What a request of a page may bring: content, something beside it, or nothing."""

import re
from collections.abc import Collection
from typing import Final, Literal
from urllib.parse import parse_qsl, urlsplit

import msgspec

from crawlight.rendering import events
from crawlight.rendering.tags import is_tag

CONTENT: Final = frozenset({"Script", "XHR", "Fetch"})
"""Kinds of requests that content may come from."""
API: Final = frozenset({"XHR", "Fetch"})

Hope = Literal["content", "extra", "nothing"]
"""``content`` is waited for as long as the time allows, ``extra`` for a moment, ``nothing`` not for its own sake."""

_TELLS: Final = re.compile(
    r"/(?:collect|beacons?|track(?:er|ing)?|telemetry|analytics|metrics?|events?|logs?|logging|rum|(?:web-)?vitals"
    r"|pixel|heartbeat|ping|hits?|impressions?|(?:csp-|error-)?reports?|envelope)(?:[/.]|$)",
    re.IGNORECASE,
)
"""Parts of the path of what a page tells: a POST there asks for nothing."""
_ASKS_NOTHING: Final = re.compile(
    r"/(?:collect|beacon|pixel|heartbeat|telemetry|web-vitals)(?:[/.]|$)", re.IGNORECASE
)
"""The same for every method."""
_HOSTS: Final = re.compile(
    r"(?:analytics|collect(?:or)?|telemetry|metrics|stat(?:s|istics)|track(?:er|ing)?|pixel|beacons?|rum|ads|adserver"
    r"|logs)\."
)
"""First labels of hosts that count what people do."""
_HELD_OPEN = re.compile(
    r"[?&]transport=(?:polling|longpolling|serversentevents)\b"
    r"|/(?:socket\.io|sockjs|engine\.io|signalr|cometd|bayeux|faye|long-?poll(?:ing)?|poll|subscribe|sse|stream"
    r"|live-?reload|__webpack_hmr|_blazor|mercure|nchan)(?:[/?.]|$)",
    re.IGNORECASE,
)
"""Addresses whose answer is held back until there is news: https://socket.io/docs/v4/how-it-works/, SignalR, SockJS."""
_PREFETCH: Final = frozenset(
    {"next-router-prefetch", "next-router-segment-prefetch", "x-middleware-prefetch"}
)
_PURPOSES: Final = frozenset({"purpose", "sec-purpose", "x-purpose", "x-moz"})
_CALLBACK = re.compile(r"[?&](?:callback|jsonp|jsoncallback|cb)=[\w$.]", re.IGNORECASE)
_CHANGING = re.compile(r"\d{10,}|0?\.\d{6,}|[0-9a-f]{8}-[0-9a-f-]{27}", re.IGNORECASE)
"""A moment, a random number, a UUID: what makes an address another that asks for the same."""
_SHORT_ZONES: Final = frozenset({"ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"})


class Waiting(msgspec.Struct):
    """A request in flight: ``answered`` when its head came, ``heard`` when the last piece of its body did.

    ``kind`` is what it asks for, ``shape`` the same without the query and the body; ``begun`` says that a part of the
    body is here.
    """

    kind: str
    shape: str
    url: str
    type: str
    since: float
    hope: Hope = "content"
    answered: float = 0.0
    heard: float = 0.0
    begun: bool = False


def kind_of(event: events.RequestWillBeSent) -> str:
    """What a request asks for: the same again and again is no news."""
    asked = event.request
    url, _, query = asked.url.partition("?")
    named = [
        (name, text)
        for name, text in parse_qsl(query, keep_blank_values=True)
        if not _CHANGING.fullmatch(text)
    ]
    return f"{event.type} {asked.method} {url}?{named if query else ''} {asked.post_data[:2000]}"


def shape_of(event: events.RequestWillBeSent) -> str:
    """What requests have in common of which only the query or the body differs."""
    return f"{event.type} {event.request.method} {event.request.url.partition('?')[0]}"


def hope_of(event: events.RequestWillBeSent, page: str, silent: Collection[str] = ()) -> Hope:
    """What a request of the page at a URL may bring. ``silent`` are shapes that were never answered so far."""
    asked = event.request
    parts = urlsplit(asked.url)
    own = is_own(parts.hostname or "", urlsplit(page).hostname or "")
    if (
        is_tag(asked.url)
        or shape_of(event) in silent
        or _is_prefetch(asked.headers)
        or _HELD_OPEN.search(asked.url)
    ):
        return "nothing"
    if event.type == "Script":
        return "content" if own or _CALLBACK.search(asked.url) else "extra"
    if _ASKS_NOTHING.search(parts.path) or (asked.method == "POST" and _TELLS.search(parts.path)):
        return "nothing"
    return "nothing" if not own and _HOSTS.match(parts.hostname or "") else "content"


def tells(event: events.RequestWillBeSent, page: str) -> bool:
    """Say whether a request only tells something: whatever the answer is, no content comes of it."""
    asked = event.request
    parts = urlsplit(asked.url)
    own = is_own(parts.hostname or "", urlsplit(page).hostname or "")
    return (
        is_tag(asked.url)
        or _is_prefetch(asked.headers)
        or _ASKS_NOTHING.search(parts.path) is not None
        or (not own and _HOSTS.match(parts.hostname or "") is not None)
    )


def is_held_open(url: str) -> bool:
    """Say whether the answer to a URL is held back until there is news."""
    return _HELD_OPEN.search(url) is not None


def is_own(host: str, page_host: str) -> bool:
    """Say whether a host belongs to the site of a page: its API, its assets."""
    return host == page_host or _site(host) == _site(page_host)


def _site(host: str) -> str:
    labels = host.split(".")
    if labels[-1].isdigit() or ":" in host or len(labels) < 3:
        return host
    return ".".join(labels[-3:] if labels[-2] in _SHORT_ZONES else labels[-2:])


def _is_prefetch(headers: dict[str, str]) -> bool:
    lower = {name.lower(): text.lower() for name, text in headers.items()}
    return bool(lower.keys() & _PREFETCH) or any("prefetch" in lower.get(name, "") for name in _PURPOSES)
