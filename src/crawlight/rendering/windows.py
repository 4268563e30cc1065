"""Windows of the browser: each with a fresh profile, and its own way to the network."""

from typing import Final, NamedTuple

from crawlight.rendering.devtools import DevTools

WIDTH: Final = 1280
HEIGHT: Final = 1600
TALL: Final = 15_000
"""Pixels of the viewport: at first, and at most for a page that is longer."""
BLANK: Final = "about:blank"


class Window(NamedTuple):
    """What the DevTools Protocol calls a window's profile (``context``), its page (``target``) and our line to it."""

    context: str
    target: str
    session: str


async def open_window(devtools: DevTools, proxy_url: str) -> Window:
    """Open a window whose every request goes through a proxy. Raises DevToolsError, and leaves none behind then."""
    made = await devtools.call(
        "Target.createBrowserContext",
        {"disposeOnDetach": True, "proxyServer": proxy_url, "proxyBypassList": "<-loopback>"},
    )
    context = made["browserContextId"]
    try:
        devtools.tell("Browser.setDownloadBehavior", {"behavior": "deny", "browserContextId": context})
        where = {"url": BLANK, "browserContextId": context, "width": WIDTH, "height": HEIGHT}
        target = (await devtools.call("Target.createTarget", where))["targetId"]
        attached = await devtools.call("Target.attachToTarget", {"targetId": target, "flatten": True})
    except BaseException:
        close_window(devtools, context)
        raise
    return Window(context, target, attached["sessionId"])


def close_window(devtools: DevTools, context: str) -> None:
    """Close a window with its profile. Its process ends even where its scripts never do."""
    devtools.tell("Target.disposeBrowserContext", {"browserContextId": context})


async def resize(devtools: DevTools, session: str, height: int) -> None:
    """Make the viewport of a window so many pixels high."""
    size = {"width": WIDTH, "height": height, "deviceScaleFactor": 1, "mobile": False}
    await devtools.call("Emulation.setDeviceMetricsOverride", size, session)
