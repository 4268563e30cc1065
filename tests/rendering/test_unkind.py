"""Nothing runs in a snapshot, whatever its page tries."""

import pytest

from crawlight.dashboard import previews
from crawlight.dashboard.reading import harmless
from tests.rendering.conftest import Render
from tests.rendering.reader import Reader
from tests.rendering.site import CONTENT, Site
from tests.rendering.unkind import pages

pytestmark = pytest.mark.anyio
PAGES = pages()


@pytest.mark.parametrize("what", PAGES)
async def test_nothing_runs(site: Site, render: Render, reader: Reader, what: str) -> None:
    site.pages["/"] = PAGES[what]
    page = await render(site.url + "/")  # and what runs in it is a failure
    assert page.status == 200
    said = await reader.text()
    assert "Head" in said
    assert CONTENT.removeprefix("<p>").split(".")[0] in said
    assert b"<title>A title</title>" in page.html
    assert b'<meta name="description" content="words">' in page.html


@pytest.mark.parametrize("what", ["comments", "handlers", "addresses", "noscript", "svg", "frames"])
async def test_the_reader_sees_what_the_pages_themselves_run(reader: Reader, what: str) -> None:
    assert await reader.faults(PAGES[f"{what} as text"].encode()) != []


async def test_nothing_runs_in_a_preview(reader: Reader) -> None:
    for what, page in PAGES.items():
        assert (what, await reader.faults(harmless(page.encode()), previews.HEADERS)) == (what, [])
