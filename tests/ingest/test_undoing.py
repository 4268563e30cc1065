"""Imports are taken back: whole, and every number is what it would be without them."""

import asyncio
import random
import re
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawlight.domains.registry import add_domain
from crawlight.errors import UserError
from crawlight.events import removal, taking_back
from crawlight.events.store import EventsStore
from crawlight.ingest import undoing
from crawlight.runtime.services import Services, open_services
from crawlight.settings import load_settings
from tests.ingest.conftest import Place
from tests.ingest.test_deaths import make_site
from tests.ingest.test_identity import GPTBOT, line

pytestmark = pytest.mark.anyio

TODAY = datetime.now(UTC).replace(microsecond=0)
Numbers = dict[str, list[tuple[object, ...]]]


def log(start: int, lines: int, days: int = 40) -> str:
    """A log of some days up to today, of its own pages and two crawlers."""
    bots = (GPTBOT, "Mozilla/5.0 (compatible; Googlebot/2.1)", "curl/8.0", "MyOwnBot/1.0")
    moments = (TODAY - timedelta(days=(start + n) % days, minutes=n) for n in range(lines))
    return "".join(
        line("192.0.2.1", bots[n % len(bots)], moment, f"/{start}/{n % 50}" if n % 3 else "/robots.txt")
        for n, moment in enumerate(moments)
    )


def shown(store: EventsStore) -> Numbers:
    """Every rollup as it adds up, and the names of pages."""
    found: Numbers = {"paths": _rows(store, "SELECT DISTINCT domain_id, path FROM paths ORDER BY ALL")}
    for table, _ in taking_back._rollups(store):
        kinds = dict(zip(*store.columns(taking_back._COLUMNS, {"table": table}), strict=True))
        keys, sums = ([name for name, kind in kinds.items() if kind == of] for of in ("", "UInt64"))
        maps = {name.partition(".")[0] for name, kind in kinds.items() if kind == "Array(UInt64)"}
        parts = [*keys, *map("sum({})".format, sums), *map("sumMap({0}.bucket, {0}.n)".format, sorted(maps))]
        some = " OR ".join(f"sum({name}) != 0" for name in sums)
        by = ", ".join(keys)
        found[table] = _rows(
            store, f"SELECT {', '.join(parts)} FROM {table} GROUP BY {by} HAVING {some} ORDER BY ALL"
        )
    return found


def recounted(store: EventsStore) -> Numbers:
    """What the rows say, by the views that fill the rollups."""
    found: Numbers = {}
    for table, view in taking_back._rollups(store):
        kinds = dict(zip(*store.columns(taking_back._COLUMNS, {"table": table}), strict=True))
        keys, sums = ([name for name, kind in kinds.items() if kind == of] for of in ("", "UInt64"))
        maps = {name.partition(".")[0] for name, kind in kinds.items() if kind == "Array(UInt64)"}
        parts = [*keys, *sums, *map("(`{0}.bucket`, `{0}.n`)".format, sorted(maps))]
        found[table] = _rows(store, f"SELECT {', '.join(parts)} FROM ({view}) AS given ORDER BY ALL")
    return found


def check_recount(store: EventsStore) -> None:
    counted = shown(store)
    assert {table: counted[table] for table in recounted(store)} == recounted(store)
    assert len(counted) == 10


def _rows(store: EventsStore, sql: str) -> list[tuple[object, ...]]:
    return list(zip(*store.columns(sql), strict=True))


async def imported(place: Place, path: Path, text: str, **options: object) -> int:
    path.write_text(text)
    await place.import_file(path, **options)
    return (await undoing.listed(place.services.database))[-1].number


