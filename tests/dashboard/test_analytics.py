"""Overview, analytics, bots and live, as everybody; and their twins."""

import csv
import io
import re
import time
from datetime import datetime, timedelta
from typing import Any

import anyio
import httpx2
import msgspec
import pytest
from sqlalchemy import update

from crawlight.accounts.people import find_account
from crawlight.accounts.scope import scope_of
from crawlight.analytics.latest import LatestCrawl
from crawlight.bots.crowds import Crowd
from crawlight.bots.lists import Ranges, shipped
from crawlight.crawls.crowding import Crowded, Crowds
from crawlight.dashboard import live
from crawlight.database.tables import Page
from crawlight.domains.pages import mark_gone, record_audit
from crawlight.domains.registry import find_domain, unshare_domain
from crawlight.kit import clock
from crawlight.kit.periods import PERIODS
from tests.dashboard.conftest import House, email_of
from tests.records import Record, insert

pytestmark = pytest.mark.anyio

PAGES = ["/domains/example.com", "/domains/example.com/bots/openaibot", "/domains/example.com/live"]
ANALYTICS = "/domains/example.com/analytics"
TWINS = [
    f"/domains/example.com/analytics/{name}.{kind}"
    for name in (
        "totals",
        "timeline",
        "bots",
        "measured",
        "formats",
        "answers",
        "pages",
        "referrals",
        "referred-pages",
    )
    for kind in ("json", "csv")
]
TWINS += ["/domains/example.com/live.json", "/domains/example.com/live.csv"]
GPT = {"agent": "GPTBot", "key": "openaibot", "category": "ai_training"}


@pytest.fixture
async def crawled(house: House) -> House:
    """Crawls of today by two bots, a spoofed one, one of the window before, and a visit from an assistant."""
    scope = await scope_of(
        house.services.database, (await find_account(house.services.database, email_of("owner"))).id
    )
    (domain,), now = scope.domains, clock.now()
    store = house.services.store
    for table in (
        "records",
        "daily",
        "daily_agents",
        "pages_daily",
        "pages_monthly",
        "page_keys_monthly",
        "referrals_daily",
        "measured_daily",
    ):
        await store.run(store.command, f"TRUNCATE TABLE {table}")
    rows = [
        Record(domain.id, now, path="/a", outcome="hit"),
        Record(domain.id, now, path="/=b", outcome="miss", status=404),
    ]
    rows += [
        Record(domain.id, now, path="/a", bytes=18_000, milliseconds=1_500, **GPT),
        Record(domain.id, now, path="/a", identity="spoofed", **GPT),
    ]
    rows += [Record(domain.id, now - timedelta(days=30), path="/a", **GPT) for _ in range(2)]
    rows += [Record(domain.id, now, kind="referral", agent="ChatGPT", key="", category="other", path="/a")]
    await store.run(insert, store, rows)
    return house


@pytest.mark.parametrize("path", [*PAGES, *TWINS])
async def test_who_may_see_a_domain_sees_its_numbers(crawled: House, path: str) -> None:
    found = {who: (await crawled.get(who, path)).status_code for who in crawled.browsers}
    signed_out = 401 if path.endswith((".json", ".csv")) else 303
    assert found == {"owner": 200, "manager": 200, "viewer": 200, "stranger": 404, "nobody": signed_out}


async def test_the_overview_shows_own_and_shared_domains(crawled: House) -> None:
    for who in ("owner", "manager", "viewer"):
        text = (await crawled.get(who, "/")).text
        assert "example.com" in text
        assert f'<span class="badge">{who}</span>' in text
        assert "stranger.example" not in text
    assert "example.com</a>" not in (await crawled.get("stranger", "/")).text.replace(
        "stranger.example</a>", ""
    )
    (row,) = (await crawled.get("owner", "/overview.json")).json()
    assert (row["domain"], row["crawls"], row["change"], row["hitRate"]) == ("example.com", 3, 0.5, 50)
    assert sum(row["days"]) == 3
    header, line = csv.reader(io.StringIO((await crawled.get("owner", "/overview.csv")).text))
    assert dict(zip(header, line, strict=True))["crawls"] == "3"


