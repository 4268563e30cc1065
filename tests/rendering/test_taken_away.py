"""What is not loaded is there to the page: nothing waits for it in vain, and nothing is replaced because of it."""

import pytest

from crawlight.rendering import events, standins
from tests.rendering.conftest import Render
from tests.rendering.site import Site
from tests.rendering.wild import put, taken_away
from tests.rendering.wild.page import Page, faults

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("page", taken_away.PAGES, ids=lambda page: page.path)
async def test_what_is_taken_away_does_not_look_like_a_failure(
    site: Site, render: Render, page: Page
) -> None:
    put(site, [page])
    assert faults(page, site.url, await render(site.url + page.path)) == []
    files = [path for path in site.asked if path.endswith((".jpg", ".mp3", ".svg", ".avif"))]
    assert files == []


@pytest.mark.parametrize(
    ("url", "page", "kind", "given"),
    [
        ("https://www.googletagmanager.com/gtag/js?id=G-1", "https://example.com/", "Script", True),
        ("https://plausible.io/api/event", "https://example.com/", "Ping", True),
        ("https://example.com/?to=https://plausible.io/", "https://example.com/", "Script", False),
        ("https://plausible.io/", "https://plausible.io/", "Document", False),
        ("https://plausible.io/api/plans", "https://plausible.io/", "Fetch", False),
        ("https://www.google.com/maps/embed", "https://example.com/", "Document", False),
        ("https://plausible.io/logo.png", "https://plausible.io/", "Image", True),
    ],
)
async def test_tags_are_those_of_others(url: str, page: str, kind: str, given: bool) -> None:
    asked = events.RequestPaused(request_id="1", request=events.Request(url=url), resource_type=kind)
    method, _ = standins.answer(asked, page)
    assert method == ("Fetch.fulfillRequest" if given else "Fetch.continueRequest")
