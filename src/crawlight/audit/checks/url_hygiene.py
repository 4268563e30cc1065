"""An address that people can read and that is written in one way only."""

import re

from crawlight.audit.check import Check, Found, found
from crawlight.audit.guidance import Guidance
from crawlight.audit.page import Page

_LONGEST = 200
_MOST_PARAMETERS = 4
_SESSION = re.compile(
    r"(?:^|[&;])(?:jsessionid|phpsessid|sessionid|session_id|sid|aspsessionid\w*)=", re.IGNORECASE
)


def find(page: Page) -> Found | None:
    """What makes an address hard to read, or the same page to have several of them."""
    rest = page.url.partition("#")[0].partition("://")[2]
    path, _, query = rest[len(rest.partition("/")[0]) :].partition("?")
    faults = [
        text
        for text, wrong in (
            (f"is longer than {_LONGEST} characters", len(page.url) > _LONGEST),
            ("has capital letters", re.search(r"[A-Z]", re.sub(r"%[0-9A-F]{2}", "", path)) is not None),
            ("has underscores", "_" in path),
            ("has spaces", "%20" in path or "+" in path),
            ("has an empty segment (//)", "//" in path),
            (f"has more than {_MOST_PARAMETERS} parameters", query.count("&") >= _MOST_PARAMETERS),
            ("has a session id", _SESSION.search(query) is not None or ";jsessionid=" in path.lower()),
        )
        if wrong
    ]
    return found(f"The address {', '.join(faults)}.", [page.url]) if faults else None


CHECK = Check(
    id="url-hygiene",
    title="The address is hard to read",
    severity="notice",
    fix=(
        "Use short addresses of lower-case words with hyphens between them, and few parameters. Redirect "
        "the old address."
    ),
    guidance=Guidance("https://developers.google.com/search/docs/crawling-indexing/url-structure"),
    find=find,
)
