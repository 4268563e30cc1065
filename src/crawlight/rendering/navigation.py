"""What has happened in a tab since the start of one navigation, told from the browser's events."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from crawlight.rendering import events
from crawlight.rendering.contract import RenderError
from crawlight.rendering.failures import body_failure
from crawlight.rendering.gathering import Gathering
from crawlight.rendering.journey import MOST_NOTES, Journey
from crawlight.rendering.lacking import Failure
from crawlight.rendering.requests import API, CONTENT, Waiting, hope_of, kind_of, shape_of

WORLD: Final = "crawlight"
"""Name of the world in which our scripts run."""

_MOST_REPEATS: Final = 60
_RHYTHM: Final = 3
"""Requests of one shape after which the next ones are no sign of life."""
_PAUSE: Final = 0.2
"""Seconds between an answer and the next request of its shape that make a poll of it, and no page of a list."""
HTML_TYPES: Final = frozenset({"text/html", "application/xhtml+xml", ""})
"""Types of pages; some origins name none."""
_ENDS: Final = frozenset({"Runtime.executionContextsCleared", "Inspector.targetCrashed"})
MOST_DOCUMENT_BYTES: Final = 16 * 1024 * 1024


class Navigation(Journey):
    """One page in one tab.

    ``compiled`` and ``told`` are when the last script and the last data came, ``understood`` is the later of the two,
    and ``digested`` when that was whole; of what repeats only the first counts. At ``deadline`` the page is taken as it
    is. ``silent`` and ``gone_apis`` are what `Habits` knows; ``answered``, ``unanswered``, ``hung`` (without it the
    page has a hole) and ``failures`` tell how requests fared, by shape. ``gathering`` knows what the page is made of.
    """

    def __init__(self, frame: str, url: str, gathering: Gathering) -> None:
        super().__init__(frame, url)
        self.gathering = gathering
        self.started = self.active = time.monotonic()
        self.understood = self.told = self.compiled = self.digested = 0.0
        self.parsed = self.loaded = 0.0
        self.document: events.Response | None = None
        self.bodiless = False
        self.context = ""
        self.world = 0
        self.waiting: dict[str, Waiting] = {}
        self.exceptions: list[str] = []
        self.broken: list[str] = []
        self.api_statuses: list[int] = []
        self.failures: dict[str, Failure] = {}
        self.silent: frozenset[str] = frozenset()
        self.gone_apis: frozenset[str] = frozenset()
        self.answered: set[str] = set()
        self.unanswered: set[str] = set()
        self.hung: set[str] = set()
        self.deadline = float("inf")
        self.origins: set[str] = set()
        self._kinds: dict[str, int] = {}
        self._done: set[str] = set()
        self._last: dict[str, float] = {}
        self._bytes = 0
        self._apart = float("inf")
        self._committed = False
        self._takers: dict[type, Callable[[Any], None]] = {
            events.RequestWillBeSent: self._sent,
            events.ResponseReceived: self._answered,
            events.DataReceived: self._grew,
            events.LoadingFinished: lambda event: self._ended(event.request_id),
            events.LoadingFailed: self._failed,
            events.FrameNavigated: lambda event: self._commit(event.frame),
            events.NavigatedWithinDocument: self._routed,
            events.ContextCreated: lambda event: self._world(event.context),
            events.ExceptionThrown: lambda event: self._threw(event.exception_details.text),
        }

    def take(self, name: str, event: object) -> None:
        """Take one event of the tab."""
        self.gathering.take(event)
        taker = self._takers.get(type(event))
        if taker is not None:
            taker(event)
        elif self._committed:
            self._document(name, event)
        if name in _ENDS:
            self._gone(name)

    def in_flight(self) -> list[Waiting]:
        """Requests of a kind that content may still come from."""
        return [one for one in self.waiting.values() if one.type in CONTENT]

    def _document(self, name: str, event: object) -> None:
        if isinstance(event, events.DocumentDone):
            moment = self._moment(event.timestamp)
            if name == "Page.domContentEventFired":
                self.parsed = moment
            else:
                self.loaded = moment
        self.news.set()

    def _gone(self, name: str) -> None:
        self.context = ""
        if not self.gone.done():
            self.gone.set_result(None)
        if name == "Inspector.targetCrashed":
            self.fail(RenderError("crash", "the page crashed its process"))
        self.news.set()

    def _world(self, context: events.Context) -> None:
        if self._committed and context.name == WORLD and context.aux_data.frame_id == self.frame:
            self.context, self.world = context.unique_id, context.id
            if self.gone.done():
                self.gone = asyncio.get_running_loop().create_future()
            self.news.set()

    def _routed(self, event: events.NavigatedWithinDocument) -> None:
        if event.frame_id == self.frame:
            self.location = event.url

    def _threw(self, text: str) -> None:
        if len(self.exceptions) < MOST_NOTES:
            self.exceptions.append(text)

    def _sent(self, event: events.RequestWillBeSent) -> None:
        sent = self._moment(event.timestamp)
        url = event.request.url
        self._origin(url)
        if event.type == "Document":
            if event.frame_id == self.frame:
                self._navigates(event)
            return
        if event.request_id in self.waiting or event.type not in CONTENT or not url.startswith("http"):
            return
        kind, shape = kind_of(event), shape_of(event)
        if kind in self._done or self._is_poll(shape):
            return
        hope = hope_of(event, self.location, self.silent)
        self.waiting[event.request_id] = Waiting(kind, shape, url, event.type, sent, hope)
        if self._kinds.get(shape, 0) < _RHYTHM:
            self.active = time.monotonic()
        self.news.set()

    def _is_poll(self, shape: str) -> bool:
        """Say whether requests of a shape come again and again: each a while after the answer to the last."""
        turns = self._kinds.get(shape, 0)
        if turns < _RHYTHM or any(one.shape == shape for one in self.waiting.values()):
            return turns >= _MOST_REPEATS
        return turns >= _MOST_REPEATS or time.monotonic() - self._last[shape] > _PAUSE

    def _again(self, document_id: str) -> None:
        """Another document takes the place of the page: what is waited for starts anew."""
        super()._again(document_id)
        self.waiting.clear()
        self.failures.clear()
        for told in (self.exceptions, self.broken, self.api_statuses):
            told.clear()
        self._committed = False
        self._bytes = 0
        self.parsed = self.loaded = 0.0
        self.active = time.monotonic()

    def _answered(self, event: events.ResponseReceived) -> None:
        if event.request_id == self.document_id and event.frame_id == self.frame:
            self._arrives(event.response)
            return
        request = self.waiting.get(event.request_id)
        if request is None:
            return
        status = event.response.status
        if event.type in API:
            self.api_statuses.append(status)
        elif status >= 400:
            self.broken.append(f"{status} {event.response.url}")
        self._fared(request, self._moment(event.timestamp), status)
        if event.response.mime_type == "text/event-stream":
            self._ended(event.request_id)
            return
        request.heard = time.monotonic()
        if self._kinds.get(request.shape, 0) < _RHYTHM:
            self.active = request.heard
        request.answered = self._moment(event.timestamp)
        if status < 400:
            self._done.add(request.kind)

    def _arrives(self, response: events.Response) -> None:
        self.document = response
        if self.followed and response.mime_type not in HTML_TYPES:
            self._moves(self.location)
        self.news.set()

    def _grew(self, event: events.DataReceived) -> None:
        self._bytes += event.data_length
        if event.request_id == self.document_id and self._bytes > MOST_DOCUMENT_BYTES:
            self.fail(RenderError("too_large", f"the page has more than {MOST_DOCUMENT_BYTES >> 20} MiB"))
        request = self.waiting.get(event.request_id)
        if request is not None:
            request.heard = time.monotonic()
            request.begun = True

    def _fared(self, request: Waiting, at: float, status: int = 0, text: str = "") -> None:
        """Note how a request fared that content was hoped of; one that goes better later makes up for it."""
        if status and status < 400:
            self.failures.pop(request.shape, None)
            self.answered.add(request.shape)
        elif request.hope == "content":
            self.failures[request.shape] = Failure(request.url, request.type, at, status, text)

    def _ended(self, request_id: str) -> None:
        if request_id == self.document_id:
            self.document_done.set()
        request = self.waiting.pop(request_id, None)
        if request is None:
            return
        turn = self._kinds[request.shape] = self._kinds.get(request.shape, 0) + 1
        now = self._last[request.shape] = time.monotonic()
        if turn <= _RHYTHM:
            self.active = now
        if turn == 1:
            self._understand(request, now)
        self.news.set()

    def _understand(self, request: Waiting, now: float) -> None:
        # The end of a body is told after a page has read it: what it changed may be older than the news.
        self.understood = max(self.understood, request.answered)
        self.digested = now
        if request.type in API:
            self.told = max(self.told, request.answered)
        else:
            self.compiled = max(self.compiled, request.answered)

    def _failed(self, event: events.LoadingFailed) -> None:
        if event.request_id == self.document_id and self.followed and not self._committed:
            self._moves(self.location)  # a download, an answer without a body, or nothing: no page comes
        elif event.request_id == self.document_id and self.document and not event.canceled:
            self.fail(body_failure(event.error_text))
        request = self.waiting.get(event.request_id)
        if request is not None and not event.canceled and not event.blocked_reason:
            self.broken.append(f"{event.error_text} {request.url}")
            self._fared(request, self._moment(event.timestamp), text=event.error_text)
        self._ended(event.request_id)

    def _commit(self, frame: events.Frame) -> None:
        if frame.id == self.frame and frame.loader_id == self.document_id:
            self.location = frame.url + frame.url_fragment
            self._committed = True
            self.news.set()

    def _moment(self, timestamp: float) -> float:
        """A moment of the browser's clock by ours; the quickest message told how far they are apart."""
        self._apart = min(self._apart, time.monotonic() - timestamp)
        return timestamp + self._apart

    def _origin(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and len(self.origins) < 1000:
            self.origins.add(f"{parts.scheme}://{parts.netloc}")
