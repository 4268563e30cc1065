"""What is not loaded is there to the page: nothing waits for it in vain, and nothing is replaced because of it."""

import pytest

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
