"""What a page is made of is asked for again, and believed only where nothing speaks against it."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from msgspec.structs import replace

from crawlight.domains.settings import DomainSettings
from crawlight.domains.sites import Site
from crawlight.rendering.asking import Asker
from crawlight.rendering.inputs import SMALL, Input, MadeOf, digest_of, told_of
from tests.rendering.site import Site as Served

pytestmark = pytest.mark.anyio

HOST = "https://example.com"
LARGE = "// a script\n" * 4_000
SETTINGS = DomainSettings(allowed_networks=("127.0.0.0/8",), language="de")
HTML = {"content_type": "text/html"}


@pytest.fixture
async def asker(site: Served) -> AsyncIterator[Asker]:
    opened = Asker(Site(1, "example.com", site.url, 1, SETTINGS))
    yield opened
    await opened.close()


def put(site: Served, path: str, text: str, status: int = 200, **headers: str) -> list[web.Request]:
    """Put an answer at a path of the site; gives the requests for it."""
    asked: list[web.Request] = []
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    kind = (
        "text/javascript" if path.endswith(".js") else "text/html" if "." not in path else "application/json"
    )

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request)
        tag, since = request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")
        if (tag and tag == told.get("etag")) or (since and since == told.get("last-modified")):
            return web.Response(status=304, headers=told)
        return web.Response(text=text, status=status, content_type=kind, headers=told)

    site.pages[path] = answer
    return asked


def noted(path: str, text: str, **headers: str) -> Input:
    """What a render notes of such an answer."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    kind = "script" if path.endswith(".js") else "document" if "." not in path else "data"
    return Input(
        f"{HOST}{path}",
        kind,  # type: ignore[arg-type]
        200,
        digest_of(text.encode()),
        len(text),
        told=told_of({**told, "content-type": "text/html; charset=utf-8"}) if kind == "document" else {},
        etag=told.get("etag", ""),
        modified=told.get("last-modified", ""),
    )


async def why(asker: Asker, *inputs: Input, **changes: object) -> str:
    found = await asker.difference(replace(MadeOf(inputs, agent="Browser/1"), **changes))
    return "" if found is None else found.why


@pytest.mark.parametrize(
    "validator",
    [{"etag": '"1"'}, {"last_modified": "Mon, 15 Jun 2026 12:00:00 GMT"}, {}, {"etag": 'W/"1"'}],
    ids=["etag", "last-modified", "neither", "weak"],
)
async def test_what_is_the_same_is_known_by_whatever_tells_it(
    site: Served, asker: Asker, validator: dict[str, str]
) -> None:
    requests = put(site, "/a.js", LARGE, **validator)
    one = noted("/a.js", LARGE, **validator)
    assert await why(asker, one) == ""
    strong = bool(validator) and not validator.get("etag", "").startswith("W/")
    headers = requests[0].headers
    assert strong == ("If-None-Match" in headers or "If-Modified-Since" in headers)
    assert headers["User-Agent"] == "Browser/1"
    changed = {name: value.replace("1", "2", 1) for name, value in validator.items()}
    put(site, "/b.js", LARGE + "//", **changed)
    other = replace(one, url=f"{HOST}/b.js")
    assert await why(asker, other) == "script"


async def test_an_etag_that_changes_at_each_ask_says_nothing(site: Served, asker: Asker) -> None:
    put(site, "/a.js", LARGE, etag='"2"')
    assert await why(asker, noted("/a.js", LARGE, etag='"1"')) == ""


async def test_documents_and_data_need_not_be_believed(site: Served, asker: Asker) -> None:
    """A server whose ETag stays while its answer changes is found out, as they are asked for whole."""
    for path in ("/page", "/data.json"):
        put(site, path, "new", etag='"1"')
        assert await why(asker, noted(path, "old", etag='"1"')) in ("document", "data")
    # Large data is believed, unless it was seen to lie.
    large = "x" * (SMALL + 1)
    put(site, "/large.json", large + "y", etag='"1"')
    one = noted("/large.json", large, etag='"1"')
    assert await why(asker, one) == ""
    assert await why(asker, one, wrong=(one.url,)) == "data"


