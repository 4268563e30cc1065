import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from crawlight.bots.keys import BOT_KEYS
from crawlight.crawls import crawl
from crawlight.crawls.crawl import RECORD_COLUMNS
from crawlight.errors import UserError
from crawlight.events import schema
from crawlight.events.store import MEMORY, EventsStore, StoreBusyError, StoreError

pytestmark = pytest.mark.usefixtures("made_anew")

ROLLUPS = ("daily", "daily_agents", "pages_daily", "pages_monthly", "page_keys_monthly", "page_agents")
TABLES = ("records", *ROLLUPS, "paths", "referrals_daily", "measured_daily", "measured_hourly", "undone")

TWO_CRAWLS = """
SELECT toUInt32(7) AS domain_id, toDateTime('2026-02-28 23:59:59', 'UTC') + number AS ts, 'crawl' AS kind,
    'GPTBot' AS agent, 'openaibot' AS key, 'ai_training' AS category, 'unchecked' AS identity,
    'hit' AS outcome, toUInt16(200) AS status, 'import' AS source, '/a' AS path, 2000 AS bytes,
    30 AS milliseconds, false AS asked_markdown, 5 AS content, 1 AS robots_version, 'html' AS format
FROM numbers(2)
"""


@pytest.fixture
def store(events_url: str) -> Iterator[EventsStore]:
    store = EventsStore(events_url)
    yield store
    store.close()


def total(store: EventsStore, table: str) -> int:
    column = "crawls" if table == "daily" else "n"
    return int(store.command(f"SELECT sum({column}) FROM {table}"))


def test_an_insert_reaches_the_records_and_every_rollup(store: EventsStore) -> None:
    store.insert_block("records", RECORD_COLUMNS, store.block(TWO_CRAWLS), token="one")
    assert store.command("SELECT count() FROM records") == 2
    assert {table: total(store, table) for table in ROLLUPS} == dict.fromkeys(ROLLUPS, 2)
    assert store.columns("SELECT day, openaibot, hits FROM daily ORDER BY day") == [
        [datetime(2026, 2, 28).date(), datetime(2026, 3, 1).date()],
        [1, 1],
        [1, 1],
    ]


