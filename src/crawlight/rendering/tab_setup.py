"""What a tab is told before its first page."""

from typing import Any, Final

from crawlight.rendering import tags
from crawlight.rendering.navigation import WORLD
from crawlight.rendering.scripts import script

_BUFFER: Final = {
    "maxTotalBufferSize": 20_000_000,
    "maxResourceBufferSize": 17_000_000,
    "maxPostDataSize": 2000,
}
_PAUSED: Final = [
    *({"resourceType": kind} for kind in ("Document", "XHR", "Fetch", "Image", "Media", "Font")),
    *tags.paused(),
]
"""What is asked for anew each time, and what something stands in for: only files are taken from the cache."""
_REFUSED: Final = tags.refused()
_WATCH: Final = "".join(map(script, ("watch.js", "signs.js", "motion.js", "outline.js", "copy.js")))


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
        ("Network.setBlockedURLs", {"urlPatterns": _REFUSED}),
        ("Fetch.enable", {"patterns": _PAUSED}),
        ("Network.setBypassServiceWorker", {"bypass": True}),
        ("Emulation.setUserAgentOverride", who),
        ("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}),
        ("Emulation.setFocusEmulationEnabled", {"enabled": True}),
        ("Page.addScriptToEvaluateOnNewDocument", {"source": _WATCH, "worldName": WORLD}),
        *([("Security.setIgnoreCertificateErrors", {"ignore": True})] if trusting else []),
    ]
