"""The middleware prerender-node in Express, with nothing changed but the service's URL and the token."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from crawlight.domains.registry import add_domain
from crawlight.domains.settings import change_settings
from tests.edge.rendered import GOOGLE, GOOGLEBOT, PERSON
from tests.integrations import node
from tests.integrations.conftest import Running
from tests.integrations.recipes import answers, get
from tests.rendering.site import CONTENT
from tests.servers import ended, free_port

APP = f"""
import express from "express";
import prerender from "prerender-node";
const app = express();
prerender.set("host", "shop.example").set("protocol", "https");
prerender.set("forwardHeaders", process.env.FORWARD === "yes");
app.use(prerender);
const shell = (head, script) => `<!doctype html><html lang=en><head><title>Shop</title>${{head}}</head>
  <body><div id=root>Loading</div><script>${{script}}</script></body></html>`;
app.get("/moved", (request, response) => response.redirect(301, "/shop"));
app.get("/soft", (request, response) =>
  response.send(shell('<meta name="prerender-status-code" content="404">', "root.innerHTML = `<h1>Nothing</h1>`")));
app.use((request, response) => response.send(shell("", "root.innerHTML = `<h1>Ready</h1>Grüße — 東京{CONTENT}`")));
app.listen(process.env.PORT, "127.0.0.1");
"""


@contextmanager
def express(running: Running, port: int, who: str = "owner", **settings: str) -> Iterator[str]:
    """The shop with the middleware before it."""
    named = {"PRERENDER_SERVICE_URL": running.url, "PRERENDER_TOKEN": running.edge.keys.get(who, who)}
    environment = os.environ | named | {"PORT": str(port)} | settings
    with ended([*node.node(), "--input-type=module", "-e", APP], env=environment, cwd=node.HERE):
        answers(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def shop(running: Running) -> Iterator[str]:
    """A JavaScript shop that is its own origin: what Crawlight asks of it must not come back to Crawlight."""
    port, edge = free_port(), running.edge

    async def add() -> None:
        database, origin = edge.services.database, f"http://127.0.0.1:{port}"
        domain = await add_domain(database, "shop.example", "owner@example.org", origin=origin)
        await change_settings(database, domain.id, allowed_networks=["127.0.0.0/8"])
        await edge.services.edge.directory.look()

    with express(running, port) as url:
        running.do(add())
        yield url


def test_crawlers_get_the_rendered_page_and_people_the_app(shop: str, running: Running) -> None:
    page = get(shop, "/shop?x=1", GOOGLEBOT)
    assert (page.status, page.headers["x-crawlight-outcome"]) == (200, "miss")
    assert "<h1>Ready</h1>" in page.body
    assert "<script" not in page.body
    assert page.headers["cache-control"].startswith("private")
    assert get(shop, "/shop?x=1", GOOGLEBOT).headers["x-crawlight-outcome"] == "hit"
    assert [record.identity for record in running.edge.records("/shop?x=1")] == ["unchecked"] * 2
    person = get(shop, "/shop?x=1", PERSON)
    assert "x-crawlight-outcome" not in person.headers
    assert "Loading" in person.body


def test_status_and_location(shop: str) -> None:
    assert get(shop, "/soft", GOOGLEBOT).status == 404
    moved = get(shop, "/moved", GOOGLEBOT)
    assert (moved.status, moved.headers["location"]) == (301, "https://shop.example/shop")


def test_a_letter_of_many_bytes_comes_through(shop: str) -> None:
    assert "Grüße — 東京" in get(shop, "/shop", GOOGLEBOT).body


def test_a_person_who_says_escaped_fragment_gets_the_app(shop: str) -> None:
    person = get(shop, "/shop?_escaped_fragment_=", PERSON)
    assert (person.status, person.headers["x-crawlight-reason"]) == (200, "not_a_crawler")
    assert "Loading" in person.body


def test_where_there_is_no_page_the_crawler_gets_the_app(shop: str, running: Running) -> None:
    prerenderer = running.edge.services.edge.prerenderer
    waits, prerenderer._wait_seconds = prerenderer._wait_seconds, 0.0
    try:
        page = get(shop, "/too-late", GOOGLEBOT)
    finally:
        prerenderer._wait_seconds = waits
    assert (page.status, page.headers["x-crawlight-reason"]) == (200, "too_late")
    assert "Loading" in page.body


def test_a_forwarded_address_proves_the_crawler(shop: str, running: Running) -> None:
    with express(running, free_port(), FORWARD="yes") as url:
        page = get(url, "/forwarded", GOOGLEBOT, x_forwarded_for=GOOGLE)
        assert page.status == 200
        assert running.edge.records("/forwarded")[-1].identity == "verified"


def test_with_nobody_there_the_app_answers_itself(shop: str, running: Running) -> None:
    with express(running, free_port(), PRERENDER_SERVICE_URL=f"http://127.0.0.1:{free_port()}") as url:
        assert get(url, "/shop", GOOGLEBOT).status == 500  # What the middleware does with its own errors.
