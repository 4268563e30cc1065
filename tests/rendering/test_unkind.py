"""Nothing runs in a snapshot, whatever its page tries."""

from collections.abc import AsyncIterator

import pytest

from tests.rendering.conftest import Render
from tests.rendering.reader import Reader, reading
from tests.rendering.site import CONTENT, Site
from tests.rendering.unkind import pages

pytestmark = pytest.mark.anyio
PAGES = pages()


@pytest.fixture(scope="module")
async def reader(anyio_backend: str) -> AsyncIterator[Reader]:
    async with reading() as opened:
        yield opened


@pytest.mark.parametrize("what", PAGES)
async def test_nothing_runs(site: Site, render: Render, reader: Reader, what: str) -> None:
    site.pages["/"] = PAGES[what]
    page = await render(site.url + "/")
    assert page.status == 200
    assert await reader.faults(page.html) == []
    said = await reader.text()
    assert "Head" in said
    assert CONTENT.removeprefix("<p>").split(".")[0] in said
    assert b"<title>A title</title>" in page.html
    assert b'<meta name="description" content="words">' in page.html


@pytest.mark.parametrize("what", ["comments", "handlers", "addresses", "noscript", "svg", "frames"])
async def test_the_reader_sees_what_the_pages_themselves_run(reader: Reader, what: str) -> None:
    assert await reader.faults(PAGES[f"{what} as text"].encode()) != []
