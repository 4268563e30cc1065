"""Addresses of a developer's machine lead nowhere."""

import re

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page
from crawlight.kit.plural import plural

_LOCAL = re.compile(
    r"https?://(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|[^/]+\.(?:local|localhost|test))(?:[:/?#]|$)"
)


def find(page: Page) -> Found | None:
    """Links to the machine itself, on a page that is not there itself."""
    if _LOCAL.match(page.url):
        return None
    wrong = [link.snippet for link, url in page.links if _LOCAL.match(url)]
    return (
        found(f"{plural(len(wrong), 'link')} to addresses that only a developer reaches.", wrong)
        if wrong
        else None
    )


CHECK = Check(
    id="links-local",
    title="Links lead to a developer's machine",
    severity="warning",
    fix="Write the public addresses; the one of the build or the test server is still in there.",
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/links-crawlable"),
    find=find,
)
