import errno
import json
import os
from datetime import UTC, datetime, timedelta

import httpx2
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from crawlight.accounts.keys import revoke_key
from crawlight.crawls.crowding import Crowds
from crawlight.database.engine import Database
from crawlight.database.tables import EventId
from crawlight.domains import event_ids
from crawlight.domains.registry import share_domain
from crawlight.domains.settings import change_settings
from crawlight.edge.endpoints.entries import MalformedEntryError, NoEntriesError, read_entries
from crawlight.kit import clock
from tests.api.conftest import Site

pytestmark = pytest.mark.anyio

CRAWL, REFERRAL = "/v1/event/crawl", "/v1/event/referral"
GPTBOT = (
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)"
)
CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
PAGE = {"url": "https://example.com/a", "userAgent": GPTBOT}


async def report(
    site: Site, *entries: dict[str, object], who: str = "owner"
) -> tuple[int, dict[str, object]]:
    answer = await site.post(CRAWL, who, json=list(entries))
    return answer.status_code, answer.json()


async def rows(site: Site, columns: str = "path") -> list[tuple[object, ...]]:
    await site.services.recorder.hand_over()
    await site.services.loading.load()
    found = site.services.store.columns(f"SELECT {columns} FROM records ORDER BY ts, path")
    return list(zip(*found, strict=True))


async def test_a_crawl_is_in_the_export(site: Site) -> None:
    answer = await site.post(CRAWL, json=PAGE | {"status": 200})
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "ignored": 0})
    assert answer.headers["ratelimit-limit"] == "6000"
    await rows(site)
    (domain,) = (await site.export(period="1d")).json()["domains"]
    assert domain["summary"]["totalCrawls"] == domain["botTotals"]["openaibot"] == 1
    assert domain["topPages"][0]["url"] == "https://example.com/a"
    assert domain["seo"]["totalPages"] == 1


async def test_every_member_reaches_the_record(site: Site) -> None:
    listed = "20.171.206.1"
    entry = PAGE | {"url": "http://WWW.Example.com:80/%7ea?b&a&utm_source=x#f", "ip": listed, "status": 404}
    entry |= {"bytes": 5120, "milliseconds": 41.2}
    assert await report(site, entry | {"time": clock.now().isoformat(), "id": "1"}) == (
        202,
        {"accepted": 1, "ignored": 0},
    )
    told = "path, agent, key, category, toString(kind), toString(identity), toString(outcome), status, toString(source)"
    assert await rows(site, told) == [
        ("/~a?a&b", "GPTBot", "openaibot", "ai_training", "crawl", "verified", "passthrough", 404, "event")
    ]
    told = "bytes, milliseconds, asked_markdown, content, robots_version, toString(format)"
    assert await rows(site, told) == [(5120, 42, False, 0, 0, "html")]


async def test_what_was_not_measured_is_0_and_the_name_tells_the_format(site: Site) -> None:
    pages = [PAGE, *(PAGE | {"url": f"https://example.com/{path}"} for path in ("b.md", "llms.txt"))]
    await report(site, *pages)
    assert await rows(site, "bytes, milliseconds, toString(format)") == [
        (0, 0, "html"),
        (0, 0, "markdown"),
        (0, 0, "other"),
    ]


@pytest.mark.parametrize("value", ["-1", "4294967296", "1e300", "-0.5", '"12"', "true", "[]", "1" + "0" * 30])
@pytest.mark.parametrize("member", ["bytes", "milliseconds"])
async def test_a_size_or_time_that_no_answer_has_is_refused(site: Site, member: str, value: str) -> None:
    refusal = {"error": "invalid_request", "reason": f"{member}: is a number from 0 to 4294967295"}
    bad = f'{json.dumps(PAGE)[:-1]}, "{member}": {value}}}'
    answer = await site.post(CRAWL, content=f"[{json.dumps(PAGE)}, {bad}]".encode())
    assert (answer.status_code, answer.json()) == (400, {**refusal, "index": 1})
    answer = await site.post(REFERRAL, content=bad.encode())
    assert (answer.status_code, answer.json()) == (400, {**refusal, "index": 0})
    assert await rows(site) == []


async def test_crawls_are_taken_of_domains_that_the_account_owns_or_manages(site: Site) -> None:
    for who, taken in {"owner": 1, "manager": 1, "viewer": 0, "stranger": 0, "starter": 0}.items():
        assert await report(site, PAGE, who=who) == (202, {"accepted": taken, "ignored": 1 - taken})
    assert len(await rows(site)) == 2


