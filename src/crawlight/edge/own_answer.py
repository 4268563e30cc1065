"""What the site itself answers to a request that Crawlight has no page for: for doors whose callers cannot ask it."""

from collections.abc import Mapping
from typing import Final

import msgspec
from yarl import URL

from crawlight.domains.sites import Site
from crawlight.kit.addresses import parse_networks
from crawlight.kit.net import Answer, FetchError, fetch
from crawlight.rendering.hops import stays
from crawlight.rendering.response import absolute

SECONDS: Final = 8.0
"""How long the site has for each answer."""

_MOST_HOPS: Final = 3
_ASKING: Final = {
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    # Middleware of Prerender.io asks nobody for the page of a request that says this: else it would ask us again.
    "X-Prerender": "1",
}


class OwnAnswer(msgspec.Struct, frozen=True):
    """Status, headers by name in lower case, and the decoded body; ``location`` is absolute, or empty."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    location: str = ""


async def own_answer(site: Site, path: str) -> OwnAnswer:
    """Ask the site for one of its paths, through the address filter. Raises FetchError with a reason.

    Hops between http and https, www and bare lead to the same page: a crawler that was told of them would come back.
    """
    url, allowed = URL(site.page_url(path)), parse_networks(site.settings.allowed_networks)
    for _ in range(_MOST_HOPS):
        answer = await fetch(
            str(url), allowed=allowed, headers=_ASKING, origin=site.origin, redirects=0, seconds=SECONDS
        )
        location = _location(site, answer)
        if not location or not stays(str(url), location):
            return OwnAnswer(answer.status, answer.headers, answer.body, location)
        url = URL(location)
    raise FetchError("the site redirects in a circle")


def _location(site: Site, answer: Answer) -> str:
    """Where the answer leads, normalised, so that whoever reads it again reads the same host."""
    if not 300 <= answer.status <= 399 or "location" not in answer.headers:
        return ""
    location = absolute(answer.headers["location"], answer.url, site.origin)
    return str(URL(location)) if location else ""
