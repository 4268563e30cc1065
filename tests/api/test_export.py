import asyncio
import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from crawlight.accounts.keys import create_key, revoke_key
from crawlight.accounts.people import create_account, find_account
from crawlight.accounts.quotas import usage
from crawlight.analytics.export import Exporter
from crawlight.bots.keys import BOT_KEYS
from crawlight.database.engine import Database
from crawlight.database.tables import Account, ApiKey
from crawlight.domains import pages
from crawlight.domains.registry import add_domain, share_domain
from crawlight.events.store import EventsStore, StoreError
from crawlight.ids import DomainId
from crawlight.kit.periods import PERIODS
from tests.api.conftest import EXPORT, Site
from tests.records import Record, insert

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 6, 29, 12, tzinfo=UTC)


async def used(site: Site, who: str = "owner") -> int:
    account = await find_account(site.services.database, f"{who}@example.org")
    return await usage(site.services.database, account.id)


async def test_the_members_stand_in_the_order_of_the_contract(site: Site) -> None:
    answer = await site.export()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert list(document) == ["generatedAt", "period", "userId", "domainCount", "domains"]
    (domain,) = document["domains"]
    assert list(domain) == [
        "domain", "domainId", "role", "summary", "botTotals", "botSeries", "topPages", "seo",
    ]  # fmt: skip
    assert list(domain["summary"]) == [
        "totalCrawls", "prerenders", "cachedViews", "cacheMisses", "cacheHitRate",
    ]  # fmt: skip
    assert list(domain["botTotals"]) == list(BOT_KEYS)
    assert all(list(day) == ["date", *BOT_KEYS] for day in domain["botSeries"])
    assert list(domain["seo"]) == ["good", "needsWork", "poor", "unknown", "totalPages", "totalIssues"]
    assert UUID(document["userId"])
    assert UUID(domain["domainId"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", document["generatedAt"])


async def test_a_domain_without_crawls_has_zeros(site: Site) -> None:
    (domain,) = (await site.export()).json()["domains"]
    assert domain["summary"] == {
        "totalCrawls": 0, "prerenders": 0, "cachedViews": 0, "cacheMisses": 0, "cacheHitRate": 0,
    }  # fmt: skip
    assert set(domain["botTotals"].values()) == {0}
    assert domain["topPages"] == []
    assert domain["seo"] == dict.fromkeys(domain["seo"], 0)


@time_machine.travel(NOW, tick=False)
async def test_the_numbers_of_a_small_site(site: Site) -> None:
    today = NOW - timedelta(hours=1)
    insert(
        site.services.store,
        [
            *[Record(ts=today, outcome="hit", path="/a")] * 3,
            Record(ts=today, outcome="miss", path="/b"),
            Record(ts=today - timedelta(days=29), agent="GPTBot", key="openaibot", path="/b?x=1"),
            Record(ts=today - timedelta(days=30), path="/too-old"),
            Record(ts=today, agent="AhrefsBot", key="", category="seo", path="/seo-only"),
            Record(ts=today, identity="spoofed", path="/spoofed"),
            Record(ts=today, kind="render", agent="", key="", identity="none", outcome="none"),
            Record(ts=today, kind="robots", outcome="none", path="/robots.txt"),
            Record(ts=today, domain_id=2, path="/of-a-stranger"),
        ],
    )
    await pages.record_audit(site.services.database, DomainId(1), "/b", score=92, issues=1)
    await pages.learn(site.services.database, DomainId(1), ["/a"])

    document = (await site.export()).json()
    assert document["generatedAt"] == "2026-06-29T12:00:00.000Z"
    (domain,) = document["domains"]
    assert domain["summary"] == {
        "totalCrawls": 6, "prerenders": 1, "cachedViews": 3, "cacheMisses": 1, "cacheHitRate": 75,
    }  # fmt: skip
    assert {key: n for key, n in domain["botTotals"].items() if n} == {"googlebot": 4, "openaibot": 1}
    assert [day["date"] for day in domain["botSeries"]][:: len(domain["botSeries"]) - 1] == [
        "2026-05-31",
        "2026-06-29",
    ]
    assert (domain["botSeries"][0]["openaibot"], domain["botSeries"][-1]["googlebot"]) == (1, 4)
    assert domain["topPages"] == [
        {"url": "https://example.com/a", "seoScore": None, "seoIssuesCount": 0, "botTotal": 3},
        {"url": "https://example.com/b", "seoScore": 92, "seoIssuesCount": 1, "botTotal": 1},
        {"url": "https://example.com/b?x=1", "seoScore": None, "seoIssuesCount": 0, "botTotal": 1},
    ]
    assert domain["seo"] == {
        "good": 1, "needsWork": 0, "poor": 0, "unknown": 1, "totalPages": 2, "totalIssues": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("period", "days"), PERIODS.items())
async def test_every_period_has_its_days(site: Site, period: str, days: int) -> None:
    document = (await site.export(period=period)).json()
    assert document["period"] == period
    assert len(document["domains"][0]["botSeries"]) == days


@pytest.mark.parametrize(
    ("now", "period", "first"),
    [
        ("2026-06-29T23:59:59.999Z", "1d", "2026-06-29"),
        ("2026-06-30T00:00:00Z", "1d", "2026-06-30"),
        ("2026-06-30T02:00:00+05:00", "1d", "2026-06-29"),
        ("2024-03-01T00:00:00Z", "7d", "2024-02-24"),
        ("2026-01-01T00:00:00Z", "7d", "2025-12-26"),
        ("2024-12-31T12:00:00Z", "365d", "2024-01-02"),
    ],
)
async def test_the_window_is_of_whole_utc_days(site: Site, now: str, period: str, first: str) -> None:
    with time_machine.travel(datetime.fromisoformat(now), tick=False):
        (domain,) = (await site.export(period=period)).json()["domains"]
    assert domain["botSeries"][0]["date"] == first


async def test_a_crawl_at_midnight_belongs_to_the_day_it_begins(site: Site) -> None:
    midnight = datetime(2026, 6, 29, tzinfo=UTC)
    insert(site.services.store, [Record(ts=midnight), Record(ts=midnight - timedelta(seconds=1))])
    with time_machine.travel(NOW, tick=False):
        (domain,) = (await site.export(period="7d")).json()["domains"]
    assert [day["googlebot"] for day in domain["botSeries"][-2:]] == [1, 1]


async def test_there_are_at_most_20_top_pages(site: Site) -> None:
    rows = [Record(ts=datetime.now(UTC), path=f"/{n:02}") for n in range(25) for _ in range(30 - n)]
    insert(site.services.store, rows)
    (domain,) = (await site.export()).json()["domains"]
    assert [page["botTotal"] for page in domain["topPages"]] == list(range(30, 10, -1))


@pytest.mark.parametrize(
    "body", [b"", b"  \n", b"{}", b'{"period": "30d"}', b'{"more": [1], "period": "30d"}']
)
async def test_bodies_that_mean_30_days(site: Site, body: bytes) -> None:
    answer = await site.post(EXPORT, content=body)
    assert (answer.status_code, answer.json()["period"]) == (200, "30d")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=x"]
)
async def test_any_content_type_will_do(site: Site, kind: str) -> None:
    answer = await site.post(EXPORT, content=b'{"period": "7d"}', headers={"Content-Type": kind})
    assert answer.json()["period"] == "7d"


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"[]", b'"30d"', b"null", b"7", b"\xff", b'{"period": null}', b'{"period": 30}', b'{"period": "30D"}',
        b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}", b'{"period": "\xff\xfe"}', b'{"\xff": 1}',
        b'{"period": ""}', b'{"period": "2d"}', b'{"period": ["30d"]}', b'{"period": "30d "}', b'{"period": NaN}',
    ],
)  # fmt: skip
async def test_malformed_requests_are_refused_and_cost_nothing(site: Site, body: bytes) -> None:
    answer = await site.post(EXPORT, content=body)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    assert answer.headers["x-crawlight-reason"]
    assert await used(site) == 0


