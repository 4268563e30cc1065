"""From a request to a page."""

import pytest
from aiohttp import web

from crawlight.rendering.renderer import Renderer, RenderError
from tests.rendering.conftest import Render, request_for
from tests.rendering.site import CONTENT, Site

pytestmark = pytest.mark.anyio


async def test_a_client_side_page_is_rendered(site: Site, render: Render) -> None:
    async def api(_: web.Request) -> web.Response:
        return web.json_response({"title": "Fünf Äpfel", "text": CONTENT})

    site.pages["/api"] = api
    url = site.page(
        "/",
        """<div id=root></div><script>
        fetch("/api").then(a => a.json()).then(d => { document.title = d.title; root.innerHTML = d.text; });
        </script>""",
    )
    page = await render(url)
    assert page.status == 200
    assert page.reason == "quiet"
    assert "<title>Fünf Äpfel</title>" in page.html.decode()
    assert CONTENT in page.html.decode()
    assert b"<script" not in page.html
    assert page.raw_html == site.pages["/"].encode()  # type: ignore[union-attr]
    assert page.final_url == url
    assert page.headers["server"]


async def test_without_a_browser_it_is_said_what_to_install() -> None:
    renderer = Renderer(browser_path="/nowhere/chromium")
    assert "install chromium-headless-shell" in await renderer.state()
    with pytest.raises(RenderError, match="install chromium-headless-shell") as failed:
        await renderer.render(request_for("http://127.0.0.1:1/"))
    assert failed.value.reason == "browser_down"
    await renderer.close()