async def test_a_port_and_a_method_of_fetching_change_nothing(site: Site) -> None:
    told = [
        PAGE | {"url": "https://example.com:8443/a"},
        PAGE | {"url": "http://www.example.com:8080/b", "method": "get"},
        PAGE | {"method": "HEAD", "time": int(clock.now().timestamp() * 1000)},
        PAGE | {"method": None},
    ]
    assert await report(site, *told) == (202, {"accepted": 4, "ignored": 0})
    assert await rows(site) == [("/a",), ("/a",), ("/a",), ("/b",)]


async def test_what_is_no_crawl_is_ignored_and_counted(site: Site) -> None:
    now = clock.now()
    others = [
        {"url": "https://example.com/a", "userAgent": CHROME},
        {"url": "https://example.com/logo.png", "userAgent": GPTBOT},
        {"url": "https://sub.example.com/", "userAgent": GPTBOT},
        {"url": "https://example.com/" + "x" * 10_000, "userAgent": GPTBOT},
        PAGE | {"time": (now - timedelta(days=366, minutes=1)).timestamp()},
        PAGE | {"time": (now + timedelta(minutes=6)).isoformat()},
        {"url": "https://example.com/robots.txt", "userAgent": GPTBOT},
        {"url": "https://example.com/a", "userAgent": "curl/8.0"},
        PAGE | {"method": "POST"},
        PAGE | {"method": ""},
    ]
    assert await report(site, *others, PAGE) == (202, {"accepted": 1, "ignored": len(others)})
    kinds = [kind for (kind,) in await rows(site, "toString(kind)")]
    assert sorted(kinds) == ["crawl", "library", "robots"]
    (domain,) = (await site.export(period="1d")).json()["domains"]
    assert domain["summary"]["totalCrawls"] == 1


async def test_late_crawls_land_on_their_day(site: Site) -> None:
    now = clock.now()
    times = [
        now - timedelta(days=366) + timedelta(minutes=1),
        now - timedelta(days=3),
        now + timedelta(minutes=4),
    ]
    told = [PAGE | {"time": moment.isoformat()} for moment in times]
    told += [PAGE | {"time": int(times[1].timestamp())}, PAGE | {"time": times[1].timestamp()}]
    assert await report(site, *told) == (202, {"accepted": 5, "ignored": 0})
    await rows(site)
    days = site.services.store.columns("SELECT day, sum(crawls) FROM daily GROUP BY day ORDER BY day")
    expected = sorted({moment.astimezone(UTC).date() for moment in times})
    assert list(days[0]) == expected
    assert sum(days[1]) == 5


MALFORMED = [
    ({"userAgent": GPTBOT}, "Object missing required field `url`"),
    ({"url": "https://example.com/"}, "Object missing required field `userAgent`"),
    (3, "Expected `object`, got `int`"),
    (PAGE | {"url": "/a"}, "url: begins with http:// or https:// and a host"),
    (PAGE | {"url": 3}, "url: Expected `str`, got `int`"),
    (PAGE | {"userAgent": None}, "userAgent: Expected `str`, got `null`"),
    (PAGE | {"ip": "1.2.3"}, "ip: is an IPv4 or IPv6 address"),
    (PAGE | {"status": 99}, "status: is a number from 100 to 599"),
    (PAGE | {"status": "200"}, "status: Expected `int | null`, got `str`"),
    (PAGE | {"status": True}, "status: Expected `int | null`, got `bool`"),
    (PAGE | {"id": ""}, "id: has 1 to 128 characters"),
    (PAGE | {"id": "x" * 129}, "id: has 1 to 128 characters"),
    (PAGE | {"method": 7}, "method: Expected `str | null`, got `int`"),
    (PAGE | {"id": 7}, "id: Expected `str | null`, got `int`"),
    (PAGE | {"time": "2026-06-29 noon"}, "time: is RFC 3339"),
    (PAGE | {"time": "2026-06-29T12:00:00"}, "time: is RFC 3339"),
    (PAGE | {"time": 10**400}, "time: is RFC 3339"),
    (PAGE | {"time": []}, "time: Expected `int | float | str | null`, got `array`"),
]


async def test_a_malformed_entry_is_named_and_nothing_is_taken(site: Site) -> None:
    for entry, reason in MALFORMED:
        answer = await site.post(CRAWL, json=[PAGE, PAGE, entry, PAGE])
        body = answer.json()
        assert answer.status_code == 400
        assert list(body) == ["error", "index", "reason"]
        assert (body["error"], body["index"]) == ("invalid_request", 2)
        assert body["reason"].startswith(reason)
        if isinstance(entry, dict):
            alone = await site.post(CRAWL, json=entry)
            assert (alone.status_code, alone.json()["index"]) == (400, 0)
    assert await rows(site) == []


