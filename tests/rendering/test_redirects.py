"""Redirects that scripts make: those that come back to the page that was asked for are none, and none is a circle."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from crawlight.domains.sites import Site as Domain
from crawlight.domains.sites import load_sites
from crawlight.kit.origin import Origin
from crawlight.rendering.circles import Circles
from crawlight.rendering.renderer import Rendered, RenderError
from tests.edge.rendered import Edge, rendering_edge
from tests.rendering.conftest import Render
from tests.rendering.site import CONTENT, Handler, Site

pytestmark = pytest.mark.anyio

APP = f"""<!doctype html><title>App</title><div id=app></div><script>
  if (location.search[1] === '/') {{
    const [path, ...rest] = location.search.slice(1).split('&').map(part => part.replace(/~and~/g, '&'));
    history.replaceState(null, null, location.pathname.slice(0, -1) + path +
      (rest.length ? '?' + rest.join('&') : '') + location.hash);
  }}
  const kept = sessionStorage.kept;
  delete sessionStorage.kept;
  if (kept) history.replaceState(null, null, kept);
  app.innerHTML = '<h1>Route ' + location.pathname + location.search + '</h1>{CONTENT}';
</script>"""
GITHUB = """<!doctype html><title>Single Page Apps</title><script>
  const l = window.location;
  l.replace(l.origin + '/?/' + l.pathname.slice(1).replace(/&/g, '~and~') +
    (l.search ? '&' + l.search.slice(1).replace(/&/g, '~and~') : '') + l.hash);
