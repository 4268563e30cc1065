"""What a proxy may say, and what a stranger may not."""

from pathlib import Path

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from crawlight.api.proxy import BehindProxy
from crawlight.app import create_app
from crawlight.runtime.services import open_services
from crawlight.settings import load_settings

pytestmark = pytest.mark.anyio

FORWARDED = {
    "X-Forwarded-For": "203.0.113.9, 10.1.2.3",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "crawl.example.org",
}


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope)
    assert request.client is not None
    told = {"client": request.client.host, "url": str(request.url), "root": scope.get("root_path", "")}
    await JSONResponse(told)(scope, receive, send)


async def ask(trusted: str, client: str, base: str = "", path: str = "/a") -> dict[str, str]:
    transport = httpx2.ASGITransport(BehindProxy(echo, trusted, base), client=(client, 1))
    async with httpx2.AsyncClient(transport=transport, base_url="http://inside:8080") as browser:
        told: dict[str, str] = (await browser.get(path, headers=FORWARDED)).json()
        return told


@pytest.mark.parametrize("trusted", ["10.1.2.3", "192.0.2.1, 10.0.0.0/8"])
async def test_a_trusted_proxy_is_believed(trusted: str) -> None:
    told = await ask(trusted, "10.1.2.3")
    assert told == {"client": "203.0.113.9", "url": "https://crawl.example.org/a", "root": ""}


@pytest.mark.parametrize("trusted", ["", "192.0.2.1", "10.9.0.0/16"])
async def test_nobody_else_is(trusted: str) -> None:
    told = await ask(trusted, "10.1.2.3")
    assert told == {"client": "10.1.2.3", "url": "http://inside:8080/a", "root": ""}


@pytest.mark.parametrize("path", ["/crawl/a", "/a"])
async def test_the_path_of_the_public_url_may_be_kept_or_stripped(path: str) -> None:
    told = await ask("", "10.1.2.3", "/crawl", path)
    assert (told["url"], told["root"]) == ("http://inside:8080/crawl/a", "/crawl")


async def test_the_whole_server_lies_below_its_public_url(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "data", public_url="https://example.org/crawl/")
    async with open_services(settings) as services:
        transport = httpx2.ASGITransport(create_app(services), raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="https://example.org") as browser:
            for path in ("/crawl", "/crawl/", "/"):
                page = await browser.get(path, headers={"accept": "text/html"})
                assert page.status_code == 200
                assert 'href="/crawl/static/app.css' in page.text
                assert 'href="/crawl/docs"' in page.text
            for path in ("/crawl/healthz", "/healthz", "/crawl/docs", "/crawl/static/app.js"):
                assert (await browser.get(path)).status_code == 200
            away = await browser.get("/crawl/account", headers={"accept": "text/html"})
            assert away.headers["location"] == "/crawl/sign-in?next=%2Faccount"