@pytest.mark.parametrize("period", PERIODS)
async def test_export_all_is_the_document_of_the_api_on_every_plan(crawled: House, period: str) -> None:
    answer = await crawled.get("owner", f"/export.json?period={period}")
    by_command = httpx2.Response(200, content=await crawled.services.export(email_of("owner"), period))
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.json() | {"generatedAt": ""} == by_command.json() | {"generatedAt": ""}
    assert (await crawled.get("stranger", "/export.json")).json()["domains"][0][
        "domain"
    ] == "stranger.example"
    assert (await crawled.get("nobody", "/export.json")).status_code == 401


async def twin(house: House, name: str, **query: str) -> object:
    return (
        await house.browsers["viewer"].get(f"/domains/example.com/analytics/{name}.json", params=query)
    ).json()


async def test_the_twins_say_what_the_page_says(crawled: House) -> None:
    totals = await twin(crawled, "totals")
    assert (totals["now"]["crawls"], totals["before"]["crawls"], totals["now"]["spoofed"]) == (3, 2, 1)
    lines = {line["name"]: line["total"] for line in (await twin(crawled, "timeline"))["lines"]}
    assert lines == {"googlebot": 2, "openaibot": 1}
    assert {row["bot"]: row["crawls"] for row in await twin(crawled, "bots")} == lines
    assert {(row["path"], row["crawls"]) for row in await twin(crawled, "pages")} == {("/a", 2), ("/=b", 1)}
    assert (await twin(crawled, "referrals"))["assistants"] == [["ChatGPT", 1]]
    text = (await crawled.get("viewer", "/domains/example.com")).text
    assert "ChatGPT" in text
    assert "1 spoofed" in text
    assert ">66.7%<" in text
    rows = csv.reader(io.StringIO((await crawled.get("viewer", f"{ANALYTICS}/referred-pages.csv")).text))
    assert list(rows) == [["path", "visits"], ["/a", "1"]]


async def test_a_day_is_shown_by_its_hours_and_a_week_by_its_days(crawled: House) -> None:
    day, week = await twin(crawled, "timeline", period="1d"), await twin(crawled, "timeline", period="7d")
    assert (day["hours"], week["hours"]) == (True, False)
    assert (len(week["dates"]), week["dates"][-1]) == (7, clock.now().date().isoformat())
    hours = {line["name"]: dict(zip(day["dates"], line["counts"], strict=True)) for line in day["lines"]}
    ((hour, crawls),) = [one for one in hours["googlebot"].items() if one[1]]
    assert abs(datetime.fromisoformat(hour) - clock.now()) < timedelta(hours=2)
    assert crawls == 2
    page = (await crawled.get("viewer", "/domains/example.com?period=1d")).text
    assert "Crawls per hour" in page
    assert f'<th scope="row">{hour[11:16]}</th>' in page


async def test_a_bot_shows_its_sizes_and_times_and_what_nobody_measured_is_unknown(crawled: House) -> None:
    rows = await twin(crawled, "measured", bot="openaibot")
    assert [row["agent"] for row in rows] == ["", "GPTBot"]
    for row in rows:
        assert (row["bytes"]["crawls"], row["milliseconds"]["crawls"]) == (1, 1)
        assert row["bytes"]["median"] == row["bytes"]["p95"] == pytest.approx(18_000, rel=0.045)
    page = (await crawled.get("viewer", "/domains/example.com/bots/openaibot")).text
    assert ">1.5 s<" in page
    assert "unknown" not in page.partition("measured-title")[2].partition("</section>")[0]
    nothing = {"crawls": 0, "median": None, "p95": None}
    assert await twin(crawled, "measured", bot="googlebot") == [
        {"agent": "", "bytes": nothing, "milliseconds": nothing}
    ]
    page = (await crawled.get("viewer", "/domains/example.com/bots/googlebot")).text
    assert page.partition("measured-title")[2].partition("</section>")[0].count(">unknown<") == 4


