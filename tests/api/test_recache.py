import httpx2
import pytest

from crawlight.domains.settings import change_settings
from crawlight.ids import DomainId
from tests.api.conftest import Site
from tests.api.test_purge import used, wanted

pytestmark = pytest.mark.anyio

RECACHE = "/recache"


async def recache(site: Site, who: str = "owner", /, **body: object) -> httpx2.Response:
    return await site.client.post(RECACHE, json={"prerenderToken": site.keys.get(who, who), **body})


@pytest.mark.parametrize("name", ["url", "urls"])
async def test_one_page_or_a_list(site: Site, name: str) -> None:
    answer = await recache(site, **{name: "https://www.example.com/a?b=1&a=2"})
    assert (answer.status_code, answer.json()) == (200, {"queued": 1})
    urls = ["https://example.com/x", "http://example.com/y?utm_source=z", "https://example.com/y"]
    assert (await recache(site, **{name: urls})).json() == {"queued": 2}
    assert await wanted(site) == [(1, "/a?a=2&b=1", "purge"), (1, "/x", "purge"), (1, "/y", "purge")]
    assert await used(site, "owner") == 2


async def test_the_key_may_be_in_the_header(site: Site) -> None:
    headers = {"X-Prerender-Token": site.keys["owner"]}
    answer = await site.client.post(RECACHE, json={"url": "https://example.com/"}, headers=headers)
    assert answer.status_code == 200


async def test_parameters_that_the_domain_ignores_name_no_other_page(site: Site) -> None:
    await change_settings(site.services.database, DomainId(1), ignored_parameters=["sid"])
    await recache(site, url="https://example.com/a?sid=9")
    assert await wanted(site) == [(1, "/a", "purge")]


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 200), ("manager", 200), ("viewer", 403), ("stranger", 403), ("nobody", 401)]
)
async def test_who_may(site: Site, who: str, status: int) -> None:
    answer = await recache(site, who, url="https://example.com/")
    assert answer.status_code == status
    assert len(await wanted(site)) == (status == 200)


async def test_all_or_nothing(site: Site) -> None:
    answer = await recache(site, urls=["https://example.com/", "https://stranger.example/"])
    assert (answer.status_code, answer.json()) == (403, {"error": "domain_not_authorized"})
    assert await wanted(site) == []
    assert await used(site, "owner") == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": []},
        {"url": 5},
        {"url": {}},
        {"url": "/page"},
        {"url": ["https://example.com/", None]},
        {"url": ["https://example.com/"] * 1_001},
        {"url": "https://user@example.com/"},
    ],
)
async def test_what_is_malformed(site: Site, body: dict[str, object]) -> None:
    answer = await recache(site, **body)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    assert await wanted(site) == []


async def test_a_body_that_is_no_object_or_too_long(site: Site) -> None:
    for body, status in ((b"[]", 400), (b"{", 400), (b" " * (1024 * 1024 + 1), 413), (b"", 401)):
        assert (await site.client.post(RECACHE, content=body)).status_code == status