@pytest.mark.parametrize(("size", "status"), [(64 * 1024, 200), (64 * 1024 + 1, 413)])
async def test_a_body_has_at_most_64_kib(site: Site, size: int, status: int) -> None:
    body = b'{"period": "1d", "x": "' + b"x" * size
    answer = await site.post(EXPORT, content=body[: size - 2] + b'"}')
    assert answer.status_code == status
    if status == 413:
        assert answer.json() == {"error": "payload_too_large"}


@pytest.mark.parametrize(
    "header",
    [
        None, "", "Bearer", "Bearer ", "Basic abc", "hado_sk_" + "0" * 48, "Bearer hado_sk_" + "0" * 48,
        "Bearer hado_sk_" + "0" * 47, "Bearer hado_sk_" + "G" * 48, "Bearer hado_sk_" + "é" * 48,
        "Bearer hado_sk_" + "0" * 100_000,
    ],
)  # fmt: skip
async def test_bad_keys_all_get_the_same_answer(site: Site, header: str | None) -> None:
    headers = {} if header is None else {b"Authorization": header.encode()}
    answer = await site.client.post(EXPORT, headers=headers, content=b"no json")
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_api_key"})
    assert answer.headers["x-crawlight-reason"] == "the key is missing, malformed, unknown or revoked"