async def test_asked_and_served_is_about_crawls_that_came_here(crawled: House) -> None:
    assert await twin(crawled, "formats") == []
    assert "formats-title" not in (await crawled.get("viewer", "/domains/example.com")).text
    domain = await find_domain(crawled.services.database, "example.com")
    user = {"agent": "Claude-User", "key": "anthropicbot", "category": "ai_user", "source": "render"}
    rows = [Record(domain.id, clock.now(), asked_markdown=True, format="markdown", **user)] * 2
    rows += [Record(domain.id, clock.now(), asked_markdown=True, format="html", **user)]
    rows += [Record(domain.id, clock.now(), format="html", **user | {"source": "proxy"})]
    rows += [Record(domain.id, clock.now(), format="html", source="render", **GPT)] * 9
    await crawled.services.store.run(insert, crawled.services.store, rows)
    assert await twin(crawled, "formats") == [
        {
            "agent": "Claude-User",
            "askedMarkdown": {"markdown": 2, "html": 1, "other": 0},
            "askedHtml": {"markdown": 0, "html": 1, "other": 0},
        },
        {
            "agent": "GPTBot",
            "askedMarkdown": {"markdown": 0, "html": 0, "other": 0},
            "askedHtml": {"markdown": 0, "html": 9, "other": 0},
        },
    ]
    (only,) = await twin(crawled, "formats", bot="anthropicbot")
    assert only["agent"] == "Claude-User"
    page = (await crawled.get("viewer", "/domains/example.com")).text
    part = page.partition("formats-title")[2].partition("</section>")[0]
    assert part.index("Claude-User") < part.index("GPTBot")
    assert '<rect class="f-mm" x="0.00" width="50.00" height="6"/>' in part


async def test_the_most_crawled_pages_are_those_of_the_export(crawled: House) -> None:
    """Crawlers without a key are in neither; a filter shows what they crawled."""
    seo = {"agent": "AhrefsBot", "key": "", "category": "seo"}
    domain = await find_domain(crawled.services.database, "example.com")
    await record_audit(crawled.services.database, domain.id, "/a", 92, 1)
    rows = [Record(domain.id, clock.now(), path="/=b", **seo) for _ in range(5)]
    await crawled.services.store.run(insert, crawled.services.store, rows)
    (exported,) = (await crawled.get("viewer", "/export.json")).json()["domains"]
    pages = await twin(crawled, "pages")
    score = {"seoScore": 92, "seoIssuesCount": 1}
    assert pages[0] == {"path": "/a", "crawls": 2, **score, "gone": False, "status": None}
    assert [f"https://example.com{page['path']}" for page in pages] == [
        page["url"] for page in exported["topPages"]
    ]
    assert [page["crawls"] for page in pages] == [page["botTotal"] for page in exported["topPages"]]
    assert "25 bots that have a key" in (await crawled.get("viewer", "/domains/example.com")).text
    filtered = await twin(crawled, "pages", category="seo")
    assert [(page["path"], page["crawls"]) for page in filtered] == [("/=b", 5)]
    rows = csv.reader(io.StringIO((await crawled.get("viewer", f"{ANALYTICS}/pages.csv")).text))
    assert next(rows) == ["path", "crawls", "seo_score", "seo_issues_count", "gone", "status"]


