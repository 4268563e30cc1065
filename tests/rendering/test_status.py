"""The status of a page: the origin's, its own, and what it really is."""

import pytest
from aiohttp import web

from crawlight.kit.origin import Origin
from crawlight.rendering.renderer import RenderError
from crawlight.rendering.response import passed_on
from crawlight.rendering.soft404 import Page, Suspicion, is_like, suspect
from tests.rendering.conftest import Render
from tests.rendering.site import CONTENT, Handler, Site

pytestmark = pytest.mark.anyio


def answer(status: int, body: str = CONTENT, **headers: str) -> Handler:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type="text/html", headers=headers)

    return handle


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_the_origins_status_is_kept_and_wins(site: Site, render: Render, status: int) -> None:
    meta = '<meta name="prerender-status-code" content="201">'
    site.pages["/"] = answer(status, meta + CONTENT)
    page = await render(site.url + "/")
    assert page.status == status
    assert CONTENT.encode() in page.html


async def test_an_empty_404_is_one(site: Site, render: Render) -> None:
    site.pages["/"] = answer(404, "")
    page = await render(site.url + "/")
    assert page.status == 404
    assert b"<p" not in page.html


@pytest.mark.parametrize(
    ("status", "reason"), [(500, "upstream_5xx"), (503, "upstream_5xx"), (429, "upstream_4xx")]
)
async def test_a_failing_origin_is_no_page(site: Site, render: Render, status: int, reason: str) -> None:
    site.pages["/"] = answer(status, **{"Retry-After": "120"})
    with pytest.raises(RenderError) as failed:
        await render(site.url + "/")
    assert (failed.value.reason, failed.value.status, failed.value.retry_after) == (reason, status, "120")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_of_the_origin_is_one(site: Site, render: Render, status: int) -> None:
    site.pages["/old"] = answer(status, Location="/new?a=1")
    page = await render(site.url + "/old")
    assert (page.status, page.location, page.html) == (status, site.url + "/new?a=1", b"")


async def test_a_redirect_at_an_origin_of_another_name_leads_to_the_domain(
    site: Site, render: Render
) -> None:
    site.pages["/old"] = answer(301, Location=f"{site.url}/new")
    origin = Origin(frozenset({"example.com"}), site.url)
    page = await render("https://example.com/old", origin=origin)
    assert page.location == "https://example.com/new"


async def test_a_redirect_in_a_circle_is_told(site: Site, render: Render) -> None:
    site.pages["/"] = answer(302, Location="/#again")
    with pytest.raises(RenderError) as failed:
        await render(site.url + "/")
    assert failed.value.reason == "redirect_loop"


async def test_metas_give_status_and_headers(site: Site, render: Render) -> None:
    metas = (
        '<meta name="prerender-status-code" content="410">'
        '<meta name="prerender-header" content="X-Robots-Tag: noindex">'
        '<meta name="prerender-header" content="Set-Cookie: a=1"><meta name="prerender-header" content="broken">'
    )
    page = await render(site.page("/", CONTENT, metas))
    assert page.status == 410
    assert page.headers["x-robots-tag"] == "noindex"
    assert "set-cookie" not in page.headers


async def test_a_meta_redirect_needs_a_location(site: Site, render: Render) -> None:
    code = '<meta name="prerender-status-code" content="301">'
    where = '<meta name="prerender-header" content="Location: /new">'
    page = await render(site.page("/", CONTENT, code + where))
    assert (page.status, page.location) == (301, site.url + "/new")
    assert (await render(site.page("/", CONTENT, code))).status == 200


async def test_a_see_other_of_a_meta_is_found(site: Site, render: Render) -> None:
    code = '<meta name="prerender-status-code" content="303">'
    where = '<meta name="prerender-header" content="Location: /new">'
    page = await render(site.page("/", CONTENT, code + where))
    assert (page.status, page.location) == (302, site.url + "/new")


async def test_a_meta_failure_is_no_page(site: Site, render: Render) -> None:
    url = site.page("/", CONTENT, '<meta name="prerender-status-code" content="503">')
    with pytest.raises(RenderError) as failed:
        await render(url)
    assert (failed.value.reason, failed.value.status) == ("upstream_5xx", 503)


NOT_FOUND = [
    "Page not found",
    "404",
    "Seite nicht gefunden",
    "Page introuvable",
    "Página no encontrada",
    "Página não encontrada",
    "Pagina non trovata",
    "Pagina niet gevonden",
    "Sidan hittades inte",
    "Siden ble ikke funnet",
    "Siden blev ikke fundet",
    "Sivua ei löytynyt",
    "Nie znaleziono strony",
    "Stránka nenalezena",
    "Az oldal nem található",
    "Pagina nu a fost găsită",
    "Страница не найдена",
    "Сторінку не знайдено",
    "Sayfa bulunamadı",
    "Η σελίδα δεν βρέθηκε",
    "הדף לא נמצא",
    "الصفحة غير موجودة",
    "पृष्ठ नहीं मिला",
    "ไม่พบหน้านี้",
    "Không tìm thấy trang",
    "Halaman tidak ditemukan",
    "ページが見つかりません",
    "页面不存在",
    "페이지를 찾을 수 없습니다",
]


