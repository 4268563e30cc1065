"""From HTML to PDF, with the browser that is there for rendering: one of its own for each print, for a moment."""

import asyncio
import base64
from typing import Final

from crawlight.errors import UserError
from crawlight.kit.logs import first_line
from crawlight.rendering.browser import Browser
from crawlight.rendering.devtools import DevTools, DevToolsError

_SECONDS: Final = 120.0
_NOWHERE: Final = "http://127.0.0.1:9"
"""A proxy that is none: a report loads nothing, and could not."""

_MILLIMETRE: Final = 1 / 25.4


class PrintError(UserError):
    """There is no PDF; the text says why, and what to do."""

    status = 503


class Printer:
    """Prints one document after the other. ``url`` and ``path`` choose the browser as they do for rendering."""

    def __init__(self, url: str = "", path: str = "") -> None:
        self._url = url
        self._path = path
        self._turn = asyncio.Semaphore(1)

    async def pdf(self, html: str, footer: str) -> bytes:
        """A4 pages with a footer, in which ``pageNumber`` and ``totalPages`` are classes. Raises PrintError."""
        async with self._turn:
            try:
                browser = await Browser.start(self._url, self._path)
            except DevToolsError as error:
                raise PrintError(f"a report needs a browser: {first_line(error)}") from None
            try:
                async with asyncio.timeout(_SECONDS):
                    return await _print(browser.devtools, html, footer)
            except (DevToolsError, TimeoutError) as error:
                raise PrintError(f"the browser did not print: {first_line(error)}") from None
            finally:
                await browser.close()


async def _print(devtools: DevTools, html: str, footer: str) -> bytes:
    made = await devtools.call(
        "Target.createBrowserContext", {"disposeOnDetach": True, "proxyServer": _NOWHERE}
    )
    context = made["browserContextId"]
    try:
        where = {"url": "about:blank", "browserContextId": context}
        target = (await devtools.call("Target.createTarget", where))["targetId"]
        attached = await devtools.call("Target.attachToTarget", {"targetId": target, "flatten": True})
        session = attached["sessionId"]
        await devtools.call("Emulation.setScriptExecutionDisabled", {"value": True}, session)
        frame = (await devtools.call("Page.getFrameTree", session=session))["frameTree"]["frame"]["id"]
        await devtools.call("Page.setDocumentContent", {"frameId": frame, "html": html}, session)
        printed = await devtools.call("Page.printToPDF", _paper(footer), session)
        return base64.b64decode(printed["data"])
    finally:
        devtools.tell("Target.disposeBrowserContext", {"browserContextId": context})


def _paper(footer: str) -> dict[str, object]:
    side, top, bottom = (millimetres * _MILLIMETRE for millimetres in (15, 14, 18))
    return {
        "paperWidth": 210 * _MILLIMETRE,
        "paperHeight": 297 * _MILLIMETRE,
        "marginTop": top,
        "marginBottom": bottom,
        "marginLeft": side,
        "marginRight": side,
        "printBackground": True,
        "displayHeaderFooter": True,
        "headerTemplate": "<span></span>",
        "footerTemplate": footer,
        "generateTaggedPDF": True,
        "generateDocumentOutline": True,
    }
