"""Watches a browser: whether it still answers, and how much memory it has taken."""

import asyncio
import time
from typing import Final

import psutil
import structlog

from crawlight.kit.memory import memory_limit
from crawlight.rendering.browser import Browser

log = structlog.get_logger(__name__)

_EVERY_SECONDS: Final = 1.0
_SILENT_SECONDS: Final = 4.5
"""A browser that was asked and has said nothing at all for so long is frozen."""
_MEMORY_EVERY: Final = 3
_BYTES: Final = 400 * 1024 * 1024
_BYTES_PER_TAB: Final = 300 * 1024 * 1024
"""What a browser may take with its tabs before it is replaced; twice that, and it is ended at once."""
_MOST_OF_ALL: Final = 0.4
"""Nor may it take more of all memory: it would be killed, or what stands beside it."""
MOST_RENDERS: Final = 10_000


async def watch(browser: Browser, tabs: int) -> None:
    """Return when a browser is to be replaced; it is dead by then if it cannot even finish its pages."""
    bound = min(_BYTES + tabs * _BYTES_PER_TAB, int(memory_limit() * _MOST_OF_ALL))
    for turn in range(1 << 60):
        await asyncio.wait([browser.devtools.lost], timeout=_EVERY_SECONDS)
        if browser.devtools.lost.done():
            return
        browser.devtools.tell("Browser.getVersion")
        if time.monotonic() - browser.devtools.heard > _SILENT_SECONDS:
            log.warning("browser_frozen", seconds=_SILENT_SECONDS)
            browser.devtools.gone("the browser does not answer")
            return
        if turn % _MEMORY_EVERY == 0 and browser.process is not None:
            browser.memory = await asyncio.to_thread(memory_of, browser.process.pid)
        if browser.memory > 2 * bound:
            log.warning("browser_ended", reason="memory", megabytes=browser.memory >> 20)
            browser.devtools.gone("the browser took too much memory")
            return
        if browser.memory > bound or browser.renders >= MOST_RENDERS:
            log.info("browser_replaced", megabytes=browser.memory >> 20, renders=browser.renders)
            return


def memory_of(pid: int) -> int:
    """Bytes of a process and all below it; what they share counts once (PSS)."""
    total = 0
    try:
        leader = psutil.Process(pid)
        for process in [leader, *leader.children(recursive=True)]:
            total += _pss(process)
    except psutil.Error:
        pass
    return total


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0
