"""Connecting a domain in a real browser: the open page sees by itself what is done; without scripts by a button."""

import json
import urllib.request

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.processes import Server

START = "/domains/example.com/start?way=server"


def make_key(page: Page) -> str:
    page.goto("/account/keys")
    page.get_by_label("Name").fill("server")
    page.get_by_role("button", name="Make a key").click()
    return page.locator("#new-key").input_value()


def report(server: Server, key: str) -> None:
    crawl = {"url": "https://example.com/", "userAgent": "GPTBot/1.2", "status": 200}
    headers = {"Authorization": f"Bearer {key}"}
    request = urllib.request.Request(f"{server.url}/v1/event/crawl", json.dumps([crawl]).encode(), headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 202


def come_back(page: Page) -> None:
    """As if one had looked at another tab meanwhile."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_steps_are_done_while_one_looks(server: Server, visit: Visit) -> None:
    plain = visit(START, "owner", java_script_enabled=False)
    expect(plain.get_by_text("done", exact=True)).to_have_count(1)
    page = visit(START, "owner")
    page.locator("summary", has_text="Caddy").click()
    come_back(page)
    page.wait_for_load_state("networkidle")
    expect(page.get_by_text("reverse_proxy 127.0.0.1:3000").first).to_be_visible()

    key = make_key(visit("/account/keys", "owner"))
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.status == 200):
        come_back(page)
    expect(page.get_by_text("done", exact=True)).to_have_count(2)
    report(server, key)
    plain.get_by_role("button", name="Check now").click()
    while plain.get_by_text("done", exact=True).count() < 4:  # A moment, until the loader has it.
        plain.reload()
    come_back(page)
    page.get_by_role("link", name="See the crawlers of example.com").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("example.com")
