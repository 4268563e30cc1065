"""What the dashboard shows is what the export says, and with filters what a naive count finds."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.agents import bots
from crawlight.analytics.answers import answers
from crawlight.analytics.crawled import most_crawled
from crawlight.analytics.filters import Filters, compares, read_filters
from crawlight.analytics.formats import formats
from crawlight.analytics.latest import Recent, latest
from crawlight.analytics.page_names import PageNames
from crawlight.analytics.referrals import referrals
from crawlight.analytics.series import days_by_domain
from crawlight.analytics.timeline import NO_KEY, timeline
from crawlight.analytics.totals import totals
from crawlight.bots.keys import BOT_KEYS
from crawlight.events.store import EventsStore
from crawlight.kit.periods import Window
from tests.analytics.conftest import empty
from tests.analytics.test_series import TODAY, WINDOWS, moments
from tests.records import Record, insert

DOMAIN = ScopedDomain(1, UUID(int=1), "example.com", "owner", "example.com")
AGENTS = [
    ("Googlebot", "googlebot", "search"),
    ("GPTBot", "openaibot", "ai_training"),
    ("AhrefsBot", "", "seo"),
]
AGENTS += [("ChatGPT-User", "openaibot", "ai_user"), ("Slackbot", "slackbot", "social")]

records = st.builds(
    lambda agent, **rest: Record(agent=agent[0], key=agent[1], category=agent[2], **rest),
    agent=st.sampled_from(AGENTS),
    domain_id=st.integers(1, 2),
    ts=moments,
    kind=st.sampled_from(["crawl", "crawl", "crawl", "crawl", "render", "robots", "library"]),
    identity=st.sampled_from(["verified", "unverifiable", "unchecked", "spoofed"]),
    outcome=st.sampled_from(["hit", "miss", "passthrough", "redirect", "blocked"]),
    status=st.sampled_from([0, 200, 304, 404, 503]),
    source=st.sampled_from(["import", "render", "proxy"]),
    asked_markdown=st.booleans(),
    format=st.sampled_from(["none", "html", "markdown", "other"]),
    path=st.sampled_from(["/", "/blog/a", "/blog/b", "/b_og/a", "/100%", "/shop"]),
)
filters = st.builds(
    Filters,
    bot=st.sampled_from(["", "", "googlebot", "openaibot", "GPTBot", "AhrefsBot"]),
    category=st.sampled_from(["", "", "ai", "search", "seo"]),
    page=st.sampled_from(["", "", "/blog/*", "/b_og/*", "/100%", "*a"]),
    status=st.sampled_from(["", "", "2xx", "4xx"]),
    outcome=st.sampled_from(["", "", "hit"]),
    identity=st.sampled_from(["", "", "verified", "spoofed"]),
)


def about(row: Record, wanted: Filters) -> bool:
    """Whether a crawl is one that the filters let through: the naive way."""
    category = row.category.startswith("ai_") if wanted.category == "ai" else row.category == wanted.category
    return (
        (not wanted.bot or wanted.bot in (row.key, row.agent))
        and (not wanted.category or category)
        and (not wanted.page or fnmatchcase(row.path, wanted.page))
        and (not wanted.status or row.status // 100 == int(wanted.status[0]))
        and (not wanted.outcome or row.outcome == wanted.outcome)
        and (row.identity == wanted.identity if wanted.identity else row.identity != "spoofed")
    )


def counted(rows: list[Record], days: Window, wanted: Filters) -> list[Record]:
    mine = (row for row in rows if row.domain_id == 1 and row.kind == "crawl" and about(row, wanted))
    return [row for row in mine if days.first <= row.ts.date() <= days.last]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(records, max_size=80), filters, st.sampled_from(WINDOWS))
def test_numbers_are_those_of_a_naive_count(
    opened: EventsStore, rows: list[Record], wanted: Filters, days: Window
) -> None:
    empty(opened)
    insert(opened, rows)
    crawls, earlier = counted(rows, days, wanted), counted(rows, days.before, wanted)
    found = totals(opened, DOMAIN, days, wanted)
    assert (found.now.crawls, found.before.crawls) == (len(crawls), len(earlier))
    assert found.now.hits == sum(row.outcome == "hit" for row in crawls)
    assert found.now.ai == sum(row.category.startswith("ai_") for row in crawls)
    lines = timeline(opened, DOMAIN, days, wanted)
    form = "%Y-%m-%dT%H:00Z" if lines.hours else "%Y-%m-%d"
    assert lines.hours == (days.days == 1)
    by_day = Counter((row.key or NO_KEY, row.ts.strftime(form)) for row in crawls)
    told = {
        (line.name, day): n
        for line in lines.lines
        for day, n in zip(lines.dates, line.counts, strict=True)
        if n
    }
    assert told == by_day
    assert sum(line.total for line in lines.folded().lines) == len(crawls)
    got = {(one.status, one.outcome): one.crawls for one in answers(opened, DOMAIN, days, wanted)}
    assert got == Counter(
        (f"{row.status // 100}xx" if row.status else "unknown", row.outcome) for row in crawls
    )
    asked = Counter(
        (row.agent, row.asked_markdown, row.format if row.format in ("html", "markdown") else "other")
        for row in counted(rows, days.singles, wanted)
        if row.source in ("render", "proxy")
    )
    shown = {
        (one.agent, wish, got): n
        for one in formats(opened, DOMAIN, days, wanted)
        for wish, served in ((True, one.asked_markdown), (False, one.asked_html))
        for got, n in asdict(served).items()
        if n
    }
    assert shown == asked
    pages = dict(most_crawled(opened, PageNames(opened), DOMAIN, days, wanted))
    assert pages == Counter(row.path for row in crawls if wanted.active() or row.key)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(records, max_size=80), st.sampled_from(WINDOWS))
def test_without_filters_it_is_what_the_export_says(
    opened: EventsStore, rows: list[Record], days: Window
) -> None:
    empty(opened)
    insert(opened, rows)
    found = totals(opened, DOMAIN, days, Filters()).now
    exported = days_by_domain(opened, [1], days).get(1)
    crawls, hits, misses, prerenders, *keys = exported.sums() if exported else [0] * (4 + len(BOT_KEYS))
    assert (found.crawls, found.hits, found.misses, found.prerenders) == (crawls, hits, misses, prerenders)
    lines = {line.name: line.total for line in timeline(opened, DOMAIN, days, Filters()).lines}
    assert [lines.get(key, 0) for key in BOT_KEYS] == keys
    assert sum(row.crawls for row in bots(opened, DOMAIN, days, Filters())) == crawls


def test_bots_hold_their_agents_and_spoofed_crawls_stand_apart(store: EventsStore) -> None:
    gpt, user = (
        {"agent": name, "key": "openaibot", "category": kind}
        for name, kind, *_ in (("GPTBot", "ai_training"), ("ChatGPT-User", "ai_user"))
    )
    now, month_ago = datetime.combine(TODAY, datetime.min.time(), UTC), timedelta(days=30)
    rows = [Record(ts=now, identity="verified", path=f"/{n}", **gpt) for n in (1, 1, 2)]
    rows += [Record(ts=now, identity="spoofed", **gpt), Record(ts=now, identity="unchecked", **user)]
    rows += [Record(ts=now - month_ago, **gpt), Record(ts=now - month_ago, **gpt)]
    insert(store, rows)
    (bot,) = bots(store, DOMAIN, WINDOWS[2], Filters())
    assert (bot.bot, bot.crawls, bot.spoofed, bot.change) == ("openaibot", 4, 1, 1.0)
    assert bot.identities == {"verified": 3, "unchecked": 1}
    assert bot.pages == 3
    first, second = bot.agents
    assert (first.agent, first.crawls, first.spoofed, first.change, first.pages) == ("GPTBot", 3, 1, 0.5, 2)
    assert (second.agent, second.crawls, second.change, second.last_seen) == ("ChatGPT-User", 1, None, TODAY)


def test_single_crawls_that_are_not_kept_any_more_are_not_counted(store: EventsStore) -> None:
    """They are removed by the hour, and what a page says of the days that are kept must hold before that, too."""
    now = datetime.combine(TODAY, datetime.min.time(), UTC)
    days = replace(WINDOWS[2], kept=TODAY - timedelta(days=5))
    insert(store, [Record(ts=now - timedelta(days=ago), path=f"/{ago}") for ago in (0, 5, 6, days.days)])
    page = Filters(page="/*")
    found = totals(store, DOMAIN, days, page)
    assert (found.now.crawls, found.before.crawls, compares(days, page)) == (2, 0, False)
    lines = timeline(store, DOMAIN, days, page)
    assert (lines.dates[0], len(lines.dates), lines.lines[0].total) == (str(days.kept), 6, 2)
    assert sum(one.crawls for one in answers(store, DOMAIN, days, page)) == 2
    assert [path for path, _ in most_crawled(store, PageNames(store), DOMAIN, days, page)] == ["/0", "/5"]
    (bot,) = bots(store, DOMAIN, days, Filters())
    assert (bot.crawls, bot.pages, bot.change) == (3, 2, 2.0)
    assert (days.kept_days, compares(days, Filters())) == (6, True)


def test_a_bot_that_was_only_spoofed_is_shown(store: EventsStore) -> None:
    insert(store, [Record(ts=datetime.combine(TODAY, datetime.min.time(), UTC), identity="spoofed")])
    (bot,) = bots(store, DOMAIN, WINDOWS[0], Filters())
    assert (bot.crawls, bot.spoofed, bot.identities) == (0, 1, {})


def test_referrals_by_assistant_page_and_day(store: EventsStore) -> None:
    now = datetime.combine(TODAY, datetime.min.time(), UTC)
    visit = {"kind": "referral", "key": "", "category": "other", "identity": "none", "outcome": "none"}
    names = ["chatgpt", "chatgpt", "claude"]
    rows = [
        Record(ts=now - timedelta(days=n), agent=name, path=f"/{n // 2}", **visit)
        for n, name in enumerate(names)
    ]
    insert(store, rows)
    found = referrals(store, PageNames(store), DOMAIN, WINDOWS[1])
    assert (found.assistants, found.pages, found.total) == (
        [("chatgpt", 2), ("claude", 1)],
        [("/0", 2), ("/1", 1)],
        3,
    )
    assert found.days[0] == (TODAY - timedelta(days=2), "claude", 1)


def test_the_latest_crawls_come_first(store: EventsStore) -> None:
    now = datetime.combine(TODAY, datetime.min.time(), UTC)
    insert(store, [Record(ts=now + timedelta(seconds=n), path=f"/{n}", identity="spoofed") for n in range(5)])
    insert(store, [Record(ts=now, kind="robots"), Record(domain_id=2, ts=now)])
    found = latest(store, DOMAIN, WINDOWS[0], Recent(now + timedelta(seconds=2), 2))
    assert [(one.path, one.time) for one in found] == [(f"/{n}", now + timedelta(seconds=n)) for n in (4, 3)]


@pytest.mark.parametrize(
    ("given_", "meant"),
    [
        ("gptbot", "GPTBot"),
        ("openai", "openaibot"),
        ("X (Twitter)", "twitterbot"),
        ("Googlebot", "Googlebot"),
        ("googlebot", "googlebot"),
        ("nobody-knows-it", "nobody-knows-it"),
    ],
)
def test_a_bot_is_known_as_people_write_it(given_: str, meant: str) -> None:
    assert read_filters({"bot": given_}).bot == meant


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("/münchen straße/", {"/m%C3%BCnchen%20stra%C3%9Fe/"}),
        ("/m%c3%bcnchen*", {"/m%C3%BCnchen%20stra%C3%9Fe/"}),
        ("/one\\*star", {"/one*star"}),
        ("/one*star", {"/one*star", "/oneXstar"}),
        ("/one\\**", {"/one*star"}),
        ("/a%5Fb", {"/a_b"}),
        ("/a_b", {"/a_b"}),
    ],
)
def test_a_page_is_found_as_people_write_it(store: EventsStore, pattern: str, found: set[str]) -> None:
    now = datetime.combine(TODAY, datetime.min.time(), UTC)
    paths = ("/m%C3%BCnchen%20stra%C3%9Fe/", "/one*star", "/oneXstar", "/a_b", "/aXb")
    insert(store, [Record(ts=now, path=path) for path in paths])
    wanted = read_filters({"page": pattern})
    pages = most_crawled(store, PageNames(store), DOMAIN, WINDOWS[0], wanted)
    assert {path for path, _ in pages} == found


@pytest.mark.parametrize(
    "given_", [{"status": "9xx"}, {"category": "library"}, {"page": ""}, {"bot": "x" * 3_000}, {"x": "y"}]
)
def test_what_is_no_filter_is_left_out(given_: dict[str, str]) -> None:
    assert read_filters(given_) == Filters()


def test_a_window_and_the_one_before_it_meet() -> None:
    days = Window(date(2026, 3, 1), date(2026, 3, 7))
    assert days.before == Window(date(2026, 2, 22), date(2026, 2, 28))
