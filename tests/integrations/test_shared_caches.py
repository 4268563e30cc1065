"""A cache that people and crawlers share, before each recipe: everybody gets what is theirs, in any order."""

from collections.abc import Iterator

import pytest

from tests.integrations.recipes import (
    ASKED,
    BOT,
    PERSON,
    answers,
    caddy,
    edge_function,
    express,
    get,
    nginx,
    shared_cache,
    started,
    worker,
)

ON_A_SERVER = [nginx, caddy, express, worker]
"""The middleware of Vercel and Netlify cannot change what the site answers."""

OTHER_PERSON = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
)
OTHER_BOT = "Mozilla/5.0 (compatible; bingbot/2.0)"


@pytest.fixture(scope="module", params=[*ON_A_SERVER, edge_function], ids=lambda one: one.__name__)
def cache(request: pytest.FixtureRequest) -> Iterator[str]:
    with started(request.param) as url, shared_cache(url) as found:
        answers(found)
        yield found


@pytest.mark.parametrize("path", ["/page", "/moved", "/gone", "/deaf/page", "/deaf/moved", "/bare/page"])
def test_a_person_after_a_crawler_gets_the_app(cache: str, path: str) -> None:
    for _ in range(2):
        assert get(cache, f"{path}?1", BOT).body != "the site"
    for _ in range(2):
        assert get(cache, f"{path}?1", PERSON).body == "the site"


@pytest.mark.parametrize("path", ["/page", "/gone", "/bare/page"])
def test_a_crawler_after_a_person_gets_its_page(cache: str, path: str) -> None:
    for _ in range(2):
        assert get(cache, f"{path}?2", PERSON).body == "the site"
    for agent in (BOT, OTHER_BOT):
        assert get(cache, f"{path}?2", agent).body == "prerendered"


def test_markdown_and_html_are_kept_apart(cache: str) -> None:
    assert get(cache, "/page?3", PERSON).body == "the site"
    assert get(cache, "/page?3", PERSON, accept="text/markdown").body == "# Prerendered"
    assert get(cache, "/page?3", BOT).body == "prerendered"
    assert get(cache, "/page?3", PERSON, accept="text/html").body == "the site"


def test_what_crawlers_get_says_that_it_is_theirs(cache: str) -> None:
    for path in ("/page?4", "/gone?4", "/moved?4"):
        headers = get(cache, path, BOT).headers
        assert headers["cache-control"].startswith("private, ")
        vary = {name.strip().lower() for name in ",".join(headers.get_all("vary", [])).split(",")}
        assert {"user-agent", "accept", "accept-encoding"} <= vary
    assert get(cache, "/page?4", BOT).headers["cache-control"] == "private, max-age=300"


@pytest.mark.parametrize("cache", ON_A_SERVER, indirect=True, ids=lambda one: one.__name__)
def test_what_the_site_answers_a_crawler_is_not_kept_either(cache: str) -> None:
    ASKED.clear()
    assert get(cache, "/later", BOT).body == "the site"
    assert get(cache, "/later", BOT).body == "prerendered"
    assert get(cache, "/none", BOT).headers["cache-control"] == "private, max-age=600"
    assert get(cache, "/bare/none", BOT).headers["cache-control"] == "private, no-cache"
    assert get(cache, "/robots.txt", PERSON).headers["cache-control"] == "private, max-age=600"


def test_people_are_served_from_the_cache(cache: str) -> None:
    for state in ("MISS", "HIT"):
        found = get(cache, "/page?5", PERSON)
        assert (found.headers["x-cache"], found.headers["cache-control"]) == (state, "public, max-age=600")


def test_assets_are_kept_once_for_everybody(cache: str) -> None:
    states = [get(cache, "/logo.png", agent).headers["x-cache"] for agent in (PERSON, OTHER_PERSON, BOT)]
    assert states == ["MISS", "HIT", "HIT"]