async def test_a_page_that_is_gone_has_no_score(crawled: House) -> None:
    database = crawled.services.database
    domain = await find_domain(database, "example.com")
    await record_audit(database, domain.id, "/a", 0, 1)
    exported = (await crawled.get("viewer", "/export.json")).json()["domains"][0]["topPages"]
    await mark_gone(database, domain.id, "/a")
    async with database.write() as session:
        await session.execute(update(Page).where(Page.path == "/a").values(status=410))
    text = (await crawled.get("viewer", "/domains/example.com")).text
    part = text.partition("pages-title")[2].partition("</section>")[0]
    assert "gone (410)" in part
    assert (await twin(crawled, "pages"))[0]["gone"] is True
    assert (await crawled.get("viewer", "/export.json")).json()["domains"][0]["topPages"] == exported


async def test_what_was_not_there_before_is_new(crawled: House) -> None:
    """As on paper; a dash where nothing is known of before."""
    text = (await crawled.get("viewer", "/domains/example.com")).text
    assert re.search(r'data-label="Change">\s*<span class="change up">new</span>', text)
    text = (await crawled.get("viewer", "/domains/example.com?page=/a&period=90d")).text
    assert re.search(r'data-label="Change">\s*<span class="change">–</span>', text)
    assert ">new<" not in text


async def test_without_a_crawl_the_rest_is_there(crawled: House) -> None:
    store = crawled.services.store
    for table in ("records", "daily", "daily_agents", "pages_daily", "pages_monthly"):
        await store.run(store.command, f"TRUNCATE TABLE {table}")
    domain = await find_domain(crawled.services.database, "example.com")
    await record_audit(crawled.services.database, domain.id, "/a", 92, 1)
    text = (await crawled.get("viewer", "/domains/example.com")).text
    for told in ("No crawls in this period", "SEO health, now", "Visits from AI", ">ChatGPT<"):
        assert told in text
    assert "Most crawled pages" not in text


async def test_filters_go_along_and_what_knows_none_stands_back(crawled: House) -> None:
    text = (await crawled.get("viewer", "/domains/example.com?page=/a&period=7d")).text
    assert re.search(r'href="/domains/example.com/bots/openaibot\?period=7d&(amp;)?page=%2Fa"', text)
    for hidden in ("SEO health, now", "Visits from AI", "report.pdf"):
        assert hidden not in text


async def test_the_hit_rate_is_compared_in_points(crawled: House) -> None:
    now = clock.now() - timedelta(days=30)
    domain = await find_domain(crawled.services.database, "example.com")
    rows = [Record(domain.id, now, outcome=outcome) for outcome in ("hit", "miss", "miss", "miss")]
    await crawled.services.store.run(insert, crawled.services.store, rows)
    text = (await crawled.get("viewer", "/domains/example.com")).text
    assert re.search(r'50%\s*<span class="change up">\+25 points</span>', text)


async def test_filters_of_the_url_hold_for_the_page_and_its_twins(crawled: House) -> None:
    assert (await twin(crawled, "totals", bot="GPTBot"))["now"]["crawls"] == 1
    assert (await twin(crawled, "totals", page="/=*"))["now"]["crawls"] == 1
    assert (await twin(crawled, "totals", identity="spoofed"))["now"]["crawls"] == 1
    assert (await twin(crawled, "answers", status="4xx")) == [
        {"status": "4xx", "outcome": "miss", "crawls": 1}
    ]
    text = (await crawled.get("viewer", "/domains/example.com?status=4xx&period=7d")).text
    assert "Remove the filter status 4xx" in text
    assert "status=4xx" in text.partition("timeline.json")[2][:200]


async def test_a_page_filter_over_more_days_than_are_kept_says_so(crawled: House) -> None:
    path = "/domains/example.com?page=/a&period="
    assert "kept for 90 days" in (await crawled.get("viewer", path + "365d")).text
    assert "kept for 90 days" not in (await crawled.get("viewer", path + "30d")).text


