"""Another browser that opens snapshots as people and crawlers would, and tells what runs in them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Page, Route, async_playwright

from crawlight.rendering.binaries import find_browser

_FAULTS: Final = Path(__file__).with_name("reader.js").read_text()
_TEXT: Final = "() => Document.prototype.querySelector.call(document, 'html').innerText"
_WATCH: Final = """
  globalThis.violations = [];
  for (const name of ["ran", "alert"]) {
    Object.defineProperty(globalThis, name, { value: () => { top.violations.push("it ran") } });
  }
  document.addEventListener("securitypolicyviolation", event => violations.push(`would run: ${event.sample}`));
"""
_POLICY: Final = "script-src 'none' 'report-sample'"
_ADDRESS: Final = "http://snapshot.test/"


class Reader:
    """Opens HTML; ``html`` is what comes next."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.html = b""
        self.headers: dict[str, str] = {}

    async def faults(self, html: bytes, headers: dict[str, str] | None = None) -> list[str]:
        """What runs in a document, or could; empty where nothing does. ``headers`` are those of its answer."""
        self.html = html
        self.headers = headers or {"Content-Security-Policy-Report-Only": _POLICY}
        await self.page.goto(_ADDRESS, wait_until="load")
        found: list[str] = await self.page.evaluate(_FAULTS)
        return found

    async def text(self) -> str:
        """What there is to read in the document that was opened last."""
        return str(await self.page.evaluate(_TEXT))

    async def answer(self, route: Route) -> None:
        """Give the document, and nothing else."""
        if route.request.url == _ADDRESS:
            headers = {"Content-Type": "text/html; charset=utf-8", **self.headers}
            await route.fulfill(body=self.html, headers=headers)
        else:
            await route.abort()


@asynccontextmanager
async def reading() -> AsyncIterator[Reader]:
    """A browser with a page of its own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        context = await browser.new_context()
        await context.add_init_script(_WATCH)
        reader = Reader(await context.new_page())
        await context.route("**/*", reader.answer)
        yield reader
        await browser.close()