async def test_a_304_with_other_headers_is_another_answer(site: Served, asker: Asker) -> None:
    large = "x" * (SMALL + 1)
    one = noted("/page", large, etag='"1"', link="</a>; rel=preload")
    for headers, expected in (
        ({"etag": '"1"', "link": "</a>; rel=preload"}, ""),
        ({"etag": '"1"'}, ""),  # A 304 need not repeat it.
        ({"etag": '"1"', "x_robots_tag": "noindex"}, "headers"),
        ({"etag": '"1"', "link": "</b>; rel=preload"}, "headers"),
        ({"etag": '"1"', "last_modified": "Mon, 15 Jun 2026 12:00:00 GMT"}, "headers"),
    ):
        fresh = Asker(Site(1, "example.com", site.url, 1, SETTINGS))
        put(site, "/page", large, **headers)
        assert await why(fresh, one) == expected, headers
        await fresh.close()


async def test_headers_of_a_document_that_crawlers_get_matter(site: Served, asker: Asker) -> None:
    put(site, "/page", "text", x_robots_tag="noindex")
    assert await why(asker, noted("/page", "text")) == "headers"
    put(site, "/secret", "text", cache_control="private")
    assert await why(asker, noted("/secret", "text")) == "private"


async def test_a_page_is_asked_for_in_its_language_and_with_its_headers(site: Served, asker: Asker) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        said = (request.headers.get("Accept-Language"), request.headers.get("X-Shop"))
        return web.json_response(said, headers={"Vary": "Accept-Language"})

    site.pages["/api.json"] = answer
    one = replace(noted("/api.json", '["de", "1"]'), asked={"accept-language": "de", "x-shop": "1"})
    assert await why(asker, one) == ""
    assert await why(asker, replace(one, asked={"x-shop": "1"})) == "data"


async def test_redirects_lead_where_they_led(site: Served, asker: Asker) -> None:
    put(site, "/b.json", "{}")
    put(site, "/c.json", "{}")
    moved = replace(noted("/a.json", "{}"), final=f"{HOST}/b.json")

    async def redirect(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/b.json" if "x" not in request.query else "/c.json")

    site.pages["/a.json"] = redirect
    assert await why(asker, moved) == ""
    assert await why(asker, replace(moved, url=f"{HOST}/a.json?x=1")) == "redirect"
    assert await why(asker, replace(moved, final="")) == "redirect"
    assert await why(asker, replace(moved, url=f"{HOST}/b.json", final=f"{HOST}/c.json")) == "redirect"


@pytest.mark.parametrize("status", [204, 404, 410, 429, 500, 503])
async def test_no_error_is_taken_for_unchanged(site: Served, asker: Asker, status: int) -> None:
    put(site, "/page", "text", status, retry_after="120")
    found = await asker.difference(MadeOf((noted("/page", "text"),)))
    assert found is not None
    assert (found.why, found.status, found.retry_after) == ("status", status, "120")


async def test_a_404_that_was_there_may_stay(site: Served, asker: Asker) -> None:
    put(site, "/api.json", "none", 404)
    assert await why(asker, replace(noted("/api.json", "none"), status=404)) == ""
    assert await why(asker, noted("/api.json", "none")) == "status"


async def test_what_nobody_answers_is_not_unchanged(site: Served) -> None:
    for url, networks in (("http://127.0.0.1:9", ("127.0.0.0/8",)), (site.url, ())):
        asker = Asker(Site(1, "example.com", url, 1, DomainSettings(allowed_networks=networks)))
        assert await why(asker, noted("/page", "text")) == "unreachable"
        await asker.close()
    assert site.asked == []


async def test_what_never_changes_is_not_asked_for_unless_it_did(site: Served, asker: Asker) -> None:
    requests = put(site, "/index-4f3e2d1c.js", "old")
    one = replace(noted("/index-4f3e2d1c.js", "new"), fixed=True)
    assert await why(asker, one) == ""
    assert requests == []
    assert await why(asker, one, wrong=(one.url,)) == "script"


async def test_what_pages_share_is_asked_for_once_in_a_round(site: Served, asker: Asker) -> None:
    requests = put(site, "/a.js", LARGE)
    for _ in range(3):
        assert await why(asker, noted("/a.js", LARGE)) == ""
    assert len(requests) == asker.requests == 1
