"""Gathers, while a page is rendered, what it is made of."""

import asyncio
import base64
from collections.abc import Callable, Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from crawlight.rendering import events
from crawlight.rendering.inputs import (
    MOST_INPUTS,
    SMALL,
    Input,
    Kind,
    MadeOf,
    WhyNot,
    digest_of,
    is_fixed,
    told_of,
)
from crawlight.rendering.requests import hope_of, is_held_open, is_own, tells
from crawlight.rendering.wellformed import decoded

Start = Callable[[str, dict[str, Any]], asyncio.Future[msgspec.Raw]]
"""Starts a call of the DevTools Protocol in the session of the tab."""
Files = dict[tuple[str, ...], tuple[bytes, int]]
"""Digests and sizes of files that a tab has read: the browser keeps them, and so need not hand them over each time."""

_FILES: Final[dict[str, Kind]] = {"Script": "script", "Stylesheet": "style"}
"""Kinds of requests for what the browser keeps; all others are for data, preloads and documents of frames too."""
_NO_INPUTS: Final = frozenset(
    {"CSPViolationReport", "Font", "Image", "Manifest", "Media", "Ping", "Preflight", "TextTrack"}
)
_READ_SECONDS: Final = 1.0
_STRONG: Final = timedelta(minutes=1)
_MOST_FILES: Final = 500
_OWN: Final = ("sec-", "user-agent", "upgrade-insecure-requests", "cache-control", "pragma", "cookie", "if-")
"""What the browser says by itself, and what asks for less than the whole answer."""


class _Asked:
    """A request of the page, and how it fares."""

    def __init__(self, event: events.RequestWillBeSent, kind: Kind, *, awaited: bool) -> None:
        self.url, self.final, self.kind, self.awaited = event.request.url, event.request.url, kind, awaited
        self.asked = _asked(event.request.headers)
        self.response: events.Response | None = None
        self.body: asyncio.Future[msgspec.Raw] | tuple[bytes, int] | None = None


class Gathering:
    """What one navigation reads. ``agent`` is the user agent that the browser names."""

    def __init__(self, start: Start, page: str, frame: str, files: Files) -> None:
        self.agent = ""
        self._start, self._page, self._frame, self._files = start, page, frame, files
        self._asked: dict[str, _Asked] = {}
        self._why_not: WhyNot = ""
        self._told: dict[str, str] = {}
        self._takers: dict[type, Callable[[Any], None]] = {
            events.RequestWillBeSent: self._sent,
            events.ResponseReceived: self._answered,
            events.LoadingFinished: self._ended,
            events.LoadingFailed: self._failed,
        }

    def take(self, event: object) -> None:
        """Take one event of the tab."""
        taker = self._takers.get(type(event))
        if taker is not None:
            taker(event)

    async def whole(
        self, document: events.Response | None, raw: bytes, depends: list[str]
    ) -> tuple[MadeOf, dict[str, bytes]]:
        """What the page is made of now, and the small bodies by URL. ``depends`` says on what else it does."""
        reading = [one.body for one in self._asked.values() if isinstance(one.body, asyncio.Future)]
        if reading:
            await asyncio.wait(reading, timeout=_READ_SECONDS)
        bodies: dict[str, bytes] = {}
        try:
            if why := self._why_not or _depends(depends):
                raise _NotToldError(why)
            first = msgspec.structs.replace(_document(self._page, document, raw), asked=self._told)
            bodies[first.url] = raw
            found = {first.url: first}
            for one in self._asked.values():
                self._add(found, one, bodies)
        except _NotToldError as error:
            return MadeOf(why_not=error.why), {}
        return MadeOf(tuple(found.values()), agent=self.agent), bodies

    def _add(self, found: dict[str, Input], one: _Asked, bodies: dict[str, bytes]) -> None:
        noted = self._input(one, bodies)
        if noted is None:
            return
        if found.setdefault(noted.url, noted) != noted:
            raise _NotToldError("differs")
        if len(found) > MOST_INPUTS:
            raise _NotToldError("too_many")

    def _sent(self, event: events.RequestWillBeSent) -> None:
        asked = event.request
        if event.request_id in self._asked:
            self._asked[event.request_id].final = asked.url  # A redirect was followed.
            return
        if event.type == "Document" and event.frame_id == self._frame:
            self._navigates(event)
        elif event.type in _NO_INPUTS or not asked.url.startswith("http") or tells(event, self._page):
            return
        elif event.type == "EventSource" or is_held_open(asked.url):
            self._never("live")
        else:
            if asked.method not in ("GET", "HEAD"):
                self._never("post")
            elif event.type != "Document" or is_own(_host(asked.url), _host(self._page)):
                awaited = hope_of(event, self._page) != "extra"
                self._asked[event.request_id] = _Asked(event, _FILES.get(event.type, "data"), awaited=awaited)

    def _navigates(self, event: events.RequestWillBeSent) -> None:
        if self.agent and event.redirect_response is None:
            self._never(
                "moved"
            )  # It is loaded again, or is another page: with what the first one left behind.
        if not self.agent:
            self.agent = event.request.headers.get("User-Agent", "")
            self._told = _asked(event.request.headers)

    def _answered(self, event: events.ResponseReceived) -> None:
        one = self._asked.get(event.request_id)
        if one is not None:
            one.response = event.response

    def _ended(self, event: events.LoadingFinished) -> None:
        one = self._asked.get(event.request_id)
        if one is None or one.response is None:
            return
        known = self._files.get(_file(one.response)) if one.kind in ("script", "style") else None
        if known is not None:
            one.body = known
        else:
            one.body = self._start("Network.getResponseBody", {"requestId": event.request_id})

    def _failed(self, event: events.LoadingFailed) -> None:
        one = self._asked.pop(event.request_id, None)
        if one is not None and not event.canceled:
            self._never("failed")

    def _never(self, why: WhyNot) -> None:
        self._why_not = self._why_not or why

    def _input(self, one: _Asked, bodies: dict[str, bytes]) -> Input | None:
        """What is noted of a request; None of what the page was not waited for. Raises _NotToldError."""
        if one.response is None or one.body is None:
            if one.awaited:
                raise _NotToldError("failed")
            return None
        headers = _lower(one.response)
        digest, size = self._read(one, one.response, bodies)
        _check(one.response.status, headers, is_document=False)
        return Input(
            url=one.url,
            kind=one.kind,
            status=one.response.status,
            digest=digest,
            size=size,
            final="" if one.final == one.url else one.final,
            asked=one.asked,
            etag=headers.get("etag", ""),
            modified=_modified(headers),
            fixed=is_fixed(one.url, one.kind, headers.get("cache-control", "")),
        )

    def _read(self, one: _Asked, response: events.Response, bodies: dict[str, bytes]) -> tuple[bytes, int]:
        if isinstance(one.body, tuple):
            return one.body
        body = _body(one.body)
        digest = digest_of(body)
        if one.kind in ("script", "style"):
            if "date" in {name.lower() for name in response.headers} and len(self._files) < _MOST_FILES:
                self._files[_file(response)] = (digest, len(body))
        elif len(body) <= SMALL:
            bodies[one.url] = body
        return digest, len(body)


