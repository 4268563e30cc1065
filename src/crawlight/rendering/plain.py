"""A page as people see it: a browser with a fresh profile that loads everything, real tags too, and no hook of ours.

Its requests go the same way as those of renders, so they reach the same addresses and no others.
"""

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import msgspec

from crawlight.kit.addresses import parse_networks
from crawlight.kit.logs import first_line
from crawlight.rendering.browser import Browser
from crawlight.rendering.comparison import Comparison, Seen, compare, redirect
from crawlight.rendering.contract import RenderRequest
from crawlight.rendering.devtools import DevToolsError
from crawlight.rendering.proxy import Proxy
from crawlight.rendering.scripts import script
from crawlight.rendering.windows import HEIGHT, TALL, close_window, open_window, resize

AFTER_SECONDS: Final = 10.0
"""When people have seen what there is to see."""
_FIRST_SECONDS: Final = 8.0
"""When it is looked at first: what changes until the end, such as a clock, does not count."""
_TALL_SECONDS: Final = 4.0
"""When the window is made as tall as the page: people scroll."""
_LOAD_SECONDS: Final = 5.0
_OPEN_SECONDS: Final = 30.0
_MOST_TEXT: Final = 2_000_000

_SEEN: Final = script("seen.js").strip().rstrip(";")
_WELL_FORMED: Final = "(_, one) => typeof one === 'string' ? one.toWellFormed() : one"
"""Half an emoji, of a text that was cut through it, is no text elsewhere."""
_seen = msgspec.json.Decoder(Seen)
_AS_SERVED: Final = [
    {"name": "Content-Type", "value": "text/html; charset=utf-8"},
    # Crawlers run scripts, but the page has none: noscript is not shown, and what looks like a script does nothing.
    {"name": "Content-Security-Policy", "value": "script-src 'none'"},
]


class PlainError(Exception):
    """No browser showed the page; the message says why."""


class _Paused(msgspec.Struct, rename="camel"):
    request_id: str


_paused = msgspec.json.Decoder(_Paused)


async def compared(
    browser: Browser, request: RenderRequest, html: bytes, location: str | None = None
) -> Comparison:
    """Open a page as people do, for ten seconds, and compare it with what crawlers get: HTML, or a redirect.

    Raises PlainError where no browser showed it.
    """
    if location is not None:
        return await _redirected(browser, request, location)
    (first, later), ours = await asyncio.gather(people(browser, request), crawlers(browser, request, html))
    return compare(request.url, first, later, ours)


async def people(browser: Browser, request: RenderRequest) -> tuple[Seen, Seen]:
    """What people see of a page after eight and after ten seconds. Raises PlainError."""
    async with _opened(browser, request) as tab:
        began = time.monotonic()
        await tab.go(request.url)
        await _until(began + _TALL_SECONDS)
        with suppress(DevToolsError):
            await tab.grow((await tab.look()).height)
        await _until(began + _FIRST_SECONDS)
        first = await tab.look()
        await _until(began + AFTER_SECONDS)
        return first, await tab.look()


async def crawlers(browser: Browser, request: RenderRequest, html: bytes) -> Seen:
    """What there is to see of a page that crawlers get. Raises PlainError."""
    async with _opened(browser, request) as tab:
        await tab.serve(html)
        await tab.go(request.url)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOAD_SECONDS):
                await tab.loaded.wait()
        await tab.grow((await tab.look()).height)
        return await tab.look()


async def _redirected(browser: Browser, request: RenderRequest, location: str) -> Comparison:
    """A redirect is right where people end elsewhere, too."""
    try:
        _, later = await people(browser, request)
    except PlainError:
        return redirect(
            request.url, ""
        )  # It leads where no page is to be had, which is for the target to say.
    stay = later.url.partition("#")[0].rstrip("/").lower() == request.url.rstrip("/").lower()
    return redirect(request.url, f"Crawlers are led to {location}, people stay." if stay else "")


async def _until(moment: float) -> None:
    await asyncio.sleep(max(moment - time.monotonic(), 0))