async def test_a_body_without_entries_is_refused(site: Site) -> None:
    for body in (b"", b"{", b"3", b'"x"', b"null", b"\xff", b'{"url"'):
        answer = await site.post(CRAWL, content=body)
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
        assert answer.headers["x-crawlight-reason"]
    assert (await site.post(CRAWL, content=b"[" * 100_000)).status_code == 400


async def test_an_array_has_at_most_a_thousand_entries(site: Site) -> None:
    assert (await report(site))[1] == {"accepted": 0, "ignored": 0}
    assert (await report(site, *[PAGE] * 1000))[1] == {"accepted": 1000, "ignored": 0}
    status, body = await report(site, *[PAGE] * 1001)
    assert (status, body["index"]) == (400, 1000)


async def test_a_body_over_its_bound_is_refused_unread(site: Site) -> None:
    answer = await site.post(CRAWL, content=b" " * (16 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()) == (413, {"error": "payload_too_large"})
    answer = await site.post(REFERRAL, content=b" " * (64 * 1024 + 1))
    assert answer.status_code == 413


@pytest.mark.parametrize("path", [CRAWL, REFERRAL])
async def test_the_order_of_refusals(site: Site, path: str) -> None:
    answer = await site.client.get(path)
    assert (answer.status_code, answer.json()) == (405, {"error": "method_not_allowed"})
    assert answer.headers["allow"] == "POST"
    answer = await site.client.post(path, content=b"{")
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_api_key"})
    assert answer.headers["x-request-id"]
    by_header = {"x-api-key": site.keys["owner"]}
    answer = await site.client.post(path, content=b"{", headers=by_header)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    assert "access-control-allow-origin" not in answer.headers


async def test_a_revoked_key_and_a_lost_role_end_at_once(site: Site) -> None:
    database = site.services.database
    assert (await report(site, PAGE, who="manager"))[1] == {"accepted": 1, "ignored": 0}
    await share_domain(database, "example.com", "manager@example.org", "viewer")
    assert (await report(site, PAGE, who="manager"))[1] == {"accepted": 0, "ignored": 1}
    assert (await report(site, PAGE))[0] == 202
    await revoke_key(database, site.keys["owner"])
    assert await report(site, PAGE) == (401, {"error": "invalid_api_key"})


async def test_what_another_process_changes_shows_at_the_next_look(site: Site) -> None:
    assert (await report(site, PAGE))[0] == 202
    other = await Database.open(site.services.settings.database_url)
    await revoke_key(other, site.keys["owner"])
    await other.close()
    await site.services.edge.directory.look()
    assert (await report(site, PAGE))[0] == 401


async def test_reports_are_taken_while_the_database_is_away(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await report(site, PAGE))[0] == 202

    def away() -> None:
        raise OSError("away")

    monkeypatch.setattr(site.services.database, "read", away)
    assert await report(site, PAGE) == (202, {"accepted": 1, "ignored": 0})


async def test_before_anybody_is_known_it_is_to_be_tried_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OSError("away")

    monkeypatch.setattr(site.services.database, "read", away)
    answer = await site.post(CRAWL, json=PAGE)
    assert (answer.status_code, answer.json()) == (503, {"error": "unavailable"})
    assert int(answer.headers["retry-after"]) > 0


async def test_parameters_that_a_domain_ignores_make_no_other_page(site: Site) -> None:
    await change_settings(site.services.database, 1, ignored_parameters=["session"])
    await report(site, PAGE | {"url": "https://example.com/a?session=1&b=2"})
    assert await rows(site) == [("/a?b=2",)]


async def test_each_call_has_a_limit_of_its_own(site: Site) -> None:
    for _ in range(70):
        assert (await site.post(REFERRAL, json={"url": "https://example.com/"})).status_code == 204
    assert (await site.export()).headers["ratelimit-remaining"] == "59"
    answer = await site.post(CRAWL, json=PAGE)
    assert answer.headers["ratelimit-remaining"] == "5999"


async def test_over_the_limit_is_told_before_the_body_is_read(site: Site) -> None:
    for _ in range(6000):
        await site.services.limiter.hit(f"{CRAWL}/1", 6000)
    answer = await site.post(CRAWL, content=b"{")
    assert (answer.status_code, answer.json()) == (429, {"error": "rate_limit_exceeded"})
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert (await site.post(REFERRAL, json={"url": "https://example.com/"})).status_code == 204


async def test_an_id_counts_once_however_often_it_is_reported(site: Site) -> None:
    entry = PAGE | {"id": "request-1"}
    for _ in range(2):
        assert await report(site, entry, entry, PAGE | {"id": "request-2"}) == (
            202,
            {"accepted": 3, "ignored": 0},
        )
    assert len(await rows(site)) == 2
    await report(site, entry)
    assert len(await rows(site)) == 2
    other = [{"url": "https://stranger.example/a", "userAgent": GPTBOT, "id": "request-1"}]
    await report(site, *other, who="stranger")
    assert len(await rows(site)) == 3


async def test_an_id_is_remembered_for_seven_days(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = PAGE | {"id": "request-1"}
    await report(site, entry)
    assert len(await rows(site)) == 1
    for days, count in ((6.9, 1), (7.1, 2)):
        later = clock.now() + timedelta(days=days)
        monkeypatch.setattr(event_ids, "now", lambda later=later: later)
        await report(site, entry)
        assert len(await rows(site)) == count
    monkeypatch.setattr(event_ids, "now", lambda: clock.now() + timedelta(days=30))
    await event_ids.drop_expired(site.services.database)
    async with site.services.database.read() as session:
        assert (await session.scalars(select(EventId.owner))).all() == []


async def test_a_full_disk_is_told_and_to_be_tried_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fdatasync", full)
        answer = await site.post(CRAWL, json=PAGE)
    assert (answer.status_code, answer.json()) == (503, {"error": "unavailable"})
    assert int(answer.headers["retry-after"]) > 0
    assert "No space left on device" in (await site.client.get("/readyz")).json()["checks"]["spool"]
    assert await rows(site) == []
    assert "crawlight_spool_lost_records 0.0" in (await site.client.get("/metrics")).text
    assert (await report(site, PAGE))[0] == 202
    assert len(await rows(site)) == 1


async def visit(
    site: Site, url: str, referer: str | None, ua: str = CHROME, who: str = "owner"
) -> httpx2.Response:
    headers = {"user-agent": ua}
    return await site.post(REFERRAL, who, json={"url": url, "referer": referer}, headers=headers)


async def test_visits_from_assistants_are_kept_by_assistant_page_and_day(site: Site) -> None:
    for url, referer in [
        ("https://example.com/a?utm_source=chatgpt.com", None),
        ("https://www.example.com/a", "https://chatgpt.com/c/1"),
        ("https://example.com/b", "https://www.perplexity.ai/search?q=x"),
        ("https://example.com/b", "https://www.google.com/"),
        ("https://example.com/b", ""),
        ("https://example.com/logo.png", "https://chatgpt.com/"),
    ]:
        answer = await visit(site, url, referer)
        assert (answer.status_code, answer.content) == (204, b"")
    assert len(await rows(site)) == 3
    counted = site.services.store.columns(
        "SELECT assistant, path, sum(n) FROM referrals_daily INNER JOIN paths USING (domain_id, page)"
        " WHERE day = today() GROUP BY ALL ORDER BY ALL"
    )
    assert list(zip(*counted, strict=True)) == [("ChatGPT", "/a", 2), ("Perplexity", "/b", 1)]
    (domain,) = (await site.export(period="1d")).json()["domains"]
    assert domain["summary"]["totalCrawls"] == 0


async def test_a_visit_has_the_size_and_time_of_its_answer(site: Site) -> None:
    told = {
        "url": "https://example.com/a",
        "referer": "https://chatgpt.com/",
        "bytes": 7,
        "milliseconds": 0.2,
    }
    assert (await site.post(REFERRAL, json=told, headers={"user-agent": CHROME})).status_code == 204
    assert await rows(site, "bytes, milliseconds") == [(7, 1)]


async def test_crawlers_and_programs_are_no_visitors(site: Site) -> None:
    for ua in (GPTBOT, "curl/8.0", ""):
        assert (await visit(site, "https://example.com/a", "https://chatgpt.com/", ua)).status_code == 204
    assert await rows(site) == []


async def test_who_may_report_visits(site: Site) -> None:
    for who, status in {"owner": 204, "manager": 204, "viewer": 403, "stranger": 403, "starter": 403}.items():
        answer = await visit(site, "https://example.com/a", "https://chatgpt.com/", who=who)
        assert answer.status_code == status
        assert answer.content == (b"" if status == 204 else b'{"error":"domain_not_authorized"}')
    assert len(await rows(site)) == 2


async def test_a_malformed_visit_is_refused(site: Site) -> None:
    for body in (b"", b"[]", b"{}", b'{"url": 3}', b'{"url": "/a"}', b'{"url": "https://"}', b"\xff"):
        answer = await site.post(REFERRAL, content=body)
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["url", "userAgent", "ip", "time", "id"]), inner)
    ),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=200)