async def test_the_bots_say_where_old_lists_leave_them_unchecked(
    crawled: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "of the operators' address lists are older than 14 days"
    fresh = [msgspec.structs.replace(one, confirmed=clock.now()) for one in shipped() if not one.proxies]
    monkeypatch.setattr(crawled.services.identity, "ranges", Ranges(fresh))
    assert told not in (await crawled.get("viewer", "/domains/example.com")).text
    old = msgspec.structs.replace(
        fresh[0], confirmed=clock.now() - timedelta(days=15), url="https://x.example"
    )
    crawled.services.identity.ranges.replace(old)
    assert f"1 {told}" in (await crawled.get("viewer", "/domains/example.com")).text


async def test_addresses_that_all_crawlers_share_are_told_to_those_who_see_the_domain(
    crawled: House,
) -> None:
    told = (
        "example.com: all crawlers seem to come from 10.0.0.2: the server in front of Crawlight does not pass"
    )
    (domain,) = (one for one in (await crawled.scope("owner")).domains if one.host == "example.com")
    crowds = Crowds(crawled.services.spool.folder)
    crowds.write({domain.id: Crowded("example.com", Crowd(("10.0.0.2",), 20, 20, True), time.time())})
    try:
        for who, path, shown in (
            ("viewer", "/", True),
            ("viewer", "/domains/example.com", True),
            ("stranger", "/", False),
        ):
            assert (told in (await crawled.get(who, path)).text) == shown
    finally:
        crowds.write({})
    assert told not in (await crawled.get("viewer", "/")).text


async def test_cells_of_the_csv_run_in_no_spreadsheet(crawled: House) -> None:
    store = crawled.services.store
    (ids,) = await store.run(store.columns, "SELECT max(domain_id) FROM records WHERE kind = 'referral'")
    await store.run(insert, store, [Record(ids[0], clock.now(), agent="=cmd()", key="", category="other")])
    text = (await crawled.get("viewer", "/domains/example.com/analytics/bots.csv")).text
    assert "'=cmd()" in text


async def test_a_bot_that_nobody_knows_is_not_found(crawled: House) -> None:
    assert (await crawled.get("owner", "/domains/example.com/bots/never-heard-of")).status_code == 404
    assert (await crawled.get("owner", "/domains/example.com/bots/quorabot")).status_code == 200
    text = (await crawled.get("owner", "/domains/example.com/bots/GPTBot")).text
    assert "OpenAI" in text
    assert "robots.txt" in text


async def test_a_domain_without_crawls_says_what_to_do(crawled: House) -> None:
    text = (await crawled.get("stranger", "/domains/stranger.example")).text
    assert 'href="/domains/stranger.example/start"' in text


async def test_a_part_that_does_not_exist_is_not_found(crawled: House) -> None:
    assert (await crawled.get("owner", "/domains/example.com/analytics/secrets.json")).status_code == 404


async def test_live_is_for_members_and_ends_with_the_server(crawled: House) -> None:
    for who, status in {"stranger": 404, "nobody": 401}.items():
        headers = {"accept": "text/event-stream"}
        answer = await crawled.get(who, "/domains/example.com/live/events", headers=headers)
        assert answer.status_code == status
    crawled.services.closing.set()
    answer = await crawled.get("viewer", "/domains/example.com/live/events")
    crawled.services.closing.clear()
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.startswith("retry: 1000\n\nevent: shown\ndata: [")
    shown = msgspec.json.decode(answer.text.partition("data: ")[2].partition("\n")[0])
    assert shown == (await crawled.get("viewer", "/domains/example.com/live.json")).json()
    assert len(shown) == 4


async def test_live_ends_for_who_is_no_member_any_more(
    crawled: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, look = anyio.Event(), live._latest

    async def noted(*of: Any) -> list[LatestCrawl] | None:
        looked.set()
        return await look(*of)

    monkeypatch.setattr(live, "_latest", noted)
    monkeypatch.setattr(live, "_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(live, "_ROUNDS", 10**9)
    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:
            # The answer of this client comes when the stream is at its end.
            group.start_soon(crawled.get, "viewer", "/domains/example.com/live/events")
            await looked.wait()
            await unshare_domain(crawled.services.database, "example.com", email_of("viewer"))