@asynccontextmanager
async def _opened(browser: Browser, request: RenderRequest) -> AsyncIterator["_PlainTab"]:
    """A window with a fresh profile, and its own way to the network."""
    devtools = browser.devtools
    host, peer = devtools.addresses
    proxy = await Proxy.open(
        parse_networks(request.allowed_networks), host=host, peer=peer, origin=request.origin
    )
    context = ""
    try:
        async with asyncio.timeout(_OPEN_SECONDS):
            context, target, session = await open_window(devtools, proxy.url)
            tab = _PlainTab(browser, target, session)
            await tab.prepare(request.language, trusting=bool(peer and request.origin))
        yield tab
    except (DevToolsError, TimeoutError, msgspec.DecodeError) as error:
        raise PlainError(first_line(error) or "the page was not shown in time") from None
    finally:
        await proxy.close()
        if context:
            close_window(devtools, context)


class _PlainTab:
    """A window that is asked what it shows, and answers dialogs as a person would."""

    def __init__(self, browser: Browser, frame: str, session: str) -> None:
        self.loaded = asyncio.Event()
        self._browser = browser
        self._frame = frame
        self._session = session
        self._html: bytes | None = None
        browser.devtools.listen(session, self._event)

    async def prepare(self, language: str, *, trusting: bool) -> None:
        who = {"userAgent": self._browser.agent} | ({"acceptLanguage": language} if language else {})
        await self._call("Page.enable")
        await self._call("Emulation.setUserAgentOverride", who)
        await self._call("Emulation.setFocusEmulationEnabled", {"enabled": True})
        if trusting:
            await self._call("Security.setIgnoreCertificateErrors", {"ignore": True})
        await self.grow(HEIGHT)

    async def serve(self, html: bytes) -> None:
        """Give the window this document in the place of the next one that it asks for."""
        self._html = html
        await self._call("Fetch.enable", {"patterns": [{"resourceType": "Document"}]})

    async def go(self, url: str) -> None:
        answer = await self._call("Page.navigate", {"url": url})
        # The browser shows pages with any status; an error is of a page that it could not get.
        if (error := answer.get("errorText", "")) and error != "net::ERR_HTTP_RESPONSE_CODE_FAILURE":
            raise PlainError(f"the browser could not open it: {error}")

    async def grow(self, height: int) -> None:
        async with asyncio.timeout(_OPEN_SECONDS):
            await resize(self._browser.devtools, self._session, min(max(height, HEIGHT), TALL))

    async def look(self) -> Seen:
        """What there is to see now, asked in a world that the page's own scripts have not changed."""
        world = await self._call("Page.createIsolatedWorld", {"frameId": self._frame})
        asked = {
            "expression": f"JSON.stringify({_SEEN}({_MOST_TEXT}), {_WELL_FORMED})",
            "contextId": world["executionContextId"],
            "returnByValue": True,
        }
        answer = await self._call("Runtime.evaluate", asked)
        if "exceptionDetails" in answer:
            raise DevToolsError("the page does not let itself be looked at")
        return _seen.decode(answer["result"]["value"])

    async def _call(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        async with asyncio.timeout(_OPEN_SECONDS):
            return await self._browser.devtools.call(method, params, self._session)

    def _tell(self, method: str, params: dict[str, Any]) -> None:
        self._browser.devtools.tell(method, params, self._session)

    def _event(self, name: str, params: msgspec.Raw) -> None:
        if name == "Page.javascriptDialogOpening":
            self._tell("Page.handleJavaScriptDialog", {"accept": True})
        elif name == "Page.loadEventFired":
            self.loaded.set()
        elif name == "Fetch.requestPaused":
            request_id = _paused.decode(params).request_id
            html, self._html = self._html, None
            if html is None:
                self._tell("Fetch.continueRequest", {"requestId": request_id})
                return
            body = base64.b64encode(html).decode()
            served = {
                "requestId": request_id,
                "responseCode": 200,
                "responseHeaders": _AS_SERVED,
                "body": body,
            }
            self._tell("Fetch.fulfillRequest", served)