async def test_a_revoked_key_stops_at_once(site: Site) -> None:
    assert (await site.export()).status_code == 200
    await revoke_key(site.services.database, site.keys["owner"])
    assert (await site.export()).json() == {"error": "invalid_api_key"}


async def test_plan_starter_may_not_export(site: Site) -> None:
    answer = await site.post(EXPORT, "starter", content=b"no json")
    assert (answer.status_code, answer.json()) == (403, {"error": "plan_upgrade_required"})
    assert await used(site, "starter") == 0


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_other_methods_are_refused_before_the_key(site: Site, method: str) -> None:
    answer = await site.client.request(method, EXPORT)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert "Allow names the methods" in answer.headers["x-crawlight-reason"]
    if method != "HEAD":
        assert answer.json() == {"error": "method_not_allowed"}


@pytest.mark.parametrize("who", ["owner", "manager", "viewer"])
async def test_everyone_sees_their_role(site: Site, who: str) -> None:
    (domain,) = (await site.export(who)).json()["domains"]
    assert (domain["domain"], domain["role"]) == ("example.com", who)


async def test_accounts_never_see_each_others_numbers(site: Site) -> None:
    now = datetime.now(UTC)
    insert(
        site.services.store,
        [Record(ts=now, path="/mine")] * 2 + [Record(domain_id=2, ts=now, path="/theirs")],
    )
    mine, theirs = [(await site.export(who)).json() for who in ("owner", "stranger")]
    assert [(d["domain"], d["summary"]["totalCrawls"]) for d in mine["domains"]] == [("example.com", 2)]
    assert [(d["domain"], d["summary"]["totalCrawls"]) for d in theirs["domains"]] == [
        ("stranger.example", 1)
    ]
    assert mine["userId"] != theirs["userId"]
    assert "stranger" not in json.dumps(mine)


async def test_domains_stand_in_order_and_are_counted(site: Site) -> None:
    for host in ("zzz.example", "app.example.com"):
        await add_domain(site.services.database, host, "owner@example.org")
    await share_domain(site.services.database, "stranger.example", "owner@example.org", "viewer")
    document = (await site.export()).json()
    hosts = ["app.example.com", "example.com", "stranger.example", "zzz.example"]
    assert [domain["domain"] for domain in document["domains"]] == hosts
    assert document["domainCount"] == 4


async def test_an_account_without_domains(site: Site) -> None:
    database, plans = site.services.database, site.services.settings.plans
    account = await create_account(database, plans, "new@example.org", plan="pro")
    site.keys["new"] = await create_key(database, plans, account.id, "test")
    document = (await site.export("new")).json()
    assert (document["domainCount"], document["domains"]) == (0, [])


async def test_only_answers_200_use_the_quota(site: Site) -> None:
    for body in (b"{}", b"no json", b"{}"):
        await site.post(EXPORT, content=body)
    assert await used(site) == 2


async def test_50_calls_at_the_edge_of_the_quota(site: Site) -> None:
    async with site.services.database.write() as session:
        await session.execute(
            update(Account).where(Account.email == "owner@example.org").values(calls_per_month=20)
        )
    answers = await asyncio.gather(*(site.export(period="1d") for _ in range(50)))
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(200), statuses.count(429)) == (20, 30)
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json() == {"error": "rate_limit_exceeded", "usage": 20, "limit": 20}
    assert 0 < int(refused.headers["retry-after"]) <= 31 * 86_400
    assert await used(site) == 20


async def test_the_quota_begins_anew_with_the_month(site: Site) -> None:
    with time_machine.travel(datetime(2026, 1, 31, 23, 59, 30, tzinfo=UTC), tick=False) as clock:
        await site.export()
        assert await used(site) == 1
        clock.move_to(datetime(2026, 2, 1, tzinfo=UTC))
        assert await used(site) == 0


async def test_the_61st_call_of_a_minute_is_refused(site: Site) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        for left in range(59, -1, -1):
            answer = await site.post(EXPORT, content=b"no json")
            assert answer.status_code == 400
            assert answer.headers["ratelimit-remaining"] == str(left)
        answer = await site.post(EXPORT, content=b"no json")
        assert answer.status_code == 429
        assert answer.json() == {"error": "rate_limit_exceeded", "usage": 0, "limit": 1500}
        limits = {name: answer.headers[f"ratelimit-{name}"] for name in ("limit", "remaining", "reset")}
        assert limits == {"limit": "60", "remaining": "0", "reset": "60"}
        assert answer.headers["retry-after"] == "60"
        clock.shift(59)
        assert (await site.export()).status_code == 429
        clock.shift(1)
        assert (await site.export()).status_code == 200


async def test_the_minute_comes_before_the_plan_and_the_plan_before_the_body(site: Site) -> None:
    with time_machine.travel(NOW, tick=False):
        for _ in range(60):
            assert (await site.post(EXPORT, "starter", content=b"x" * 70_000)).status_code == 403
        assert (await site.post(EXPORT, "starter", content=b"x" * 70_000)).status_code == 429


