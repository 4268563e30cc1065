"""What the recipes and our worker ask Crawlight, and what they hand on."""

from collections.abc import Iterator

import pytest

from crawlight.bots.identity import Identity
from crawlight.bots.lists import load_ranges
from tests.integrations.recipes import (
    ASKED,
    BASE,
    BOT,
    PERSON,
    SITE_ASKED,
    caddy,
    edge_function,
    express,
    get,
    nginx,
    started,
    worker,
)

IDENTITY = Identity(load_ranges())


@pytest.fixture(
    scope="module", params=[nginx, caddy, express, edge_function, worker], ids=lambda one: one.__name__
)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    with started(request.param) as found:
        yield found


@pytest.mark.parametrize(
    ("path", "agent", "expected"),
    [
        ("/page?a=1", BOT, (200, "", "prerendered")),
        ("/gone", BOT, (404, "", "prerendered")),
        ("/moved", BOT, (301, "https://example.com/new", "")),
        ("/none", BOT, (200, "", "the site")),
        ("/broken", BOT, (200, "", "the site")),
        ("/page", PERSON, (200, "", "the site")),
        ("/logo.png", BOT, (200, "", "the site")),
    ],
)
def test_what_is_handed_on(url: str, path: str, agent: str, expected: tuple[int, str, str]) -> None:
    found = get(url, path, agent)
    assert (found.status, found.headers.get("location", "")) == expected[:2]
    assert expected[2] in found.body


@pytest.mark.parametrize("url", [nginx, caddy, worker], indirect=True, ids=lambda one: one.__name__)
@pytest.mark.parametrize("path", ["/none?a=1&b=%2F", "/a%2Fb/%C3%A9/broken", "/robots.txt"])
def test_what_crawlight_does_not_answer_reaches_the_site_as_it_came(url: str, path: str) -> None:
    SITE_ASKED.clear()
    assert get(url, path, BOT).body == "the site"
    (asked,) = SITE_ASKED
    assert asked == path


@pytest.mark.parametrize("agent", [BOT, PERSON])
@pytest.mark.parametrize(
    "path",
    [
        "/robots.txt",
        "/sitemap.xml",
        "/blog/post-sitemap2.xml",
        "/sitemap.xml.gz",
        "/llms.txt",
        "/a/llms-full.txt",
    ],
)
def test_robots_data_is_asked_for_whoever_comes(url: str, path: str, agent: str) -> None:
    ASKED.clear()
    found = get(url, path, agent)
    assert [asked["path"].partition("//")[2] for asked in ASKED] == [f"example.com{path}"]
    assert ASKED[0]["user-agent"] == agent
    if path == "/llms.txt":
        assert (found.body, found.headers.get_content_type()) == ("hosted", "text/plain")
    if path == "/robots.txt":
        assert found.body == "the site"


def test_markdown_is_asked_for_whoever_comes(url: str) -> None:
    found = get(url, "/page", PERSON, accept="text/markdown, text/html;q=0.9")
    assert (found.body, found.headers.get_content_type()) == ("# Prerendered", "text/markdown")


@pytest.mark.parametrize("path", ["/logo.png", "/notes.txt", "/feed.xml", "/robots.txt.js"])
def test_assets_are_not_asked_for(url: str, path: str) -> None:
    ASKED.clear()
    assert get(url, path, BOT, accept="text/markdown").body == "the site"
    assert not ASKED


def test_what_is_told(url: str) -> None:
    ASKED.clear()
    get(url, "/page?a=1&b=2", BOT, accept="text/html")
    (asked,) = ASKED
    assert asked["path"].endswith("example.com/page")
    assert asked["query"] == "a=1&b=2"
    assert asked["user-agent"] == BOT
    assert asked["accept"] == "text/html"
    assert asked["authorization"] == "Bearer YOUR_KEY"
    assert asked["x-crawlight-redirects"] == "manual"


@pytest.mark.parametrize("url", [express, edge_function, worker], indirect=True, ids=lambda one: one.__name__)
def test_a_path_in_crawlights_url_is_kept(url: str) -> None:
    ASKED.clear()
    get(url, "/page", BOT)
    assert ASKED[0]["endpoint"] == f"{BASE}/v1/render"


def test_without_a_further_proxy_it_is_the_one_that_connected(url: str) -> None:
    ASKED.clear()
    get(url, "/page", BOT, cf_connecting_ip="127.0.0.1")
    assert IDENTITY.visitor(ASKED[0]["x-hadoseo-client-ip"]).endswith("127.0.0.1")


@pytest.mark.parametrize(
    ("forwarded", "visitor"),
    [
        ("66.249.66.1", "66.249.66.1"),
        ("66.249.66.1, 172.68.1.1", "66.249.66.1"),
        ("66.249.66.1, 9.9.9.9", "9.9.9.9"),
        ("2001:4860:4801:10::5, 10.0.0.2", "2001:4860:4801:10::5"),
    ],
)
def test_behind_a_further_proxy_the_visitors_address_is_passed_on(
    url: str, forwarded: str, visitor: str
) -> None:
    """The one that calls the recipe's server, from loopback, is the further proxy."""
    ASKED.clear()
    get(url, "/page", BOT, x_forwarded_for=forwarded, cf_connecting_ip="127.0.0.1")
    assert IDENTITY.visitor(ASKED[0]["x-hadoseo-client-ip"]) == visitor
