"""The dashboard behind a real nginx that ends TLS, below a path of its own, kept or stripped."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import PASSWORD, sign_in
from tests.nginx import nginx
from tests.processes import Crawlight
from tests.servers import free_port


@pytest.mark.parametrize("stripped", [True, False])
def test_people_come_through_a_proxy(browser: Browser, tmp_path: Path, stripped: bool) -> None:
    port = free_port()
    public = f"https://localhost:{port}/crawl"
    settings = {
        "PUBLIC_URL": public,
        "TRUSTED_PROXIES": "127.0.0.1",
        "FIRST_EMAIL": "owner@example.org",
        "FIRST_PASSWORD": PASSWORD,
    }
    with Crawlight(tmp_path / "data", **settings).serve() as server:
        target = f"{server.url}/" if stripped else server.url
        with (
            nginx(tmp_path / "nginx", port, "/crawl/", target),
            browser.new_context(ignore_https_errors=True) as context,
        ):
            page = context.new_page()
            refused: list[str] = []
            page.on("console", lambda message: refused.append(message.text))
            page.goto(f"{public}/")
            expect(page).to_have_url(f"{public}/sign-in")
            sign_in(page, "owner", f"{public}/sign-in")
            expect(page).to_have_url(f"{public}/")
            page.goto(f"{public}/domains/new")
            page.get_by_label("Host name").fill("example.com")
            page.get_by_role("button", name="Add the domain").click()
            expect(page).to_have_url(f"{public}/domains/example.com/start")
            cookies = {cookie["name"]: cookie for cookie in context.cookies()}
            assert cookies["__Host-crawlight-session"]["secure"]
            assert cookies["__Host-crawlight-session"]["httpOnly"]
            assert refused == []
