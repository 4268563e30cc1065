"""A browser that runs, ours or a remote one, and the tabs in it."""

import asyncio
import re
from typing import Final

import msgspec
import structlog

from crawlight.ids import DomainId
from crawlight.kit.addresses import parse_networks
from crawlight.kit.origin import Origin
from crawlight.rendering.binaries import find_browser
from crawlight.rendering.contract import RenderRequest
from crawlight.rendering.devtools import DevTools, DevToolsError, over_websocket
from crawlight.rendering.process import BrowserProcess
from crawlight.rendering.tab import Tab

log = structlog.get_logger(__name__)

_POPUP_TYPES: Final = frozenset({"page", "tab"})
MISSING: Final = (
    "no browser is installed: install chromium-headless-shell or chromium, or set CRAWLIGHT_BROWSER_URL"
)


class TabKey(msgspec.Struct, frozen=True):
    """Tabs are kept for a domain of an account, and never used for another."""

    account_id: object
    domain_id: DomainId
    language: str
    allowed: tuple[str, ...]
    origin: Origin | None


class _TargetInfo(msgspec.Struct, rename="camel"):
    target_id: str
    type: str
    opener_id: str = ""


class _TargetCreated(msgspec.Struct, rename="camel"):
    target_info: _TargetInfo


class Browser:
    """One running browser. Tabs that are not in use wait in ``idle``, the longest unused first."""

    def __init__(self, devtools: DevTools, version: str, agent: str, process: BrowserProcess | None) -> None:
        self.devtools = devtools
        self.version = version
        self.process = process
        self.renders = 0
        self.memory = 0
        self.idle: dict[Tab, TabKey] = {}
        self.busy: dict[Tab, TabKey] = {}
        self.agent = agent
        devtools.listen("", self._event)
        devtools.tell("Target.setDiscoverTargets", {"discover": True})

    @classmethod
    async def start(cls, url: str, path: str) -> "Browser":
        """Start a browser, or connect to the one at ``url``. Raises DevToolsError with what to do."""
        process = None
        if url:
            devtools = await over_websocket(url)
        else:
            binary = await asyncio.to_thread(find_browser, path)
            if binary is None:
                raise DevToolsError(MISSING)
            process = await BrowserProcess.start(binary)
            devtools = process.devtools
        told = await devtools.call("Browser.getVersion")
        # A crawler's name would make edge workers send the request back to us, and "Headless" makes sites differ.
        agent = re.sub(r"HeadlessChrome/(\d+)[\d.]*", r"Chrome/\1.0.0.0", told["userAgent"])
        log.info("browser_started", version=told["product"], remote=bool(url))
        return cls(devtools, told["product"], agent, process)

    async def tab(self, request: RenderRequest, most: int) -> Tab:
        """A tab for a request: one kept for its domain, or a new one in the place of the longest unused."""
        key = TabKey(
            request.account_id, request.domain_id, request.language, request.allowed_networks, request.origin
        )
        tab = next((tab for tab, its in self.idle.items() if its == key), None)
        if tab is not None:
            del self.idle[tab]
        else:
            while self.idle and len(self.idle) + len(self.busy) >= most:
                oldest = next(iter(self.idle))
                del self.idle[oldest]
                await oldest.close()
            allowed = parse_networks(request.allowed_networks)
            tab = await Tab.open(self.devtools, allowed, request.language, self.agent, request.origin)
        self.busy[tab] = key
        self.renders += 1
        return tab

    def keep(self, tab: Tab) -> None:
        """Keep a tab that is done for the next page of its domain."""
        self.idle[tab] = self.busy.pop(tab)

    async def drop(self, tab: Tab) -> None:
        """Close a tab."""
        self.busy.pop(tab, None)
        await tab.close()

    async def close(self) -> None:
        """End the browser, or leave the remote one without our tabs."""
        for tab in [*self.idle, *self.busy]:
            await tab.close()
        if self.process is not None:
            await self.process.kill()
        else:
            await self.devtools.end()

    def _event(self, name: str, params: msgspec.Raw) -> None:
        """Close what a page opens beside itself."""
        if name != "Target.targetCreated":
            return
        info = _created.decode(params).target_info
        opener = next((tab for tab in self.busy if tab.target == info.opener_id), None)
        if opener is not None and info.type in _POPUP_TYPES:
            opener.note("popup")
            self.devtools.tell("Target.closeTarget", {"targetId": info.target_id})


_created = msgspec.json.Decoder(_TargetCreated)
