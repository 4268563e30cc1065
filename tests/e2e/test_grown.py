"""The product on stores of its own machines: PostgreSQL, Redis, and the engine behind ClickHouse's HTTP interface."""

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawlight.demo.logs import REAL_LOG, shifted
from crawlight.events.store import EventsStore
from crawlight.kit import clock
from tests.clickhouse import ClickHouse, clickhouse
from tests.processes import Crawlight, Server

CRAWL, EXPORT = "/v1/event/crawl", "/functions/v1/export-user-analytics"
ROLLUPS = {
    "daily": "crawls",
    "daily_agents": "n",
    "pages_daily": "n",
    "pages_monthly": "n",
    "page_keys_monthly": "n",
}
PATIENCE_SECONDS = 90


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[ClickHouse]:
    """A server of the events store that this test may kill."""
    with clickhouse(tmp_path / "engine") as server:
        yield server


def grown(data: Path, engine: ClickHouse, postgresql_url: str, redis_url: str) -> Crawlight:
    stores = {"DATABASE_URL": postgresql_url, "EVENTS_URL": engine.database(), "LIMITS_URL": redis_url}
    return Crawlight(data, **stores)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def numbers(document: dict[str, object]) -> list[object]:
    (domain,) = document["domains"]
    return [domain[name] for name in ("summary", "botTotals", "botSeries", "seo")]


def batch(number: int) -> bytes:
    entry = {"userAgent": "GPTBot/1.0", "url": f"https://example.com/{number}"}
    return json.dumps([entry | {"id": f"{number}-{place}"} for place in range(20)]).encode()


def report_for_ever(server: Server, key: str, stop: threading.Event, accepted: list[int]) -> None:
    for number in itertools.count():
        if stop.is_set():
            return
        status, answer = server.post(CRAWL, key, batch(number))
        assert status == 202
        accepted.append(answer["accepted"])


def total(server: Server, key: str) -> int | None:
    """All crawls of the export, or None where it cannot be had now."""
    status, document = server.post(EXPORT, key)
    return document["domains"][0]["summary"]["totalCrawls"] if status == 200 else None


def test_embedded_and_grown_stores_give_the_same_numbers(
    tmp_path: Path, clickhouse_server: ClickHouse, postgresql_url: str, redis_url: str
) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(b"".join(shifted(REAL_LOG, clock.now())[1]))
    large = grown(tmp_path / "large", clickhouse_server, postgresql_url, redis_url)
    small = Crawlight(tmp_path / "small")
    key = large.site()
    small.site()
    small.run("import", str(log), "--domain", "example.com")
    with large.serve() as server:
        large.run("import", str(log), "--domain", "example.com")
        status, by_http = server.post(EXPORT, key)
        assert status == 200
        assert numbers(by_http) == numbers(large.document()) == numbers(small.document())
        large.run("import", str(log), "--domain", "example.com")
        assert numbers(large.document()) == numbers(by_http)
    assert numbers(large.document()) == numbers(by_http)


def test_the_events_store_may_die_and_come_back_at_any_moment(
    tmp_path: Path, engine: ClickHouse, postgresql_url: str, redis_url: str
) -> None:
    crawlight = grown(tmp_path / "data", engine, postgresql_url, redis_url)
    key = crawlight.site()
    stop, accepted = threading.Event(), list[int]()
    with crawlight.serve() as server:
        reporter = threading.Thread(target=report_for_ever, args=(server, key, stop, accepted))
        reporter.start()
        try:
            for _ in range(2):
                until(lambda: bool(total(server, key)))
                engine.kill()
                until(lambda: server.get("/readyz")[0] == 503)
                assert "events" in server.get("/readyz")[1]
                assert server.post(EXPORT, key)[1] == {"error": "unavailable"}
                more = len(accepted) + 3
                until(lambda more=more: len(accepted) > more)
                engine.start()
        finally:
            stop.set()
            reporter.join()
        until(lambda: total(server, key) == sum(accepted))
        until(lambda: server.get("/readyz")[0] == 200)
    store = EventsStore(crawlight.settings["EVENTS_URL"])
    counts = {table: store.command(f"SELECT sum({column}) FROM {table}") for table, column in ROLLUPS.items()}
    assert counts == dict.fromkeys(ROLLUPS, sum(accepted))
    store.close()
