"""What a tab is told before its first page."""

from typing import Any, Final

from crawlight.rendering.blocked import block_patterns
from crawlight.rendering.scripts import script
from crawlight.rendering.visit import WORLD

_BUFFER: Final = {
    "maxTotalBufferSize": 20_000_000,
    "maxResourceBufferSize": 17_000_000,
    "maxPostDataSize": 2000,
}
_FRESH: Final = [{"resourceType": kind} for kind in ("Document", "XHR", "Fetch")]
"""These are asked for anew each time: only files are taken from the cache."""
_BLOCKED: Final = block_patterns()
_WATCH: Final = "".join(map(script, ("watch.js", "signs.js", "motion.js", "copy.js")))


Commands = list[tuple[str, dict[str, Any] | None]]
"""Calls of the DevTools Protocol, in any order."""


def commands(language: str, agent: str, *, trusting: bool = False) -> Commands:
    """What a tab with this language and user agent is told.

    ``trusting`` takes every certificate: a browser that others started does not know ours.
    """
    who = {"userAgent": agent} | ({"acceptLanguage": language} if language else {})
    return [
        ("Page.enable", None),
        ("Runtime.enable", None),
        ("Network.enable", _BUFFER),
        ("Network.setBlockedURLs", {"urlPatterns": _BLOCKED}),
        ("Fetch.enable", {"patterns": _FRESH}),
        ("Network.setBypassServiceWorker", {"bypass": True}),
        ("Emulation.setUserAgentOverride", who),
        ("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}),
        ("Emulation.setFocusEmulationEnabled", {"enabled": True}),
        ("Page.addScriptToEvaluateOnNewDocument", {"source": _WATCH, "worldName": WORLD}),
        *([("Security.setIgnoreCertificateErrors", {"ignore": True})] if trusting else []),
    ]
