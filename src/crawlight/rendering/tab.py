"""One tab: a profile of its own with its own way to the network, kept for one domain, used for one page at a time."""

import asyncio
import base64
from collections.abc import Sequence
from typing import Any, Final, cast
from uuid import uuid4

import msgspec

from crawlight.kit.addresses import Network
from crawlight.kit.origin import Origin
from crawlight.rendering import events, readiness, standins, writing
from crawlight.rendering.blank import BlankPage
from crawlight.rendering.contract import RenderError, Taken
from crawlight.rendering.devtools import ConnectionLostError, DevTools, DevToolsError
from crawlight.rendering.failures import navigation_failure
from crawlight.rendering.gathering import Files, Gathering
from crawlight.rendering.late import Outline
from crawlight.rendering.navigation import Navigation
from crawlight.rendering.proxy import MOST_BYTES, Proxy
from crawlight.rendering.readiness import Judge, Look
from crawlight.rendering.scripts import script
from crawlight.rendering.tab_setup import Commands, commands
from crawlight.rendering.wellformed import decoded
from crawlight.rendering.windows import HEIGHT, TALL, close_window, open_window, resize

_WIPE_SECONDS: Final = 3.0
_SETTLE_MILLISECONDS: Final = 400
"""After so long a page that does not come to rest is looked at all the same."""
_look = msgspec.json.Decoder(Look)
_outline = msgspec.json.Decoder(Outline)


