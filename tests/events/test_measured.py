"""Sizes, times and who got which page: what the rollups say of them, merged or not."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import quantiles
from typing import Any

import pytest
from tests.records import Record, block_of, insert

from crawlight.crawls.crawl import RECORD_COLUMNS
from crawlight.events.store import EventsStore

NOW = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
SPANS = {"measured_daily": "day", "measured_hourly": "hour"}
TABLES = (*SPANS, "page_agents")
QUANTILES = """
WITH sumMap({0}Map.bucket, {0}Map.n) AS counted
SELECT arrayReduce('quantilesExactWeighted(0.5, 0.95)', counted.1, counted.2) FROM measured_daily
"""


@pytest.fixture
def store(events_url: str) -> Iterator[EventsStore]:
    store = EventsStore(events_url)
    yield store
    store.close()


def both(store: EventsStore, sql: str) -> list[tuple[Any, ...]]:
    """What a query gives, before and after the engine has merged."""
    before = list(zip(*store.columns(sql), strict=True))
    for table in TABLES:
        store.command(f"OPTIMIZE TABLE {table} FINAL")
    assert list(zip(*store.columns(sql), strict=True)) == before
    return before


@pytest.mark.parametrize("table", SPANS)
def test_what_was_measured_adds_up_by_agent_and_nothing_counts_as_zero(
    store: EventsStore, table: str
) -> None:
    crawl = Record(ts=NOW, bytes=1_000, milliseconds=40)
    insert(store, [crawl, crawl._replace(bytes=0), crawl._replace(milliseconds=0), crawl._replace(agent="x")])
    insert(store, [crawl, Record(ts=NOW), crawl._replace(identity="spoofed", bytes=9)])
    insert(store, [crawl._replace(kind="render", agent="", bytes=7)])
    sums = "sum(bytes_sum), sum(bytes_n), sum(milliseconds_sum), sum(milliseconds_n)"
    assert both(store, f"SELECT kind, agent, {sums} FROM {table} GROUP BY ALL ORDER BY ALL") == [
        ("crawl", "Googlebot", 3_000, 3, 120, 3),
        ("crawl", "x", 1_000, 1, 40, 1),
        ("render", "", 7, 1, 40, 1),
    ]
    assert store.columns(f"SELECT DISTINCT {SPANS[table]} FROM {table}")[0][0] in (NOW.date(), floor(NOW))


def floor(moment: datetime) -> datetime:
    return moment.replace(minute=0, tzinfo=None)


def test_hours_are_kept_apart_and_none_is_taken_that_is_too_old(store: EventsStore) -> None:
    moments = [NOW, NOW - timedelta(hours=1), NOW - timedelta(hours=1, minutes=20), NOW - timedelta(days=91)]
    insert(store, [Record(ts=moment, bytes=1) for moment in moments])
    hours = both(store, "SELECT hour, sum(bytes_n) FROM measured_hourly GROUP BY hour ORDER BY hour")
    assert hours == [(floor(NOW - timedelta(hours=1)), 2), (floor(NOW), 1)]
    assert store.command("SELECT sum(bytes_n) FROM measured_daily") == 4


@pytest.mark.parametrize(
    ("what", "record"),
    [
        ("bytes", lambda n: Record(ts=NOW, bytes=n)),
        ("milliseconds", lambda n: Record(ts=NOW, milliseconds=n)),
    ],
)
def test_a_quantile_is_right_to_a_sixteenth_of_a_doubling(
    store: EventsStore, what: str, record: Callable[[int], Record]
) -> None:
    draw = Random(3)
    values = [max(1, round(draw.lognormvariate(6, 2))) for _ in range(2_000)]
    for start in range(0, len(values), 500):
        insert(store, [record(value) for value in values[start : start + 500]])
    cuts = quantiles(values, n=20, method="inclusive")
    ((found,),) = both(store, QUANTILES.format(what))
    for bucket, true in zip(found, (cuts[9], cuts[18]), strict=True):
        assert 2 ** ((bucket - 0.1) / 8) <= true <= 2 ** ((bucket + 1.1) / 8)


@pytest.mark.parametrize("value", [1, 2, 3, 2**31, 2**32 - 1])
def test_the_smallest_and_the_largest_have_their_buckets(store: EventsStore, value: int) -> None:
    insert(store, [Record(ts=NOW, bytes=value)])
    ((buckets, numbers),) = both(store, "SELECT bytesMap.bucket, bytesMap.n FROM measured_daily")
    assert numbers == [1]
    assert 2 ** (buckets[0] / 8) <= value * 1.000001 < 2 ** ((buckets[0] + 1) / 8) * 1.000001


def test_who_got_which_page_when_and_what_it_was(store: EventsStore) -> None:
    crawl, late = Record(ts=NOW, content=5), NOW + timedelta(minutes=9)
    early = NOW - timedelta(days=400)
    insert(store, [crawl, crawl._replace(ts=late, status=304, content=2**64 - 1), crawl._replace(path="/b")])
    insert(store, [crawl._replace(ts=early, content=3), crawl._replace(agent="GPTBot", status=206)])
    later = crawl._replace(ts=NOW + timedelta(days=1))
    insert(store, [later._replace(status=status) for status in (404, 0, 301)])
    insert(store, [later._replace(kind="robots"), later._replace(identity="spoofed")])
    sql = """
    SELECT path, agent, min(first), max(last).ts, max(last).content, sum(page_agents.n)
    FROM page_agents INNER JOIN (SELECT DISTINCT domain_id, page, path FROM paths) AS names USING (domain_id, page)
    GROUP BY ALL ORDER BY ALL
    """
    at = [moment.replace(tzinfo=None) for moment in (early, NOW, late)]
    assert both(store, sql) == [
        ("/", "GPTBot", at[1], at[1], 5, 1),
        ("/", "Googlebot", at[0], at[2], 2**64 - 1, 3),
        ("/b", "Googlebot", at[1], at[1], 5, 1),
    ]


def test_a_replay_counts_once_in_each(events_url: str) -> None:
    for _ in range(2):
        store = EventsStore(events_url)
        block = block_of(store, [Record(ts=NOW, bytes=7, milliseconds=3)] * 2)
        for _ in range(2):
            store.insert_block("records", RECORD_COLUMNS, block, token="one")
        for table in SPANS:
            assert store.columns(f"SELECT sum(bytes_n), sum(bytes_sum) FROM {table}") == [[2], [14]]
        assert store.command("SELECT sum(n) FROM page_agents") == 2
        store.close()


@pytest.mark.usefixtures("made_anew")
def test_pages_that_were_fetched_before_are_known_and_counted_once_after_a_crash(events_url: str) -> None:
    store = EventsStore(events_url)
    insert(store, [Record(ts=NOW), Record(ts=NOW - timedelta(days=3))])
    for statement in ("DROP TABLE page_agents_view", "TRUNCATE TABLE page_agents"):
        store.command(statement)
    store.command("ALTER TABLE schema_steps DELETE WHERE step = 5 SETTINGS mutations_sync = 1")
    store.close()
    for _ in range(2):
        store = EventsStore(events_url)
        assert store.columns("SELECT first, last.ts, n FROM page_agents") == [
            [(NOW - timedelta(days=3)).replace(tzinfo=None)],
            [NOW.replace(tzinfo=None)],
            [2],
        ]
        store.command("ALTER TABLE schema_steps DELETE WHERE step = 5 SETTINGS mutations_sync = 1")
        store.close()