@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    try:
        read_entries(body)
    except (NoEntriesError, MalformedEntryError):
        return


def test_times() -> None:
    def seconds(time: str) -> float | None:
        body = f'{{"url": "https://example.com/", "userAgent": "x", "time": {time}}}'
        return read_entries(body.encode())[0][1]

    noon = datetime(2026, 6, 29, 12, tzinfo=UTC).timestamp()
    assert seconds('"2026-06-29T12:00:00Z"') == seconds('"2026-06-29T14:00:00+02:00"') == noon
    assert seconds(str(noon)) == seconds(str(int(noon))) == noon
    assert seconds(str(int(noon) * 1000)) == seconds(f"{noon * 1000}") == noon
    assert seconds(str(int(noon) * 1000 + 250)) == noon + 0.25
    assert seconds("null") is None


def fresh_lists(site: Site) -> None:
    """Have the operators' lists as young as a refresh makes them, so that they refute."""
    ranges = site.services.identity.ranges
    for listing in ranges.listings():
        if listing.prefixes and not listing.proxies:
            confirmed = clock.now() - timedelta(days=1)
            ranges.replace(msgspec.structs.replace(listing, since=confirmed, confirmed=clock.now()))


@pytest.mark.parametrize(
    ("ip", "identity"),
    [
        ("20.171.206.1, 10.0.0.2", "verified"),
        ("20.171.206.1:4711", "verified"),
        ("[::ffff:20.171.206.1]:4711", "verified"),
        ("66.66.66.66, 20.171.206.1, 172.68.1.1", "verified"),
        ("banana, 20.171.206.1", "verified"),
        ("20.171.206.1, 8.8.8.8", "spoofed"),
        ("8.8.8.8", "spoofed"),
        ("20.171.206.1, unknown", "unchecked"),
        ("10.0.0.2", "unchecked"),
        ("172.68.1.1", "unchecked"),
        ("203.0.113.9", "unchecked"),
        ("8.8.8.0", "unchecked"),
    ],
)
async def test_the_address_may_be_a_list(site: Site, ip: str, identity: str) -> None:
    fresh_lists(site)
    assert await report(site, PAGE | {"ip": ip}) == (202, {"accepted": 1, "ignored": 0})
    assert await rows(site, "toString(identity)") == [(identity,)]


