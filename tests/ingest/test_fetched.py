"""Which contents are what some crawler got last of a page, and that their snapshots stay."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from crawlight.crawls.crawl import Record as Crawl
from crawlight.crawls.crawl import content_number
from crawlight.events.fetched import last_fetched
from crawlight.events.store import EventsStore
from crawlight.ingest.retired import ASKED_AT_ONCE
from crawlight.kit import clock
from crawlight.rendering.bodies import content_hash
from crawlight.rendering.snapshots import NewSnapshot
from tests.ingest.conftest import Place
from tests.records import Record, insert

pytestmark = pytest.mark.anyio

START = datetime(2026, 6, 1, tzinfo=UTC)
MOST = 2**64 - 1


@pytest.fixture
def store(events_url: str) -> Iterator[EventsStore]:
    opened = EventsStore(events_url)
    yield opened
    opened.close()


def got(day: int, content: int, **members: object) -> Record:
    return Record(ts=START + timedelta(days=day), content=content, **members)


def test_only_what_each_crawler_got_last_of_a_page_is_named(store: EventsStore) -> None:
    insert(store, [got(0, 1), got(0, 2, agent="GPTBot"), got(0, 3, path="/b"), got(0, 4, domain_id=2)])
    insert(store, [got(1, 5), got(2, MOST, agent="GPTBot"), got(3, 0, path="/b")])
    insert(store, [got(9, 6, status=404), got(9, 7, identity="spoofed"), got(9, 8, kind="robots")])
    store.command("OPTIMIZE TABLE page_agents FINAL")
    every = [*range(10), *range(MOST - ASKED_AT_ONCE, MOST + 1)]
    assert last_fetched(store, every, START) - {0} == {4, 5, MOST}
    assert last_fetched(store, [5, 6], START) == {5}
    assert last_fetched(store, every, START + timedelta(days=2)) - {0} == {MOST}
    assert last_fetched(store, every, START + timedelta(days=4)) == set()
    assert last_fetched(store, [], START) == set()


async def test_the_snapshot_that_a_crawler_got_outlives_its_pages_history(place: Place) -> None:
    services = place.services
    snapshots, texts = services.edge.snapshots, [f"<p>{n}</p>".encode() for n in range(8)]
    for text in texts:
        await snapshots.put(1, "/a", NewSnapshot(status=200, html=text, raw_html=b"raw"))
    crawl = Crawl(
        domain_id=1,
        ts=int(clock.now().timestamp()),
        kind="crawl",
        agent="GPTBot",
        key="openaibot",
        category="ai_training",
        identity="unverifiable",
        outcome="hit",
        status=200,
        source="render",
        path="/a",
        content=content_number(content_hash(texts[1])),
    )
    await services.recorder.record([crawl])
    await services.recorder.hand_over()
    days = services.settings.snapshot_fetched_days
    for later, kept in ((2, [1, 3, 4, 5, 6, 7]), (days + 1, [3, 4, 5, 6, 7])):
        with time_machine.travel(clock.now() + timedelta(days=later)):
            await services.loading.drop_retired()
            await services.rendering.sweep()
        found = [n for n, text in enumerate(texts) if await snapshots.body(content_hash(text))]
        assert found == kept
