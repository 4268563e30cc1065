"""Where a page goes before it is one: redirects of the origin, scripts that go elsewhere, and the end of it."""

import asyncio
from typing import Final

from crawlight.kit.urls import split_url
from crawlight.rendering import events, hops
from crawlight.rendering.contract import RenderError

MOST_NOTES: Final = 20
_MOST_LOADS: Final = 5


class Journey:
    """The way of one navigation.

    ``news`` is set by whatever may change the verdict, ``gone`` is done when the document goes. ``redirect`` is the
    origin's, ``moved`` is where a script went that left the site; ``followed`` says that one went to another page of
    the site, to ``location``.
    """

    def __init__(self, frame: str, url: str) -> None:
        self.frame = frame
        self.url = self.location = url
        self.news = asyncio.Event()
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.document_id = ""
        self.document_done = asyncio.Event()
        self.redirect: tuple[int, str] | None = None
        self.moved = ""
        self.followed = False
        self.failure: RenderError | None = None
        self.notes: list[str] = []
        self._loads = 0

    def fail(self, error: RenderError | None) -> None:
        """Say that nothing will come of it, if there is an error."""
        if error is not None:
            self.failure = self.failure or error
            self.leave()

    def leave(self) -> None:
        """Whoever asks the document or waits for it is to look up."""
        if not self.gone.done():
            self.gone.set_result(None)
        self.document_done.set()
        self.news.set()

    def note(self, text: str) -> None:
        """Remember something that the page tried."""
        if len(self.notes) < MOST_NOTES and text not in self.notes:
            self.notes.append(text)

    def _navigates(self, event: events.RequestWillBeSent) -> None:
        url = event.request.url + event.request.url_fragment
        if not self.document_id or event.request_id == self.document_id:
            self.document_id = event.request_id
            hop = event.redirect_response
            if hop is not None and not hops.stays(hop.url, url):
                self._hops(hop.status, url)
        elif not hops.takes_place(url):
            self.note(f"link: {url[:80]}")  # to an app, a mail program, a telephone: the page stays
        else:
            self._goes_on(event.request_id, url)
        self.news.set()

    def _hops(self, status: int, url: str) -> None:
        """The origin redirects."""
        if self.followed and hops.is_near(url, self.url):
            self.location = url
        elif self.followed:
            self._moves(url)
        else:
            self.redirect = self.redirect or (status, url)
            self.leave()

    def _goes_on(self, document_id: str, url: str) -> None:
        """The page goes elsewhere by itself: it is followed within its site, for it may come back."""
        self._loads += 1
        if self._loads > _MOST_LOADS:
            self.fail(RenderError("redirect_loop", "the page loads itself again and again"))
        elif split_url(url) == split_url(self.location):
            self._again(document_id)
        elif hops.is_near(url, self.url):
            self.followed, self.location = True, url
            self._again(document_id)
        else:
            self._moves(url)

    def _moves(self, url: str) -> None:
        self.moved = self.moved or url
        self.leave()

    def _again(self, document_id: str) -> None:
        """Another document takes the place of the page."""
        self.document_id = document_id
        self.document_done = asyncio.Event()