BOTS = ("Googlebot/2.1", "bingbot/2.0", "GPTBot/1.3", "ClaudeBot/1.0")


async def test_an_address_of_all_crawlers_refutes_nobody_and_is_told(site: Site) -> None:
    fresh_lists(site)
    crowd = [PAGE | {"userAgent": bot, "ip": "93.184.216.34"} for bot in BOTS for _ in range(5)]
    impostor = PAGE | {"ip": "9.9.9.9", "url": "https://example.com/b"}
    assert (await report(site, *crowd, impostor))[0] == 202
    assert await rows(site, "path, toString(identity)") == [*[("/a", "unchecked")] * 20, ("/b", "spoofed")]
    told = (await site.client.get("/readyz")).json()["parts"]["addresses"]
    assert told == (
        "example.com: all crawlers seem to come from 93.184.216.34: the server in front of Crawlight does not pass"
        " on the visitor's address"
    )
    # Another that comes later is known from the start, also to a process that was not there.
    await report(site, PAGE | {"ip": "93.184.216.34", "url": "https://example.com/c"})
    assert (await rows(site, "path, toString(identity)"))[-1] == ("/c", "unchecked")
    crowds = Crowds(site.services.spool.folder)
    (domain,) = crowds.known()
    assert crowds.doubts(domain, "93.184.216.34")
    assert not crowds.doubts(domain, "9.9.9.9")
    assert not crowds.doubts(domain + 1, "93.184.216.34")
    # Once visitors' addresses come, it is over.
    genuine = [PAGE | {"userAgent": "GPTBot/1.3", "ip": "20.171.206.1"} for _ in range(60)]
    genuine += [PAGE | {"userAgent": "Googlebot/2.1", "ip": "66.249.66.1"} for _ in range(60)]
    await report(site, *genuine)
    await rows(site)
    assert (await site.client.get("/readyz")).json()["parts"]["addresses"] == "ok"
    assert crowds.known() == {}


async def test_a_private_address_of_all_crawlers_is_told(site: Site) -> None:
    await report(site, *[PAGE | {"userAgent": bot, "ip": "10.0.0.2"} for bot in BOTS for _ in range(5)])
    assert await rows(site, "DISTINCT toString(identity)") == [("unchecked",)]
    assert "seem to come from 10.0.0.2" in (await site.client.get("/readyz")).json()["parts"]["addresses"]
