"""Browsers load what a page over HTTPS asks for by plain HTTP over HTTPS instead, or not at all."""

import re

from crawlight.audit.check import Check, Found, found
from crawlight.audit.document import Element
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page, is_secure
from crawlight.kit.plural import plural

_IN_SRCSET = re.compile(r"(?:^|[\s,])http://", re.IGNORECASE)


def find(page: Page) -> Found | None:
    """Images, scripts, frames, styles, media, objects or forms by http on a page by https."""
    if not is_secure(page.url):
        return None
    elements = page.document.of("img", "script", "iframe", "source", "video", "audio")
    wrong = [one.snippet for one in elements if _loads_plainly(one)]
    wrong += [one.snippet for one in page.document.of("object") if _plain(one.get("data"))]
    wrong += [form.snippet for form in page.document.of("form") if _plain(form.get("action"))]
    wrong += [link.snippet for link in page.document.links("stylesheet") if _plain(link.get("href"))]
    return found(f"{plural(len(wrong), 'element')} by plain HTTP.", wrong) if wrong else None


def _loads_plainly(element: Element) -> bool:
    attributes = element.node.attrs
    if _plain((attributes.get("src") or "").lstrip()):
        return True
    srcset = attributes.get("srcset")
    return srcset is not None and _IN_SRCSET.search(srcset) is not None


def _plain(url: str) -> bool:
    return url[:7].lower() == "http://"


CHECK = Check(
    id="mixed-content",
    title="The page loads things over plain HTTP",
    severity="warning",
    fix="Use https in the addresses of everything that the page loads.",
    guidance=Guidance("https://developer.mozilla.org/en-US/docs/Web/Security/Defenses/Mixed_content"),
    find=find,
)