</script>"""
STORED = """<!doctype html><script>sessionStorage.kept = location.href</script>
  <meta http-equiv=refresh content="0;URL='/'">"""


def answering(text: str, status: int = 200, **headers: str) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text, status=status, content_type="text/html", headers=headers)

    return answer


def going(script: str, status: int = 200) -> Handler:
    return answering(f"<!doctype html><title>Going</title>{CONTENT}<script>{script}</script>", status)


@pytest.mark.parametrize("document", [GITHUB, STORED], ids=["github", "stored"])
@pytest.mark.parametrize("path", ["/guide", "/guide/deep?a=1&b=2"])
@pytest.mark.parametrize("led", [False, True], ids=["direct", "led"])
async def test_an_app_that_comes_back_is_the_page_that_was_asked_for(
    site: Site, render: Render, document: str, path: str, led: bool
) -> None:
    site.pages["/"] = answering(APP)
    site.pages[path.partition("?")[0]] = answering(document, 404)
    origin = Origin(frozenset({"shop.example"}), site.url) if led else None
    page = await render(("https://shop.example" if led else site.url) + path, origin=origin)
    assert (page.status, page.location) == (200, None)
    assert f"<h1>Route {path}</h1>".replace("&", "&amp;") in page.html.decode()


ROUTED = "history.replaceState(null, '', '{}')"
SENT = "location.pathname === '/guide' && !location.search && location.replace('{}')"


@pytest.mark.parametrize("variant", ["/guide/", "/Guide", "/guide?tab=1", "/guide#part"])
@pytest.mark.parametrize("way", [ROUTED, SENT], ids=["routed", "sent"])
async def test_variants_of_an_address_are_the_same_page(
    site: Site, render: Render, variant: str, way: str
) -> None:
    site.pages = {path: answering(CONTENT) for path in ("/guide/", "/Guide")}
    site.pages["/guide"] = going(way.format(variant))
    rendered = await render(site.url + "/guide")
    assert (rendered.status, rendered.location) == (200, None)


async def test_a_script_that_goes_to_another_page_redirects(site: Site, render: Render) -> None:
    site.pages |= {
        "/old": going("location.replace('/new#part')"),
        "/new": answering(CONTENT),
        "/routed": going("history.replaceState(null, '', '/new#top')"),
        "/chain": going("location.replace('/old')"),
        "/away": going("location.replace('http://other.example/x#y')"),
    }
    for path, target in (("/old", "/new#part"), ("/routed", "/new#top"), ("/chain", "/new#part")):
        page = await render(site.url + path)
        assert (page.status, page.location, page.reason) == (302, site.url + target, "client_redirect")
    assert (await render(site.url + "/away")).location == "http://other.example/x#y"


@pytest.mark.parametrize(
    "target",
    [answering("", 500), answering("", 404), answering("", 204)],
    ids=["failing", "missing", "nothing"],
)
async def test_whatever_is_at_the_target(site: Site, render: Render, target: Handler) -> None:
    site.pages |= {"/old": going("location.replace('/new')"), "/new": target}
    page = await render(site.url + "/old")
    assert (page.status, page.location) == (302, site.url + "/new")


async def test_a_file_as_the_target(site: Site, render: Render) -> None:
    async def file(_: web.Request) -> web.Response:
        return web.Response(body=b"%PDF-1.4", content_type="application/pdf")

    site.pages |= {"/old": going("location.replace('/price.pdf')"), "/price.pdf": file}
    assert (await render(site.url + "/old")).location == site.url + "/price.pdf"


async def test_pages_that_send_to_each_other_for_ever_are_told(site: Site, render: Render) -> None:
    site.pages |= {"/a": going("location.replace('/b')"), "/b": going("location.replace('/a')")}
    with pytest.raises(RenderError) as failed:
        await render(site.url + "/a")
    assert failed.value.reason == "redirect_loop"


async def test_the_fragment_of_a_location_is_kept(site: Site, render: Render) -> None:
    site.pages["/old"] = answering("", 301, Location="/new?a=1#part-2")
    assert (await render(site.url + "/old")).location == site.url + "/new?a=1#part-2"


@pytest.fixture(scope="module")
async def edge(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Edge]:
    folder: Path = tmp_path_factory.mktemp("edge")
    async with rendering_edge(folder / "data") as opened:
        yield opened


MANUAL = {"x-crawlight-redirects": "manual"}


async def test_a_router_against_the_origins_own_redirect(edge: Edge) -> None:
    """The app shows /start as /en, and the origin sends /en to /start: crawlers get the page at /start."""
    edge.origin.pages |= {
        "/start": going("history.replaceState(null, '', '/en')"),
        "/en": answering("", 302, Location="/start"),
    }
    page = await edge.get("/start", headers=MANUAL)
    assert (page.status_code, CONTENT in page.text) == (200, True)
    assert (await edge.get("/en", headers=MANUAL)).headers["location"] == "https://example.com/start"


async def test_two_routers_against_each_other(edge: Edge) -> None:
    edge.origin.pages |= {
        "/one": going("history.replaceState(null, '', '/two')"),
        "/two": going("history.replaceState(null, '', '/one')"),
    }
    first, second = [await edge.get(path, headers=MANUAL) for path in ("/one", "/two")]
    assert (first.status_code, first.headers["location"]) == (302, "https://example.com/two")
    assert second.status_code == 200


async def test_a_stored_redirect_is_mended_when_its_target_turns(edge: Edge) -> None:
    edge.origin.pages |= {
        "/here": going("history.replaceState(null, '', '/there')"),
        "/there": answering(CONTENT),
    }
    assert (await edge.get("/here", headers=MANUAL)).status_code == 302
    edge.origin.pages["/there"] = answering("", 301, Location="/here")
    assert (await edge.get("/there", headers=MANUAL)).status_code == 301
    while (await edge.get("/here", headers=MANUAL)).status_code == 302:
        pass
    assert (await edge.get("/here", headers=MANUAL)).status_code == 200


async def test_a_redirect_without_a_page_that_leads_back_is_a_failure(edge: Edge) -> None:
    domain: Domain = (await load_sites(edge.services.database, [edge.domain_id]))[edge.domain_id]
    circles = Circles(edge.services.database, edge.services.edge.snapshots)
    edge.origin.pages["/back"] = answering("", 302, Location="/begin")
    gone = Rendered(
        status=302, html=b"", raw_html=b"", headers={}, final_url="", reason="client_redirect",
        location="https://example.com/back",
    )  # fmt: skip
    with pytest.raises(RenderError, match="leads back"):
        await circles.avoid(domain, "/begin", gone)
    assert await circles.avoid(domain, "/other", gone) is gone
