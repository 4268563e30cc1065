from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlight.analytics.page_names import PageNames
from crawlight.analytics.series import days_by_domain, top_pages, whole_months
from crawlight.bots.keys import BOT_KEYS
from crawlight.events.store import EventsStore
from crawlight.kit.periods import PERIODS, Window, window
from tests.analytics.conftest import empty
from tests.records import Record, insert

TODAY = date(2026, 3, 5)
WINDOWS = [window(period, datetime.combine(TODAY, time(12), UTC)) for period in PERIODS]

moments = st.builds(
    lambda days, seconds: (
        datetime.combine(TODAY, time(), UTC) - timedelta(days=days) + timedelta(seconds=seconds)
    ),
    st.one_of(st.integers(0, 3), st.integers(0, 400)),
    st.sampled_from([0, 1, 43_200, 86_399]),
)
records = st.builds(
    lambda **told: Record(**told),
    domain_id=st.integers(1, 3),
    ts=moments,
    kind=st.sampled_from(["crawl", "crawl", "crawl", "render", "robots", "library", "referral"]),
    agent=st.sampled_from(["Googlebot", "GPTBot", "AhrefsBot"]),
    key=st.sampled_from([*BOT_KEYS, ""]),
    identity=st.sampled_from(["verified", "unverifiable", "unchecked", "spoofed"]),
    outcome=st.sampled_from(["hit", "miss", "passthrough", "redirect", "blocked"]),
    category=st.just("search"),
    status=st.just(200),
    source=st.just("import"),
    path=st.sampled_from([f"/{n}" for n in range(30)]),
)


def counted(rows: list[Record], domain_id: int, days: Window) -> list[Record]:
    """The rows that an export of the window counts: the naive way."""
    return [
        row
        for row in rows
        if row.domain_id == domain_id
        and days.first <= row.ts.date() <= days.last
        and row.kind == "crawl"
        and row.identity != "spoofed"
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(records, max_size=120))
def test_counts_are_those_of_a_naive_count(opened: EventsStore, rows: list[Record]) -> None:
    empty(opened)
    insert(opened, rows)
    for days in WINDOWS:
        found = days_by_domain(opened, [1, 2], days)
        assert set(found) <= {1, 2}
        for domain_id in (1, 2):
            check_domain(rows, domain_id, days, found.get(domain_id))


def check_domain(rows: list[Record], domain_id: int, days: Window, found: object) -> None:
    crawls = counted(rows, domain_id, days)
    renders = [r for r in rows if r.domain_id == domain_id and r.kind == "render" and r.identity != "spoofed"]
    renders = [r for r in renders if days.first <= r.ts.date() <= days.last]
    if found is None:
        assert not crawls
        assert not renders
        return
    outcomes = Counter(row.outcome for row in crawls)
    assert found.sums()[:4] == [len(crawls), outcomes["hit"], outcomes["miss"], len(renders)]
    by_day = Counter((row.key, (row.ts.date() - days.first).days) for row in crawls)
    for key, column in zip(BOT_KEYS, found.columns[4:], strict=True):
        series = dict(zip(found.offsets, column, strict=True))
        assert series == {offset: by_day[key, offset] for offset in found.offsets}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(records, max_size=200))
def test_top_pages_are_those_of_a_naive_count(opened: EventsStore, rows: list[Record]) -> None:
    empty(opened)
    insert(opened, rows)
    names = PageNames(opened)
    for days in WINDOWS:
        found = top_pages(opened, names, [1, 2, 3], days)
        for domain_id in (1, 2, 3):
            wanted = Counter(row.path for row in counted(rows, domain_id, days) if row.key)
            pages = found.get(domain_id, [])
            assert all(wanted[path] == crawls for path, crawls in pages)
            assert [n for _, n in pages] == sorted(wanted.values(), reverse=True)[:20]


def test_days_without_any_count_are_left_out(store: EventsStore) -> None:
    days = Window(date(2026, 6, 14), date(2026, 6, 16))
    insert(store, [Record(), Record(key="", agent="AhrefsBot", category="seo")])
    found = days_by_domain(store, [1], days)[1]
    assert list(found.offsets) == [1]
    assert found.sums() == [2, 0, 0, 0, 1, *[0] * 24]


def test_paths_are_asked_for_once(store: EventsStore) -> None:
    insert(store, [Record(path="/a"), Record(path="/a"), Record(path="/b")])
    days, names = Window(date(2026, 6, 15), date(2026, 6, 15)), PageNames(store)
    assert top_pages(store, names, [1], days) == {1: [("/a", 2), ("/b", 1)]}
    store.command("TRUNCATE TABLE paths")
    assert top_pages(store, names, [1], days) == {1: [("/a", 2), ("/b", 1)]}


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ((2026, 6, 1), (2026, 6, 30), ((2026, 6, 1), (2026, 7, 1))),
        ((2026, 1, 31), (2026, 4, 2), ((2026, 2, 1), (2026, 4, 1))),
        ((2025, 12, 31), (2026, 1, 31), ((2026, 1, 1), (2026, 2, 1))),
        ((2024, 2, 1), (2024, 2, 29), ((2024, 2, 1), (2024, 3, 1))),
        ((2024, 2, 1), (2024, 2, 28), ((2024, 2, 29), (2024, 2, 29))),
        ((2026, 6, 2), (2026, 6, 30), ((2026, 7, 1), (2026, 7, 1))),
        ((2026, 6, 15), (2026, 6, 15), ((2026, 6, 16), (2026, 6, 16))),
    ],
)
def test_whole_months_of_a_window(
    first: tuple[int, int, int], last: tuple[int, int, int], months: tuple[tuple[int, int, int], ...]
) -> None:
    assert whole_months(Window(date(*first), date(*last))) == tuple(date(*day) for day in months)