class _NotToldError(Exception):
    """A page is not told by its inputs; ``why`` is a word."""

    def __init__(self, why: WhyNot) -> None:
        super().__init__(why)
        self.why: WhyNot = why


def _document(page: str, response: events.Response | None, raw: bytes) -> Input:
    if response is None:
        raise _NotToldError("unread")
    headers = _lower(response)
    _check(response.status, headers, is_document=True)
    return Input(
        url=page,
        kind="document",
        status=response.status,
        digest=digest_of(raw),
        size=len(raw),
        final="" if response.url == page else response.url,
        told=told_of(headers),
        etag=headers.get("etag", ""),
        modified=_modified(headers),
    )


def _modified(headers: Mapping[str, str]) -> str:
    """When a body was last modified, where that is a strong validator: it says so of a whole second, not of a part.

    https://www.rfc-editor.org/rfc/rfc9110#section-8.8.2.2
    """
    said = headers.get("last-modified", "")
    try:
        age = parsedate_to_datetime(headers["date"]) - parsedate_to_datetime(said)
    except (KeyError, ValueError, TypeError):
        return ""
    return said if age >= _STRONG else ""


def _check(status: int, headers: Mapping[str, str], *, is_document: bool) -> None:
    """Raise _NotToldError for an answer that does not say enough.

    A document is asked for without cookies each time. What it asks for comes with cookies that were set meanwhile.
    """
    vary = {name.strip().lower() for name in headers.get("vary", "").split(",")}
    if "*" in vary or ("cookie" in vary and not is_document):
        raise _NotToldError("varies")
    if status >= 500 or status in (408, 425, 429):
        raise _NotToldError("failed")


def _body(body: asyncio.Future[msgspec.Raw] | None) -> bytes:
    if body is None or not body.done() or body.cancelled() or body.exception() is not None:
        raise _NotToldError("unread")
    answer = decoded(body.result())
    text: str = answer["body"]
    return base64.b64decode(text) if answer["base64Encoded"] else text.encode("utf-8", "replace")


def _depends(found: list[str]) -> WhyNot:
    """The worst of what our scripts saw the page use."""
    for why in ("live", "worker", "day"):
        if why in found:
            return why
    return ""


def _asked(headers: Mapping[str, str]) -> dict[str, str]:
    lower = {name.lower(): text for name, text in headers.items()}
    return {name: text for name, text in lower.items() if not name.startswith(_OWN)}


def _lower(response: events.Response) -> dict[str, str]:
    """Headers in lower case, several of a name as one."""
    return {name.lower(): text.replace("\n", ", ") for name, text in response.headers.items()}


def _file(response: events.Response) -> tuple[str, ...]:
    return (response.url, *(part for pair in sorted(response.headers.items()) for part in pair))


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