@pytest.mark.parametrize("events_url", ["embedded"], indirect=True)
def test_after_an_insert_the_tokens_of_every_table_are_on_disk(
    store: EventsStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.insert_block("records", RECORD_COLUMNS, store.block(TWO_CRAWLS), token="one")
    synced: dict[Path, int] = {}
    real = os.fsync

    def watched(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        synced[path] = path.stat().st_size
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    store.insert_block("records", RECORD_COLUMNS, store.block(TWO_CRAWLS), token="two")
    assert store.folder is not None
    logs = set(store.folder.glob("store/*/*/deduplication_logs/*"))
    assert len(logs) == len(TABLES)
    assert {path: synced[path] for path in logs} == {path: path.stat().st_size for path in logs}
    assert {path.parent for path in logs} <= set(synced)


def test_a_replay_counts_once_everywhere_also_after_a_restart(events_url: str) -> None:
    for _ in range(2):
        store = EventsStore(events_url)
        block = store.block(TWO_CRAWLS)
        for _ in range(2):
            store.insert_block("records", RECORD_COLUMNS, block, token="one")
        assert store.command("SELECT count() FROM records") == 2
        assert {table: total(store, table) for table in ROLLUPS} == dict.fromkeys(ROLLUPS, 2)
        store.close()


@pytest.mark.parametrize("events_url", ["embedded"], indirect=True)
@pytest.mark.parametrize("table", ["records", "pages_daily", "page_agents"])
@pytest.mark.parametrize("merged", [False, True], ids=["apart", "merged"])
def test_an_insert_that_died_before_its_rows_were_in_place_is_made_again(
    events_url: str, table: str, merged: bool
) -> None:
    store = EventsStore(events_url)
    blocks = {token: store.block(TWO_CRAWLS) for token in ("one", "two", "three")}
    for token, block in blocks.items():
        if token == "three" and merged:
            store.command(f"OPTIMIZE TABLE {table} FINAL")
        store.insert_block("records", RECORD_COLUMNS, block, token=token)
    (data,) = store.columns(
        f"SELECT path FROM system.parts WHERE table = '{table}' ORDER BY min_block_number"
    )
    store.close()
    # As it is when the token was noted and the rows were not yet moved to their place.
    shutil.rmtree(data[-1])
    store = EventsStore(events_url)
    for token, block in blocks.items():
        store.insert_block("records", RECORD_COLUMNS, block, token=token)
    assert store.command("SELECT count() FROM records") == 6
    assert {table: total(store, table) for table in ROLLUPS} == dict.fromkeys(ROLLUPS, 6)
    store.close()


@pytest.mark.parametrize("events_url", ["embedded"], indirect=True)
@pytest.mark.parametrize("torn", [b"1\t2026", b"\0" * 40, b"\xff\xfe\t1", b"1\t202606_9_9_0\t"])
def test_a_line_of_a_token_that_was_cut_off_spoils_none_behind_it(events_url: str, torn: bytes) -> None:
    store = EventsStore(events_url)
    blocks = {token: store.block(TWO_CRAWLS) for token in ("one", "two")}
    store.insert_block("records", RECORD_COLUMNS, blocks["one"], token="one")
    store.close()
    assert store.folder is not None
    for log in store.folder.glob("store/*/*/deduplication_logs/*.txt"):
        with log.open("ab") as file:
            file.write(torn)
    for _ in range(2):
        store = EventsStore(events_url)
        for token, block in blocks.items():
            store.insert_block("records", RECORD_COLUMNS, block, token=token)
        assert store.command("SELECT count() FROM records") == 4
        assert {table: total(store, table) for table in ROLLUPS} == dict.fromkeys(ROLLUPS, 4)
        store.close()


def test_the_same_rows_under_another_token_are_honest_crawls(store: EventsStore) -> None:
    block = store.block(TWO_CRAWLS)
    for token in ("one", "two"):
        store.insert_block("records", RECORD_COLUMNS, block, token=token)
    assert {table: total(store, table) for table in ROLLUPS} == dict.fromkeys(ROLLUPS, 4)


def test_every_table_has_a_deduplication_window(store: EventsStore) -> None:
    names, definitions = store.columns(
        "SELECT name, create_table_query FROM system.tables"
        " WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name NOT LIKE 'schema_%'"
    )
    assert set(names) == set(TABLES)
    assert all("non_replicated_deduplication_window = 10000" in text for text in definitions)
    assert all("fsync_after_insert = 1, fsync_part_directory = 1" in text for text in definitions)


@pytest.mark.parametrize(("kind", "identity", "key"), [("robots", "none", ""), ("library", "none", "")])
def test_other_kinds_are_in_no_count_of_crawls(
    store: EventsStore, kind: str, identity: str, key: str
) -> None:
    sql = TWO_CRAWLS.replace("'crawl' AS", f"'{kind}' AS").replace("'openaibot'", f"'{key}'")
    store.insert_block("records", RECORD_COLUMNS, store.block(sql), token="one")
    counted = {table: total(store, table) for table in ROLLUPS if table != "daily_agents"}
    assert counted == dict.fromkeys(counted, 0)
    assert total(store, "daily_agents") == 2


def test_spoofed_crawls_are_kept_apart(store: EventsStore) -> None:
    block = store.block(TWO_CRAWLS.replace("unchecked", "spoofed"))
    store.insert_block("records", RECORD_COLUMNS, block, token="one")
    counted = {table: total(store, table) for table in ROLLUPS}
    assert counted == dict.fromkeys(ROLLUPS, 0) | {"daily_agents": 2}


def test_renders_are_counted_as_prerenders_only(store: EventsStore) -> None:
    block = store.block(TWO_CRAWLS.replace("'crawl' AS", "'render' AS"))
    store.insert_block("records", RECORD_COLUMNS, block, token="one")
    assert store.columns("SELECT sum(crawls), sum(hits), sum(prerenders) FROM daily") == [[0], [0], [2]]


def test_referrals_are_counted_by_assistant_page_and_day_and_replayed_once(store: EventsStore) -> None:
    block = store.block(TWO_CRAWLS.replace("'crawl' AS", "if(number = 1, 'crawl', 'referral') AS"))
    for _ in range(2):
        store.insert_block("records", RECORD_COLUMNS, block, token="one")
    assert store.columns(
        "SELECT assistant, day, n, path FROM referrals_daily INNER JOIN paths USING (domain_id, page)"
    ) == [["GPTBot"], [datetime(2026, 2, 28).date()], [1], ["/a"]]
    assert store.command("SELECT sum(crawls) FROM daily") == 1


def test_one_insert_may_span_many_months(store: EventsStore) -> None:
    sql = TWO_CRAWLS.replace("+ number AS ts", "- toIntervalMonth(number) AS ts").replace(
        "numbers(2)", "numbers(120)"
    )
    store.insert_block("records", RECORD_COLUMNS, store.block(sql), token="one")
    assert store.command("SELECT count() FROM records") == 120


def test_a_second_process_is_told_who_owns_the_store(tmp_path: Path) -> None:
    url = f"chdb://{tmp_path / 'events'}"
    store = EventsStore(url)
    with pytest.raises(StoreBusyError, match="in use by another process"):
        EventsStore(url)
    store.close()


def test_a_dead_owner_holds_no_lock(tmp_path: Path) -> None:
    url = f"chdb://{tmp_path / 'events'}"
    code = f"import os; from crawlight.events.store import EventsStore; EventsStore({url!r}); os._exit(9)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    EventsStore(url).close()


def test_a_store_that_is_still_being_opened_answers_when_it_is(tmp_path: Path) -> None:
    store = EventsStore(f"chdb://{tmp_path / 'events'}", wait=False)
    assert store.columns("SELECT count() FROM records") == [[0]]
    store.wait()
    store.close()


def test_a_store_that_cannot_be_opened_says_so_to_who_waits_and_refuses_calls() -> None:
    store = EventsStore("http://127.0.0.1:1/x", wait=False)
    with pytest.raises(UserError, match=r"events store http://127\.0\.0\.1:1/x: "):
        store.wait()
    with pytest.raises(StoreError):
        store.ping()
    store.close()


def test_an_unreachable_server_is_named_without_its_password() -> None:
    with pytest.raises(UserError, match=re.escape("events store http://127.0.0.1:1/x: ")) as caught:
        EventsStore("http://me:secret@127.0.0.1:1/x")
    assert "secret" not in str(caught.value)


def test_a_store_opened_again_applies_no_step_twice(events_url: str) -> None:
    EventsStore(events_url).close()
    store = EventsStore(events_url)
    steps = store.columns("SELECT step FROM schema_steps ORDER BY step")[0]
    store.close()
    assert list(steps) == [number for number, _, _ in schema.steps()]


def test_a_step_that_a_crash_cut_short_is_finished(events_url: str) -> None:
    store = EventsStore(events_url)
    store.command("TRUNCATE TABLE schema_steps")
    store.command("DROP TABLE paths_view")
    store.close()
    store = EventsStore(events_url)
    assert store.command("EXISTS TABLE paths_view") == 1
    store.close()


def test_two_stores_hash_a_path_differently(tmp_path: Path) -> None:
    hashes = set[object]()
    for name in ("one", "two"):
        store = EventsStore(f"chdb://{tmp_path / name}")
        store.insert_block("records", RECORD_COLUMNS, store.block(TWO_CRAWLS), token="one")
        (pages,) = store.columns("SELECT DISTINCT page FROM pages_daily")
        assert store.columns("SELECT page FROM paths") == [list(pages)]
        assert store.columns("SELECT DISTINCT page FROM pages_monthly") == [list(pages)]
        hashes.update(pages)
        store.close()
    assert len(hashes) == 2


def test_the_schema_has_the_columns_and_words_of_a_record(store: EventsStore) -> None:
    names, types = store.columns(
        "SELECT name, type FROM system.columns"
        " WHERE database = currentDatabase() AND table = 'records' ORDER BY position"
    )
    assert tuple(names) == (*RECORD_COLUMNS, "run")
    words = dict(zip(names, (re.findall(r"'(\w+)' =", text) for text in types), strict=True))
    for column, literal in [
        ("kind", crawl.Kind),
        ("identity", crawl.Identity),
        ("outcome", crawl.Outcome),
        ("source", crawl.Source),
        ("format", crawl.Format),
    ]:
        assert tuple(words[column]) == get_args(literal)


def test_the_daily_rollup_has_one_column_per_key(store: EventsStore) -> None:
    (names,) = store.columns(
        "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'daily' ORDER BY position"
    )
    assert tuple(names[6:]) == BOT_KEYS


def test_an_empty_answer_has_no_columns(store: EventsStore) -> None:
    assert not store.columns("SELECT domain_id, ts FROM records")


def test_a_store_in_memory_takes_datetimes_as_parameters() -> None:
    store = EventsStore(MEMORY)
    moment = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
    assert store.command("SELECT toString({at:DateTime('UTC')})", {"at": moment}) == "2026-11-23 01:02:03"
    store.close()
