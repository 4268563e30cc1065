"""A tab that is used again keeps files, but never what the page says."""

import pytest
from aiohttp import web

from tests.rendering.conftest import Render
from tests.rendering.site import CONTENT, Handler, Site

pytestmark = pytest.mark.anyio

LONG = {"Cache-Control": "public, max-age=100000"}


def counted(body: str, content_type: str) -> Handler:
    """An answer that may be cached for long, with the number of times it was given for a %."""
    given = 0

    async def answer(_: web.Request) -> web.Response:
        nonlocal given
        given += 1
        return web.Response(text=body.replace("%", str(given)), content_type=content_type, headers=LONG)

    return answer


async def test_page_and_data_are_fresh_and_files_are_kept(site: Site, render: Render) -> None:
    script = """
    window.prerenderReady = false;
    const asked = new XMLHttpRequest();
    asked.open("GET", "/xhr");
    asked.onload = async () => {
      xhr.textContent = asked.response;
      api.textContent = await (await fetch("/api")).text();
      prerenderReady = true;
    };
    asked.send();
    """
    places = "<p id=api></p><p id=xhr></p><p id=file></p><script src=/file.js></script>"
    html = f"<!doctype html><title>%</title>{CONTENT}{places}<script>{script}</script>"
    site.pages |= {
        "/": counted(html, "text/html"),
        "/api": counted("api %", "application/json"),
        "/xhr": counted("xhr %", "application/json"),
        "/file.js": counted("file.textContent = 'file %'", "text/javascript"),
    }
    for turn in ("1", "2", "3"):
        page = (await render(site.url + "/", domain_id=9)).html.decode()
        assert f"<title>{turn}</title>" in page
        assert f"api {turn}<" in page
        assert f"xhr {turn}<" in page
    assert site.asked.count("/file.js") <= 2  # once for each tab