@pytest.mark.parametrize("heading", NOT_FOUND)
def test_wording_in_many_languages(heading: str) -> None:
    assert suspect(Page("Shop", heading, heading + " - Home", "")).certain
    assert suspect(Page("Shop", "", f"Shop. {heading}. {CONTENT}", "noindex, follow")).certain


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        ("Our shop", "Welcome"),
        ("Peugeot 404.50", "For 404,00 EUR"),
        ("404 Media is a company of journalists" * 3, "News"),
    ],
)
def test_what_is_no_such_wording(title: str, heading: str) -> None:
    assert suspect(Page(title, heading, "Short.", "")) == Suspicion()


def test_an_article_about_it_is_none() -> None:
    page = Page(
        "What does 404 not found mean?", "What does 404 not found mean?", "It is a long story. " * 100, ""
    )
    assert not suspect(page).certain


def test_likeness_leaves_numbers_aside() -> None:
    words = " ".join(f"word{chr(97 + n)}" for n in range(26))
    assert is_like(Page("", "", f"{words} /a/12", ""), Page("", "", f"{words} /b/345", ""))
    assert not is_like(Page("", "", words, ""), Page("", "", " ".join(reversed(words.split())), ""))


async def test_a_soft_404_is_a_404(site: Site, render: Render) -> None:
    page = await render(
        site.page("/no-such", "<h1>Page not found</h1><p>Try the <a href=/>start page</a>.</p>")
    )
    assert (page.status, page.reason) == (404, "soft_404")
    assert b"Page not found" in page.html


async def test_likeness_to_a_path_that_cannot_exist_decides(site: Site, render: Render) -> None:
    """The app has the same long text for all that it does not know, and an article that cites it."""
    lost = f"<h1>Our shop</h1><p>Sorry, this product could not be found.</p>{CONTENT * 3}"

    async def app(request: web.Request) -> web.Response:
        story = (
            f"<h1>A story</h1><p>Of what could not be found.</p>{CONTENT}{'<p>And then it goes on.</p>' * 40}"
        )
        return web.Response(text=story if request.path == "/story" else lost, content_type="text/html")

    class Everything(dict[str, object]):
        def get(self, key: str, default: object = None) -> object:
            return app

    site.pages = Everything()  # type: ignore[assignment]
    assert (await render(site.url + "/product/1", domain_id=404)).status == 404
    assert (await render(site.url + "/story", domain_id=404)).status == 200
    assert len(site.asked) == 3  # the path that cannot exist was asked for once


@pytest.mark.parametrize(
    ("lines", "one"),
    [
        ("otherbot: nosnippet\nnoindex", "noindex, otherbot: nosnippet"),
        ("noindex, otherbot: nofollow\nmax-snippet: 0", "max-snippet: 0, noindex, otherbot: nofollow"),
        ("unavailable_after: 2031-01-01\nnosnippet", "unavailable_after: 2031-01-01, nosnippet"),
    ],
)
def test_several_robots_headers_say_the_same_as_one(lines: str, one: str) -> None:
    assert passed_on({"X-Robots-Tag": lines}) == {"x-robots-tag": one}


SAYS_MORE = [
    "Peugeot 404 Cabriolet",
    "Room 404: Junior Suite",
    "Plumber in Atlanta | (404) 555-0134",
    "Charger not found by your laptop? Six fixes",
    "Page not found: how to mend it",
    "Ladegerät nicht gefunden? Sechs Tipps",
    "Clé USB introuvable : que faire ?",
    "Cargador no encontrado: seis soluciones",
    "Caricatore non trovato? Sei rimedi",
    "Зарядное устройство не найдено? Шесть советов",
    "Şarj cihazı bulunamadı: altı çözüm",
    "充電器が見つかりません：6つの対処法",
    "找不到充电器？六个办法",
    "충전기를 찾을 수 없습니다: 여섯 가지 해결책",
    "Error 404: a film",
]


@pytest.mark.parametrize("title", SAYS_MORE)
@pytest.mark.parametrize("robots", ["", "noindex"])
def test_a_title_that_says_more_is_never_certain(title: str, robots: str) -> None:
    for page in (
        Page(title, title, f"{title}\nThere is a little to read here.", robots),
        Page(title, "", "There is a little to read here.", robots),
    ):
        assert suspect(page) == Suspicion(ask=True)


def test_the_number_alone_is_no_proof_where_the_title_says_more() -> None:
    assert suspect(Page("Peugeot 404", "404", "404\nA car.", "")) == Suspicion(ask=True)
    assert suspect(Page("404 Not Found", "404", "404\nNothing.", "")).certain


async def test_real_pages_with_the_number_are_pages(site: Site, render: Render) -> None:
    """They share menu and footer with what the app shows for paths that it does not know."""
    frame = (
        "<nav>" + "".join(f"<a href=/{n}>Part {chr(97 + n)} of our shop</a> " for n in range(26)) + "</nav>"
    )

    async def app(request: web.Request) -> web.Response:
        title = {"/car": "Peugeot 404 Cabriolet", "/help": "Charger not found by your laptop? Six fixes"}.get(
            request.path, "Page not found"
        )
        lost = title == "Page not found"
        text = "Try our start page." if lost else "It is here, in red, with papers and five seats."
        html = f"<title>{title} | Shop</title>{frame}<h1>{title}</h1><p>{text}</p>{CONTENT}<footer>{CONTENT}</footer>"
        status = 404 if lost and request.path != "/soft" else 200
        return web.Response(text=html, content_type="text/html", status=status)

    class Everything(dict[str, object]):
        def get(self, key: str, default: object = None) -> object:
            return app

    site.pages = Everything()  # type: ignore[assignment]
    for path, status in (("/car", 200), ("/help", 200), ("/soft", 404)):
        assert (await render(site.url + path, domain_id=405)).status == status
