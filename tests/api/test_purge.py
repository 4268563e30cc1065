from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import select

from crawlight.accounts.quotas import usage
from crawlight.database.tables import Account, Page
from crawlight.domains import pages
from crawlight.domains.settings import change_settings
from crawlight.ids import DomainId
from tests.api.conftest import PURGE, Site

pytestmark = pytest.mark.anyio


async def wanted(site: Site) -> list[tuple[int, str, str | None]]:
    query = select(Page.domain_id, Page.path, Page.wanted_reason).where(Page.wanted_at.is_not(None))
    async with site.services.database.read() as session:
        return sorted((number, path, reason) for number, path, reason in await session.execute(query))


async def used(site: Site, who: str) -> int:
    async with site.services.database.read() as session:
        account = await session.scalar(select(Account.id).where(Account.email == f"{who}@example.org"))
    assert account
    return await usage(site.services.database, account)


async def test_a_page_is_queued_with_the_answer_of_the_contract(site: Site) -> None:
    answer = await site.purge(domain="example.com", path="/about")
    assert answer.status_code == 200
    assert list(answer.json().items()) == [
        ("queued", True),
        ("path", "/about"),
        ("message", "Re-render job queued"),
    ]
    assert await wanted(site) == [(1, "/about", "purge")]
    assert await used(site, "owner") == 1


async def test_two_purges_that_wait_are_one_render(site: Site) -> None:
    for path in ("/a?b=1&a=2", "/a?a=2&b=1&utm_source=x", "/x/../a?a=2&b=1"):
        assert (await site.purge(domain="example.com", path=path)).json()["path"] == path
    assert await wanted(site) == [(1, "/a?a=2&b=1", "purge")]


async def test_parameters_that_the_domain_ignores_name_no_other_page(site: Site) -> None:
    await change_settings(site.services.database, DomainId(1), ignored_parameters=["sid"])
    answer = await site.purge(domain="example.com", path="/a?sid=9&b=1")
    assert answer.json()["path"] == "/a?sid=9&b=1"
    assert await wanted(site) == [(1, "/a?b=1", "purge")]


async def test_a_page_that_was_only_purged_is_not_known_yet(site: Site) -> None:
    await site.purge(domain="example.com", path="/new")
    assert await pages.seo_counts(site.services.database, [DomainId(1)]) == {}
    assert (await site.export()).json()["domains"][0]["seo"]["totalPages"] == 0


@pytest.mark.parametrize("domain", ["EXAMPLE.com", "www.example.com", "WWW.Example.Com", "example.com."])
async def test_the_domain_in_any_dress(site: Site, domain: str) -> None:
    assert (await site.purge(domain=domain, path="/")).status_code == 200


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 200), ("manager", 200), ("viewer", 403), ("stranger", 403)]
)
async def test_owners_and_managers_may_purge(site: Site, who: str, status: int) -> None:
    answer = await site.purge(who, domain="example.com", path="/")
    assert answer.status_code == status
    if status == 403:
        assert answer.json() == {"error": "domain_not_authorized"}
        assert await wanted(site) == []
        assert await used(site, who) == 0


async def test_a_domain_of_nobody_answers_like_one_of_somebody_else(site: Site) -> None:
    nobodys = await site.purge(domain="nobody.example", path="/")
    somebodys = await site.purge(domain="stranger.example", path="/")
    assert (nobodys.status_code, nobodys.content) == (somebodys.status_code, somebodys.content)


async def test_every_plan_may_purge(site: Site) -> None:
    answer = await site.purge("starter", domain="example.com", path="/")
    assert answer.json() == {"error": "domain_not_authorized"}


@pytest.mark.parametrize(
    "body",
    [
        {}, {"domain": "example.com"}, {"path": "/"}, {"domain": 1, "path": "/"}, {"domain": "example.com", "path": 1},
        {"domain": "example.com", "path": None}, {"domain": "example.com", "path": ""},
        {"domain": "example.com", "path": "about"}, {"domain": "example.com", "path": "https://example.com/"},
        {"domain": "example.com", "path": "/" + "x" * 2048}, {"domain": "example.com", "path": "/" + "é" * 1024},
        {"domain": "example.com", "path": "/a\nb"}, {"domain": "example.com", "path": "/\x00"},
        {"domain": "example.com", "path": "/\x7f"}, {"domain": ["example.com"], "path": "/"},
    ],
)  # fmt: skip
async def test_malformed_requests_change_nothing(site: Site, body: dict[str, object]) -> None:
    answer = await site.purge(**body)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    assert await wanted(site) == []
    assert await used(site, "owner") == 0


async def test_a_path_of_2048_bytes_is_fine(site: Site) -> None:
    assert (await site.purge(domain="example.com", path="/" + "x" * 2047)).status_code == 200


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"\xff"])
async def test_bodies_that_are_no_object(site: Site, body: bytes) -> None:
    assert (await site.post(PURGE, content=body)).json() == {"error": "invalid_request"}


async def test_the_order_of_refusals(site: Site) -> None:
    assert (await site.client.put(PURGE)).status_code == 405
    assert (await site.client.post(PURGE, content=b"{")).status_code == 401
    with time_machine.travel(datetime(2026, 6, 1, tzinfo=UTC), tick=False):
        for _ in range(60):
            answer = await site.post(PURGE, content=b"{")
        assert answer.status_code == 400
        assert (await site.post(PURGE, content=b"{")).status_code == 429


async def test_the_month_comes_after_the_domain(site: Site) -> None:
    async with site.services.database.write() as session:
        for account in await session.scalars(select(Account)):
            account.calls_per_month = 1
    assert (await site.purge(domain="example.com", path="/a")).status_code == 200
    answer = await site.purge(domain="example.com", path="/b")
    assert (answer.status_code, answer.json()["error"]) == (429, "rate_limit_exceeded")
    assert (await site.purge(domain="stranger.example", path="/b")).status_code == 403
    assert (await site.purge(domain="example.com", path="b")).status_code == 400
    assert (await site.export()).status_code == 429
    assert await wanted(site) == [(1, "/a", "purge")]