class Tab:
    """A tab of a browser. ``renders`` counts its pages."""

    def __init__(self, devtools: DevTools, context: str, target: str, session: str, proxy: Proxy) -> None:
        self.renders = 0
        self.proxy = proxy
        self._devtools = devtools
        self._context = context
        self.target = target
        self._session = session
        self._hooks = ""
        self._files: Files = {}
        self._height = 0
        self._navigation: Navigation | None = None
        self._raw: tuple[str, asyncio.Future[bytes]] | None = None
        self._blank = BlankPage()
        devtools.listen(session, self._event)
        devtools.lost.add_done_callback(self._lost)

    @classmethod
    async def open(
        cls,
        devtools: DevTools,
        allowed: Sequence[Network],
        language: str,
        agent: str,
        origin: Origin | None = None,
    ) -> "Tab":
        """Open a tab with a fresh profile whose requests may reach public addresses and ``allowed`` networks."""
        host, peer = devtools.addresses
        proxy = await Proxy.open(allowed, host=host, peer=peer, origin=origin)
        try:
            window = await open_window(devtools, proxy.url)
            tab = cls(devtools, *window, proxy)
            await tab._prepare(commands(language, agent, trusting=bool(peer and origin)))
        except BaseException:
            await proxy.close()
            raise
        return tab

    def begin(self, url: str) -> Navigation:
        """Start a navigation: what happens in the tab from now on is of that page."""
        self.renders += 1
        self.proxy.forget()
        navigation = self._navigation = Navigation(
            self.target, url, Gathering(self._start, url, self.target, self._files)
        )
        self._raw = None
        loads = f"the page loads more than {MOST_BYTES >> 20} MiB"
        self.proxy.on_flood = lambda: navigation.fail(RenderError("too_large", loads))
        return navigation

    async def go(self, navigation: Navigation) -> None:
        """Go to the URL and wait until its document has been answered. Raises RenderError."""
        going = self._devtools.start("Page.navigate", {"url": navigation.url}, self._session)
        going.add_done_callback(lambda _: navigation.news.set())
        while not (going.done() or navigation.redirect or navigation.failure):
            navigation.news.clear()
            await navigation.news.wait()
        if navigation.failure is None and navigation.redirect is None:
            self._went(navigation, decoded(going.result()))
        self._check(navigation)

    async def ready(self, navigation: Navigation) -> tuple[str, Look]:
        """Wait until the page is done; answer why it is taken for that. Raises RenderError where it has failed."""
        judge = Judge(navigation)
        height = HEIGHT
        while True:
            look = await self._settled(navigation)
            if navigation.moved or navigation.redirect or look is None:
                return "redirect", look or readiness.NOTHING
            self._read(navigation)
            verdict = judge.weigh(look)
            if not verdict.ready:
                await self._something(navigation, look, verdict.wait)
            elif verdict.ready != "flag" and height < look.height and height < TALL:
                height = TALL
                await self._resize(min(max(look.height, HEIGHT), TALL))
            else:
                return verdict.ready, look

    async def html(self, navigation: Navigation) -> Taken:
        """The document as it is to be served. Raises RenderError where it is too large."""
        await self.raw_html(navigation)
        value = await self._evaluate(navigation, writing.SERIALIZE)
        return await writing.taken(value, self._devtools, self._context)

    async def outline(self, navigation: Navigation, since: int = -1) -> Outline | None:
        """What search engines go by; None where nothing has changed since so many changes."""
        found = await self._evaluate(navigation, f"crawlight.outline({since})")
        return None if found is None else decoded(found, _outline)

    async def raw_html(self, navigation: Navigation) -> bytes:
        """The document as the origin sent it, as UTF-8."""
        return await asyncio.shield(self._read(navigation))

    def _read(self, navigation: Navigation) -> asyncio.Future[bytes]:
        """Begin to read what the origin sent, once for each document."""
        if self._raw is None or self._raw[0] != navigation.document_id:
            reading = asyncio.ensure_future(writing.raw_html(self._call, navigation))
            reading.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._raw = (navigation.document_id, reading)
        return self._raw[1]

    async def wipe(self, navigation: Navigation) -> None:
        """Leave the page and forget what it kept. Raises where the tab does not obey: it is to be closed then."""
        async with asyncio.timeout(_WIPE_SECONDS):
            # Without scripts the page cannot leave anything in its last moment.
            await self._call("Emulation.setScriptExecutionDisabled", {"value": True})
            await self._blank.reach(self._call)
            self._navigation = None
            everything = [{"origin": origin, "storageTypes": "all"} for origin in navigation.origins]
            await asyncio.gather(
                self._call("Network.clearBrowserCookies"),
                *(self._call("Storage.clearDataForOrigin", one) for one in everything),
                self._call("Emulation.setScriptExecutionDisabled", {"value": False}),
                self._resize(HEIGHT),
                self._renew_hooks(),
            )

    async def close(self) -> None:
        """Close the tab with its profile. Its process ends even where its scripts never do."""
        self._devtools.listen(self._session, None)
        self._devtools.lost.remove_done_callback(self._lost)
        await self.proxy.close()
        close_window(self._devtools, self._context)

    def note(self, text: str) -> None:
        """Remember something that the page tried."""
        if self._navigation is not None:
            self._navigation.note(text)

    async def screenshot(self) -> bytes:
        """What there is to see, as PNG."""
        shot = await self._call("Page.captureScreenshot", {"format": "png"})
        return base64.b64decode(shot["data"])

    async def _prepare(self, told: Commands) -> None:
        await asyncio.gather(
            *(self._call(method, params) for method, params in told),
            self._resize(HEIGHT),
            self._renew_hooks(),
        )

    async def _resize(self, height: int) -> None:
        if height == self._height:
            return
        self._height = height
        await resize(self._devtools, self._session, height)

    async def _renew_hooks(self) -> None:
        """The script carries a mark of this render: what an earlier one left in the tab is told by it."""
        if self._hooks:
            self._tell("Page.removeScriptToEvaluateOnNewDocument", {"identifier": self._hooks})
        source = f'{_HOOKS}("{uuid4().hex}");{_PAGE}'
        added = await self._call("Page.addScriptToEvaluateOnNewDocument", {"source": source})
        self._hooks = added["identifier"]

    def _went(self, navigation: Navigation, answer: dict[str, Any]) -> None:
        """Say why a navigation failed, if it did."""
        error = answer.get("errorText", "")
        if not error or navigation.failure:
            return
        if navigation.document is not None and error == "net::ERR_HTTP_RESPONSE_CODE_FAILURE":
            navigation.bodiless = True  # the browser shows a page of its own instead
            return
        blocked = next((one for one in self.proxy.problems.values()), None)
        navigation.fail(navigation_failure(error, blocked, download=answer.get("isDownload", False)))

    def _lost(self, _: object) -> None:
        self._blank.lost()
        if self._navigation is not None:
            self._navigation.leave()

    def _check(self, navigation: Navigation) -> None:
        if self._devtools.lost.done():
            raise ConnectionLostError(self._devtools.lost.result())
        if navigation.failure is not None:
            navigation.failure.notes = tuple(navigation.notes)
            raise navigation.failure

    async def _settled(self, navigation: Navigation) -> Look | None:
        """A look at the page once it is quiet for a moment; None where it goes elsewhere."""
        while True:
            self._check(navigation)
            if navigation.moved or navigation.redirect:
                return None
            context = navigation.context
            if context and navigation.parsed:
                try:
                    call = f"crawlight.settle({readiness.QUIET * 1000:.0f}, {_SETTLE_MILLISECONDS})"
                    return cast(Look, decoded(await self._evaluate(navigation, call), _look))
                except ConnectionLostError:
                    raise
                except DevToolsError:
                    # The document went away beneath the question: another one comes, if it is not here already.
                    if navigation.context == context:
                        navigation.context = ""
                    continue
            navigation.news.clear()
            await navigation.news.wait()

    async def _something(self, navigation: Navigation, look: Look, seconds: float) -> None:
        """Wait until the document changes, the network brings news, or so many seconds have passed."""
        navigation.news.clear()
        changed = asyncio.ensure_future(
            self._evaluate(navigation, f"crawlight.next({look.changes}, {seconds * 1000:.0f})")
        )
        news = asyncio.ensure_future(navigation.news.wait())
        try:
            await asyncio.wait({changed, news}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in (changed, news):
                one.cancel()
            await asyncio.gather(changed, news, return_exceptions=True)

    async def _evaluate(self, navigation: Navigation, expression: str) -> Any:
        """The value of an expression in our world of the page."""
        asked = {
            "expression": expression,
            "uniqueContextId": navigation.context,
            "awaitPromise": True,
            "returnByValue": True,
        }
        answering: asyncio.Future[Any] = self._devtools.start("Runtime.evaluate", asked, self._session)
        # A document that goes away takes the answer along.
        gone: asyncio.Future[Any] = navigation.gone
        await asyncio.wait((answering, gone), return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            raise DevToolsError("the document went away")
        answer = decoded(answering.result())
        if "exceptionDetails" in answer:
            raise DevToolsError(str(answer["exceptionDetails"].get("exception", {}).get("description", "")))
        return answer["result"].get("value")

    async def _call(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        return await self._devtools.call(method, params, self._session)

    def _start(self, method: str, params: dict[str, Any]) -> asyncio.Future[msgspec.Raw]:
        return self._devtools.start(method, params, self._session)

    def _tell(self, method: str, params: dict[str, Any] | None = None) -> None:
        self._devtools.tell(method, params, self._session)

    def _event(self, name: str, params: msgspec.Raw) -> None:
        decoder = events.EVENTS.get(name)
        if decoder is None:
            return
        event = decoded(params, decoder)
        if isinstance(event, events.RequestPaused):
            self._tell(*standins.answer(event, self._navigation.url if self._navigation else ""))
        elif isinstance(event, events.FrameNavigated) and self._blank.came(event):
            return
        elif isinstance(event, events.Dialog):
            self.note(f"dialog: {event.type} {event.message[:80]}".strip())
            self._tell("Page.handleJavaScriptDialog", {"accept": event.type == "beforeunload"})
        elif self._navigation is not None:
            self._navigation.take(name, event)


_HOOKS: Final = script("hooks.js")
_PAGE: Final = "".join(map(script, ("heed.js", "depends.js", "present.js")))