async def test_an_import_is_taken_back_and_can_come_again(place: Place, tmp_path: Path) -> None:
    store, database, loader = place.services.store, place.services.database, place.services.loader
    first = await imported(place, tmp_path / "a.log", log(0, 400))
    before = (shown(store), await undoing.listed(database))
    second = await imported(place, tmp_path / "b.log", log(7, 300) + log(0, 30))
    with_both = shown(store)
    assert with_both["daily"] != before[0]["daily"]
    (taken,) = await loader.undo([second])
    assert (taken.number, taken.file, taken.records) == (
        second,
        str(tmp_path / "b.log"),
        {"example.com": 330},
    )
    assert (shown(store), await undoing.listed(database)) == before
    check_recount(store)
    assert store.command("SELECT count() FROM daily_agents WHERE n > 1000000") == 0
    assert await imported(place, tmp_path / "b.log", log(7, 300) + log(0, 30)) > second
    assert shown(store) == with_both
    check_recount(store)
    with pytest.raises(UserError, match="not there any more"):
        await loader.undo([second])
    await loader.undo(await undoing.meant_by(database, str(first)))
    await loader.undo(await undoing.meant_by(database, str(tmp_path / "b.log")))
    assert all(rows == [] for rows in shown(store).values())
    assert store.command("SELECT count() FROM records") == 0
    assert await undoing.listed(database) == []


async def test_a_log_that_has_grown_is_taken_back_from_its_end_or_whole(place: Place, tmp_path: Path) -> None:
    store, database, loader = place.services.store, place.services.database, place.services.loader
    path = tmp_path / "access.log"
    other = await imported(place, tmp_path / "other.log", log(3, 50))
    empty = shown(store)
    first = await imported(place, path, log(0, 200))
    grown = shown(store)
    second = await imported(place, path, log(0, 200) + log(1, 100))
    with pytest.raises(UserError, match=f"goes on from where import {first} ended"):
        await loader.undo([first])
    assert [one.number for one in await undoing.listed(database)] == [other, first, second]
    await loader.undo([second])
    assert shown(store) == grown
    assert await imported(place, path, log(0, 200) + log(1, 100)) == second + 1
    assert await undoing.meant_by(database, str(path)) == [first, second + 1]
    await loader.undo([second + 1, first])
    assert shown(store) == empty
    again = await place.import_file(path)
    assert (again.staged.lines, again.already) == (300, 0)


async def test_what_is_not_whole_any_more_is_refused(place: Place, tmp_path: Path) -> None:
    store = place.services.store
    number = await imported(place, tmp_path / "a.log", log(0, 400, days=40))
    old = (TODAY - timedelta(days=20)).date()
    removal.trim(store, [1], old, old, old.replace(year=old.year - 2))
    before = shown(store), await undoing.listed(place.services.database)
    with pytest.raises(UserError, match=r"gave 400 records, and \d+ of them are still kept"):
        await place.services.loader.undo([number])
    assert (shown(store), await undoing.listed(place.services.database)) == before


