"""One render cannot see what another left, whoever's it is."""

import json

import pytest

from crawlight.rendering.renderer import Rendered, Renderer
from tests.rendering.conftest import Render, request_for
from tests.rendering.site import CONTENT, Site

pytestmark = pytest.mark.anyio

LOOK = (
    """<pre id=found></pre><script>
window.prerenderReady = false;
(async () => {
  const found = {
    cookie: document.cookie, local: { ...localStorage }, name: window.name,
    session: Object.keys(sessionStorage).filter(key => key !== "__crawlight"),
    databases: (await indexedDB.databases()).map(one => one.name),
    caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    directory: [],
  };
  for await (const name of (await navigator.storage.getDirectory()).keys()) found.directory.push(name);
  document.getElementById("found").textContent = JSON.stringify(found);
  document.cookie = "secret=1; max-age=1000; path=/";
  localStorage.secret = sessionStorage.secret = window.name = "secret";
  await (await caches.open("secret")).put("/cached", new Response("secret"));
  await new Promise(done => { indexedDB.open("secret").onsuccess = done; });
  await (await navigator.storage.getDirectory()).getFileHandle("secret", { create: true });
  try { await navigator.serviceWorker.register("/worker.js"); } catch (error) { document.title = error.name; }
  prerenderReady = true;
})();
addEventListener("pagehide", () => { sessionStorage.late = localStorage.late = "secret"; document.cookie = "late=1"; });
</script>"""
    + CONTENT
)
NOTHING = {
    "cookie": "",
    "local": {},
    "name": "",
    "session": [],
    "databases": [],
    "caches": [],
    "workers": 0,
    "directory": [],
}


def found(page: Rendered) -> dict[str, object]:
    text = page.html.decode().partition('<pre id="found">')[2].partition("</pre>")[0]
    told: dict[str, object] = json.loads(text)
    return told


async def test_a_render_finds_nothing_of_the_one_before_in_its_tab(site: Site, renderer: Renderer) -> None:
    url = site.page("/", LOOK)
    for _ in range(3):
        page = await renderer.render(request_for(url, domain_id=77))
        assert found(page) == NOTHING
    assert "/worker.js" not in site.asked
    browser = renderer.supervisor.current
    assert browser is not None
    mine = [tab for tab, key in [*browser.idle.items(), *browser.busy.items()] if key.domain_id == 77]
    assert max(tab.renders for tab in mine) > 1  # it was the same tab


async def test_what_a_page_stores_for_its_own_next_document_is_there(site: Site, render: Render) -> None:
    """A render may go through several documents; a known way to route on static hosts stores the path between them."""
    first = "<script>if (!sessionStorage.again) { sessionStorage.again = '1'; location.reload(); }</script>"
    page = await render(
        site.page("/", f"{first}{CONTENT}<script>document.title = sessionStorage.again</script>")
    )
    assert b"<title>1</title>" in page.html


async def test_tabs_are_never_shared_across_accounts_or_domains(site: Site) -> None:
    renderer = Renderer(concurrency=4)
    url = site.page("/", CONTENT)
    for changes in (
        {},
        {"account_id": 2},
        {"domain_id": 2},
        {"language": "de"},
        {"allowed_networks": ("127.0.0.0/9",)},
    ):
        await renderer.render(request_for(url, **changes))
    browser = renderer.supervisor.current
    assert browser is not None
    tabs = [*browser.idle, *browser.busy]
    assert all(tab.renders == 1 for tab in tabs)
    assert len(tabs) <= 4  # the longest unused was closed
    await renderer.close()


async def test_the_language_is_that_of_the_domain(site: Site, render: Render) -> None:
    url = site.page("/", CONTENT + "<script>document.title = navigator.language</script>")
    page = await render(url, language="de-AT")
    assert b"<title>de-AT</title>" in page.html


async def test_it_does_not_look_like_a_crawler(site: Site, render: Render) -> None:
    page = await render(site.page("/", CONTENT + "<script>document.title = navigator.userAgent</script>"))
    title = page.html.decode().partition("<title>")[2].partition("</title>")[0]
    assert "Chrome/" in title
    for word in ("Headless", "rawl", "bot"):
        assert word not in title
