"""Without a viewport, phones show the page in the width of a desktop."""

import re

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page

# https://www.w3.org/TR/css-viewport-1/#parsing-algorithm
_VALUE = re.compile(r"([a-z-]+)\s*=\s*([^\s,;=]+)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def find(page: Page) -> Found | None:
    """No viewport meta element, or one that names neither the width of the device nor a scale of at least 1."""
    metas = page.document.metas("viewport")
    if not metas:
        return found("There is no viewport meta element.")
    # A later one takes the place of those before it.
    values = dict(_VALUE.findall(metas[-1].get("content").lower()))
    width, scale = values.get("width", ""), values.get("initial-scale", "")
    if _NUMBER.match(width):
        return found(f"The viewport is {width[:10]} pixels wide on every device.", [metas[-1].snippet])
    if width == "device-width" or (not width and _is_whole(scale)):
        return None
    return found("The viewport does not name the width of the device.", [metas[-1].snippet])


def _is_whole(scale: str) -> bool:
    number = _NUMBER.match(scale)
    return number is not None and float(number[0]) >= 1


CHECK = Check(
    id="viewport",
    title="The page is not made for phones",
    severity="warning",
    fix="Add a meta element named viewport with the content width=device-width, initial-scale=1.",
    guidance=Guidance("https://developer.chrome.com/docs/lighthouse/best-practices/viewport"),
    find=find,
)