async def test_what_was_never_imported_is_told(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "never.log"
    path.write_text(log(0, 3))
    for given, reason in (
        (str(path), "nothing of .*never.log was imported"),
        ("17", "there is no import 17"),
    ):
        with pytest.raises(UserError, match=reason):
            await undoing.meant_by(place.services.database, given)
    with pytest.raises(UserError, match="cannot open"):
        await undoing.meant_by(place.services.database, str(tmp_path / "not-there.log"))


async def test_one_import_of_several_domains(place: Place, tmp_path: Path) -> None:
    await add_domain(place.services.database, "other.example", "me@example.org")
    text = "".join(
        f"{host} {one}\n" for one in log(0, 40).splitlines() for host in ("example.com", "other.example")
    )
    domains = {"domains": {"example.com": 1, "other.example": 2}, "hostless": 0}
    number = await imported(place, tmp_path / "v.log", text, log_format="vhost", target=domains)
    (one,) = await undoing.listed(place.services.database)
    assert one.records == {"example.com": 40, "other.example": 40}
    await place.services.loading.forget("other.example")
    await place.services.loader.undo([number])
    assert all(rows == [] for rows in shown(place.services.store).values())


async def test_it_goes_on_from_every_step_at_which_it_may_have_ended(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each write to the events store fails once, before or after it was done; then another goes on."""
    store, loader = place.services.store, place.services.loader
    await imported(place, tmp_path / "a.log", log(0, 60))
    without = shown(store)
    # Six rollups are written, then the rows go, then what has become zero.
    for nth, after in ((0, True), (3, False), (5, True), (6, False), (6, True), (8, True)):
        number = await imported(place, tmp_path / "b.log", log(7, 60))
        with monkeypatch.context() as patched:
            _fails(patched, store, nth, after=after)
            with pytest.raises(RuntimeError, match="dead"):
                await loader.undo([number])
        await loader.finish_undos()
        assert shown(store) == without, (nth, after)
    check_recount(store)


async def test_what_was_subtracted_is_not_again_where_the_engine_has_forgotten_it(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A merge of an import's rows with what takes them back leaves an empty part, which goes with its token."""
    store, loader = place.services.store, place.services.loader
    number = await imported(place, tmp_path / "a.log", log(0, 60))
    rollups = [table for table, _ in taking_back._rollups(store)]
    with monkeypatch.context() as patched:
        # Death before the rows go, which takes long where there are many.
        _fails(patched, store, len(rollups), after=False)
        with pytest.raises(RuntimeError, match="dead"):
            await loader.undo([number])
    for table in rollups:
        store.command(f"OPTIMIZE TABLE {table} FINAL")
        store.command(f"TRUNCATE TABLE {table}")  # The empty part and its token, now instead of in a minute.
    await loader.finish_undos()
    assert all(rows == [] for rows in shown(store).values())


def _fails(patched: pytest.MonkeyPatch, store: EventsStore, nth: int, *, after: bool) -> None:
    calls = iter(range(1_000))

    def failing(name: str) -> None:
        real = getattr(store, name)

        def write(*args: object) -> object:
            if name == "command" and not str(args[0]).startswith(("ALTER", "OPTIMIZE")):
                return real(*args)
            dies = next(calls) == nth
            if dies and not after:
                raise RuntimeError("dead")
            answer = real(*args)
            if dies:
                raise RuntimeError("dead")
            return answer

        patched.setattr(store, name, write)

    failing("command")
    failing("insert_block")


KILLS = [4, pytest.param(20, marks=pytest.mark.soak)]


@pytest.mark.parametrize("times", KILLS)
def test_an_import_is_taken_back_whole_or_not_at_all_whoever_dies_when(tmp_path: Path, times: int) -> None:
    folder, path, moments = tmp_path / "data", tmp_path / "b.log", random.Random(7)
    path.write_text(log(7, 3000))

    async def begin(services: Services) -> Numbers:
        await make_site(services)
        place = Place(services)
        await imported(place, tmp_path / "a.log", log(0, 300))
        return shown(services.store)

    async def fill(services: Services) -> Numbers:
        if not any(one.file == str(path) for one in await undoing.listed(services.database)):
            await Place(services).import_file(path)
        return shown(services.store)

    async def look(services: Services) -> tuple[Numbers, int]:
        """What is there after a death; then all of it again, for the next one."""
        await services.loading.load()
        check_recount(services.store)
        found = shown(services.store), len(await undoing.listed(services.database))
        await fill(services)
        return found

    async def opened(work: object) -> object:
        async with open_services(load_settings(data_dir=folder)) as services:
            return await work(services)  # type: ignore[operator]

    without = asyncio.run(opened(begin))
    full = asyncio.run(opened(fill))
    outcomes = set()
    for _ in range(times):
        command = [sys.executable, "-m", "tests.ingest.dying", "undo", str(folder), str(path)]
        with subprocess.Popen(command, text=True, stdout=subprocess.PIPE) as dying:
            assert dying.stdout is not None
            assert dying.stdout.readline() == "undoes\n"
            time.sleep(moments.uniform(0, 1.5))
            dying.kill()
        found, number = asyncio.run(opened(look))  # type: ignore[misc]
        assert (found, number) in ((without, 1), (full, 2))
        outcomes.add(number)
    assert re.fullmatch("1|2|12", "".join(map(str, sorted(outcomes))))
