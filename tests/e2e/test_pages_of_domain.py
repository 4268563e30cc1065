"""The inventory, one page with hostile previews, and the report, in a real browser."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crawlight.audit import PageInputs, audit
from crawlight.database.engine import Database
from crawlight.domains import audits
from crawlight.domains.pages import learn
from crawlight.domains.registry import find_domain
from crawlight.rendering.bodies import Bodies
from crawlight.rendering.snapshots import NewSnapshot, Snapshots
from crawlight.settings import load_settings
from tests.e2e.conftest import Visit, faults, people, watched
from tests.processes import Crawlight, Server

PAGES = "/domains/example.com/pages"
LONG = "/" + "a-long-word-in-a-path-" * 8
HTML = (
    b'<!doctype html><html lang="en"><head><title>Chair</title><link rel="stylesheet" href="https://x.example/a.css">'
    b"<style>@import 'https://x.example/b.css'</style></head><body onload='top.location=1'><h1>A chair of oak</h1>"
    b'<img src="https://x.example/c.png" alt="oak"><script>top.document.title = "taken"</script>'
    b'<iframe src="https://x.example"></iframe><form action="https://x.example"><button>Buy</button></form></body></html>'
)
RAW = b'<!doctype html><html><body><div id="root"></div><script src="https://x.example/app.js"></script></body></html>'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("e2e-pages") / "data"
    with ThreadPoolExecutor(1) as thread:  # The browser's event loop may run in this one.
        thread.submit(asyncio.run, filled(data)).result()
    with Crawlight(data).serve() as running:
        yield running


async def filled(data: Path) -> None:
    """The people of all these tests, and 60 pages of example.com of which one was rendered."""
    await people(data)
    settings = load_settings(data_dir=data)
    database = await Database.open(settings.database_url)
    domain = await find_domain(database, "example.com")
    await learn(database, domain.id, ["/chair", LONG, *(f"/pages/{n}" for n in range(58))])
    new = NewSnapshot(status=200, html=HTML, raw_html=RAW)
    await Snapshots(database, Bodies(settings.snapshots_url)).put(domain.id, "/chair", new)
    inputs = PageInputs(
        url="https://example.com/chair", status=200, html=HTML.decode(), raw_html=RAW.decode()
    )
    await audits.record(database, domain.id, "/chair", audit(inputs))
    await database.close()


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_and_ask_nobody_else(server: Server, visit: Visit, width: int, scheme: str) -> None:
    page = visit(PAGES, "viewer", width, color_scheme=scheme)
    with watched(page, server):
        for path in (PAGES, f"{PAGES}?bucket=poor", f"/domains/example.com/page?path={LONG}"):
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert faults(page) == [], path
        page.goto("/domains/example.com/page?path=/chair")
        for title in ("Snapshot of /chair", "Raw HTML of /chair"):
            frame = page.frame_locator(f'iframe[title^="{title}"]')
            page.locator(f'iframe[title^="{title}"]').scroll_into_view_if_needed()
            frame.locator("body").wait_for(state="attached")
        shown = page.frame_locator('iframe[title^="Snapshot"]')
        shown.get_by_role("heading", name="A chair of oak").wait_for()
        page.locator("#text").scroll_into_view_if_needed()
        page.locator("#text .lines li.served", has_text="A chair of oak").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.title() == "/chair · Crawlight"
    # Not while it is watched: the rules are asked in the previews too, and these may not answer.
    assert faults(page) == []


def test_a_search_narrows_while_one_types(visit: Visit) -> None:
    page = visit(f"{PAGES}?sort=path", "owner")
    assert page.locator("table.pages tbody tr").count() == 50
    page.get_by_role("link", name="Next").click()
    page.get_by_text("51 to 60 of 60").wait_for()
    page.wait_for_load_state()
    page.keyboard.press("/")
    page.keyboard.type("chair")
    page.get_by_text("1 to 1 of 1").wait_for()
    assert "q=chair" in page.url
    assert "sort=path" in page.url
    assert page.get_by_label("Find a path").input_value() == "chair"
    page.get_by_role("navigation", name="Period").get_by_role("link", name="7d", exact=True).click()
    page.get_by_text("1 to 1 of 1").wait_for()
    assert ("q=chair" in page.url, "period=7d" in page.url) == (True, True)
    page.get_by_label("Find a path").fill("")
    page.get_by_text("1 to 50 of 60").wait_for()
    page.go_back()
    page.get_by_text("1 to 1 of 1").wait_for()
    assert page.get_by_label("Find a path").input_value() == "chair"


def test_a_page_is_refreshed_by_a_button(visit: Visit) -> None:
    page = visit("/domains/example.com/page?path=/pages/7", "owner")
    page.get_by_role("button", name="Refresh now").click()
    page.get_by_text("A new render is queued. What crawlers get now stays").wait_for()


def test_the_report_is_downloaded(visit: Visit) -> None:
    page = visit("/?period=7d", "viewer")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download report (PDF)").click()
    assert download.value.suggested_filename.startswith("crawlight-all-domains-7d-")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
