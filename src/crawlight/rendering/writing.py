"""What a tab holds: the document as it is to be served, and as the origin sent it."""

import base64
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

import msgspec

from crawlight.rendering.contract import RenderError, Taken
from crawlight.rendering.devtools import ConnectionLostError, DevTools, DevToolsError
from crawlight.rendering.navigation import Navigation
from crawlight.rendering.scripts import script
from crawlight.rendering.wellformed import decoded

Call = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
"""A call of the DevTools Protocol in the session of the tab."""

MOST_HTML: Final = 16 * 1024 * 1024
"""Characters of HTML that are kept."""
_HARMLESS: Final = script("harmless.js")
SERIALIZE: Final = f"({script('serialize.js')})({script('complete.js')},{_HARMLESS},{MOST_HTML})"
"""An expression for the world of our scripts; ``taken`` reads its value."""
_CLOSED: Final = re.compile(rb"shadowrootmode\s*=\s*[\"']?\s*closed", re.IGNORECASE)
_MOST_ROOTS: Final = 1_000
_REVEAL: Final = "function () { crawlight.reveal(this) }"


async def taken(value: str | None, devtools: DevTools, profile: str) -> Taken:
    """What the expression gave, and safe to be served. Raises RenderError where it is too large."""
    if value is None:
        raise RenderError("too_large", f"the page has more than {MOST_HTML >> 20} million characters")
    found: Taken = decoded(value, _taken)
    if found.settled:
        return found
    return msgspec.structs.replace(found, html=await _settled(found.html, devtools, profile))


async def raw_html(call: Call, navigation: Navigation) -> bytes:
    """The document as the origin sent it, as UTF-8; shadow roots that it declares closed are opened to us."""
    await navigation.document_done.wait()
    try:
        body = await call("Network.getResponseBody", {"requestId": navigation.document_id})
        text: str = body["body"]
        raw = base64.b64decode(text) if body["base64Encoded"] else text.encode("utf-8", "replace")
        if _CLOSED.search(raw):
            await _reveal(call, navigation)
    except ConnectionLostError:
        raise
    except DevToolsError:
        return b""
    return raw


async def _reveal(call: Call, navigation: Navigation) -> None:
    """Show our scripts the roots that no script can ask for: only the browser itself knows them."""
    tree = await call("DOM.getDocument", {"depth": -1, "pierce": True})
    for _, node in zip(range(_MOST_ROOTS), _closed_roots(tree["root"]), strict=False):
        where = {"backendNodeId": node, "executionContextId": navigation.world}
        found = await call("DOM.resolveNode", where)
        asked = {"objectId": found["object"]["objectId"], "functionDeclaration": _REVEAL}
        await call("Runtime.callFunctionOn", asked)
    await call("DOM.disable", {})


def _closed_roots(root: dict[str, Any]) -> Iterator[int]:
    nodes = [root]
    while nodes:
        node = nodes.pop()
        if node.get("shadowRootType") == "closed":
            yield node["backendNodeId"]
        nodes += [*node.get("children", ()), *node.get("shadowRoots", ())]


async def _settled(html: str, devtools: DevTools, profile: str) -> str:
    """HTML made harmless in a document of its own: the page allows no script to parse, as Trusted Types do."""
    where = {"url": "about:blank", "browserContextId": profile}
    target = (await devtools.call("Target.createTarget", where))["targetId"]
    try:
        attached = await devtools.call("Target.attachToTarget", {"targetId": target, "flatten": True})
        text = msgspec.json.encode(html).decode()
        asked = {"expression": f"{_HARMLESS}.settle({text})", "returnByValue": True}
        answer = await devtools.call("Runtime.evaluate", asked, attached["sessionId"])
    finally:
        devtools.tell("Target.closeTarget", {"targetId": target})
    if "exceptionDetails" in answer:
        raise DevToolsError("the page could not be written")
    settled: str = answer["result"]["value"]
    return settled


_taken = msgspec.json.Decoder(Taken)