async def test_a_used_up_month_comes_after_the_body(site: Site) -> None:
    async with site.services.database.write() as session:
        await session.execute(update(Account).values(calls_per_month=0))
    assert (await site.post(EXPORT, content=b"no json")).status_code == 400
    assert (await site.post(EXPORT, content=b"x" * 70_000)).status_code == 413
    answer = await site.export()
    assert answer.json() == {"error": "rate_limit_exceeded", "usage": 0, "limit": 0}


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("br", False),
        ("identity", False),
    ],
)
async def test_answers_are_compressed_where_the_client_takes_it(
    site: Site, accepted: str, compressed: bool
) -> None:
    request = site.client.build_request(
        "POST", EXPORT, headers={"Authorization": f"Bearer {site.keys['owner']}", "Accept-Encoding": accepted}
    )
    answer = await site.client.send(request, stream=True)
    raw = b"".join([piece async for piece in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == ("gzip" if compressed else None)
    assert json.loads(gzip.decompress(raw) if compressed else raw)["period"] == "30d"
    assert answer.headers["vary"] == "Accept-Encoding"


async def test_every_answer_has_a_request_id_and_none_cors(site: Site) -> None:
    answers = [
        await site.export(),
        await site.client.post(EXPORT, headers={"Origin": "https://evil.example"}),
        await site.client.get("/nowhere"),
        await site.client.get(EXPORT),
    ]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 4
    assert not any(name.startswith("access-control") for answer in answers for name in answer.headers)
    assert (answers[2].status_code, answers[2].json()) == (404, {"error": "not_found"})
    assert answers[2].headers["x-crawlight-reason"] == "there is nothing at this address"


async def test_a_harmless_request_id_of_the_caller_is_kept(site: Site) -> None:
    for given, kept in [("abc-123", True), ("a b", False), ("x" * 65, False)]:
        answer = await site.client.get("/healthz", headers={"X-Request-Id": given})
        assert (answer.headers["x-request-id"] == given) is kept


async def test_a_store_that_is_away_is_told_and_costs_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The engine cannot be taken away from the process it runs in: its refusal is made here.

    def away(*_: object, **__: object) -> None:
        raise StoreError("connection refused")

    monkeypatch.setattr(EventsStore, "columns", away)
    answer = await site.export()
    assert (answer.status_code, answer.json()) == (503, {"error": "unavailable"})
    assert int(answer.headers["retry-after"]) > 0
    assert await used(site) == 0


async def test_a_fault_is_told_with_its_request_id(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> bytes:
        raise RuntimeError("boom")

    monkeypatch.setattr(Exporter, "export", fails)
    answer = await site.export()
    assert answer.status_code == 500
    assert answer.json() == {"error": "internal_error", "requestId": answer.headers["x-request-id"]}
    assert await used(site) == 0


async def test_a_body_that_is_said_to_be_too_large_is_not_waited_for(site: Site) -> None:
    answer = await site.post(EXPORT, content=b"{}", headers={"Content-Length": "100000"})
    assert (answer.status_code, answer.json()) == (413, {"error": "payload_too_large"})


async def test_a_database_that_is_away_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    # A database file cannot be taken away from under its connections: its refusal is made here.
    async def away(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    monkeypatch.setattr("crawlight.api.gate.authenticate", away)
    answer = await site.export()
    assert (answer.status_code, answer.json()) == (503, {"error": "unavailable"})
    assert answer.headers["x-crawlight-reason"] == "database away"


async def test_while_others_write_a_call_waits_no_longer_than_the_patience(site: Site) -> None:
    async def used() -> object:
        async with site.services.database.read() as session:
            return (await session.scalars(select(ApiKey.last_used_at).order_by(ApiKey.id))).first()

    site.services.database.patience = 0.05
    other = await Database.open(site.services.settings.database_url)
    async with other.write():
        answer = await site.export()
    await other.close()
    assert (answer.status_code, answer.json()) == (503, {"error": "unavailable"})
    assert answer.headers["retry-after"] == "5"
    assert await used() is None  # which a call waits for even less
    assert (await site.export()).status_code == 200
    assert await used() is not None


async def test_odd_methods_make_no_metrics_of_their_own(site: Site) -> None:
    await site.client.request("FOOBAR", "/healthz")
    page = (await site.client.get("/metrics")).text
    assert "FOOBAR" not in page
    assert 'method="other"' in page


async def test_monitors_may_ask_with_head(site: Site) -> None:
    for path in ("/healthz", "/readyz"):
        answer = await site.client.head(path)
        assert (answer.status_code, answer.content) == (200, b"")
