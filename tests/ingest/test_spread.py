"""One log for several domains, for a part of its time, or only to see what it would come to."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlight.domains.pages import seo_counts
from crawlight.domains.registry import add_domain
from crawlight.errors import UserError
from crawlight.ingest.importing import Importer
from tests.ingest.conftest import Place, target_of
from tests.ingest.lines import WRITERS, Hit, combined, log
from tests.ingest.test_importing import CHROME, line, written

pytestmark = pytest.mark.anyio

BOTH = {"example.com": 1, "other.example": 2}
FORMATS = pytest.mark.parametrize("writer", WRITERS)


def day(number: int) -> datetime:
    return datetime(2026, 6, number, tzinfo=UTC)


async def by_domain(place: Place) -> dict[int, list[str]]:
    columns = place.services.store.columns(
        "SELECT domain_id, arraySort(groupArray(path)) FROM records GROUP BY domain_id"
    )
    return dict(zip(*columns, strict=True))


@pytest.fixture(autouse=True)
async def other_domain(place: Place) -> None:
    await add_domain(place.services.database, "other.example", "me@example.org")


@FORMATS
async def test_lines_go_to_the_domain_of_their_host(place: Place, tmp_path: Path, writer: str) -> None:
    hits = [
        Hit(target="/a"),
        Hit(target="/b", host="www.other.example"),
        Hit(target="/c", host="third.example"),
        Hit(agent=CHROME, host="third.example"),
        Hit(agent=CHROME),
    ]
    path = written(tmp_path / "access.log", log(writer, *hits))
    imported = await place.import_file(path, target={"domains": BOTH, "hostless": 0})
    assert await by_domain(place) == {1: ["/a"], 2: ["/b"]}
    assert imported.staged.domains == {1: 1, 2: 1}
    assert imported.staged.buckets["other_hosts"] == 2
    assert set(imported.staged.hosts) == {"third.example" + (":443" if writer in ("vhost", "alb") else "")}
    again = await place.import_file(path, target={"domains": BOTH, "hostless": 0})
    alone = await place.import_file(path)
    assert (again.staged.lines, alone.staged.lines) == (0, 0)
    pages = {domain_id for domain_id, paths in (await known_pages(place)).items() if paths}
    assert pages == {1, 2}


async def known_pages(place: Place) -> dict[int, int]:
    counts = await seo_counts(place.services.database, [1, 2])
    return {domain_id: count.unknown for domain_id, count in counts.items()}


async def test_each_domain_ignores_its_own_parameters(place: Place, tmp_path: Path) -> None:
    targets = ["/a?sid=1&b=2", "/a?b=2", "/a?b=2&sid=3", "/sid"]
    hits = [Hit(target=target, host=host) for host in BOTH for target in targets]
    path = written(tmp_path / "access.log", log("vhost", *hits))
    chosen = {"domains": BOTH, "hostless": 0, "ignored": {2: frozenset({"sid"})}}
    await place.import_file(path, target=chosen)
    assert await by_domain(place) == {
        1: ["/a?b=2", "/a?b=2&sid=1", "/a?b=2&sid=3", "/sid"],
        2: ["/a?b=2", "/a?b=2", "/a?b=2", "/sid"],
    }
    assert await known_pages(place) == {1: 4, 2: 2}


async def test_a_log_without_hosts_cannot_be_spread(place: Place, tmp_path: Path) -> None:
    before = await place.traces()
    with pytest.raises(UserError, match="is Apache/nginx combined, which names no hosts: say --domain HOST"):
        await place.import_file(
            written(tmp_path / "access.log", line()), target={"domains": BOTH, "hostless": 0}
        )
    assert await place.traces() == before


async def test_lines_without_a_host_are_of_the_only_domain(place: Place, tmp_path: Path) -> None:
    path = written(
        tmp_path / "access.log", log("caddy", Hit(host=""), Hit(target="/b", host="other.example"))
    )
    both = await place.import_file(path, target={"domains": BOTH, "hostless": 0})
    assert both.staged.buckets["other_hosts"] == 1
    other = written(tmp_path / "other.log", log("caddy", Hit(host="", target="/c")))
    assert (await place.import_file(other)).staged.domains == {1: 1}


async def test_a_domain_that_comes_later_gets_what_it_has_not_read(place: Place, tmp_path: Path) -> None:
    hits = [Hit(target="/a"), Hit(target="/b", host="other.example")]
    path = written(tmp_path / "access.log", log("vhost", *hits))
    await place.import_file(path)
    path = written(path, log("vhost", *hits, Hit(target="/c"), Hit(target="/d", host="other.example")))
    stores = (place.services.database, place.services.spool, place.services.store)
    importer = Importer(*stores, place.identity)
    parts = await importer.import_file(str(path), target_of(domains=BOTH, hostless=0))
    await place.services.loading.load()
    assert [(part.domains, part.already, part.staged.lines) for part in parts] == [
        ({"example.com": 1}, 2, 2),
        ({"other.example": 2}, 0, 4),
    ]
    assert await by_domain(place) == {1: ["/a", "/c"], 2: ["/b", "/d"]}
    [last] = await importer.import_file(str(path), target_of(domains=BOTH, hostless=0))
    assert (last.already, last.staged.lines) == (4, 0)


async def test_lines_outside_of_the_wanted_times_are_left_out_and_counted(
    place: Place, tmp_path: Path
) -> None:
    path = written(tmp_path / "access.log", *(line(f"/{n}", day=n) for n in range(1, 8)))
    imported = await place.import_file(path, target={"since": day(3), "until": day(5)})
    assert [row.path for row in place.rows()] == ["/3", "/4"]
    assert imported.staged.buckets == {"crawls": 2, "outside": 5}
    again = await place.import_file(path, target={"since": day(3), "until": day(5)})
    assert again.staged.lines == 0
    later = await place.import_file(path, target={"since": day(5)})
    assert later.staged.buckets == {"crawls": 3, "outside": 4}
    await place.import_file(path, target={"until": day(3)})
    assert [row.path for row in place.rows()] == [f"/{n}" for n in range(1, 8)]


@pytest.mark.parametrize("times", [{}, {"since": day(4)}, {"until": day(4)}])
async def test_times_that_overlap_with_imported_ones_are_refused(
    place: Place, tmp_path: Path, times: dict[str, datetime]
) -> None:
    path = written(tmp_path / "access.log", *(line(f"/{n}", day=n) for n in range(1, 8)))
    await place.import_file(path, target={"since": day(3), "until": day(5)})
    before = await place.traces()
    told = r"was imported before from 2026-06-03T00:00:00\+00:00 to before 2026-06-05T00:00:00\+00:00, which overlaps"
    with pytest.raises(UserError, match=told):
        await place.import_file(path, target=times)
    assert await place.traces() == before


async def test_a_whole_import_leaves_no_times_over(place: Place, tmp_path: Path) -> None:
    path = written(tmp_path / "access.log", line())
    await place.import_file(path)
    with pytest.raises(UserError, match="was imported before as a whole, which overlaps"):
        await place.import_file(path, target={"since": day(1)})


async def test_a_dry_run_counts_and_writes_nothing(place: Place, tmp_path: Path) -> None:
    path = written(tmp_path / "access.log", line("/a"), line("/b", agent=CHROME), b"junk\n")
    await place.services.loading.load()
    before, files = await place.traces(), sorted(tmp_path.rglob("*"))
    dry = Importer(place.services.database, None, place.services.store, place.identity)
    for _ in range(2):
        [counted] = await dry.import_file(str(path), target_of())
        assert counted.staged.buckets == {"crawls": 1, "people": 1, "rejected": 1}
    assert await place.traces() == before
    assert sorted(tmp_path.rglob("*")) == files
    imported = await place.import_file(path)
    assert imported.staged.buckets == counted.staged.buckets
    [counted] = await dry.import_file(str(path), target_of())
    assert (counted.already, counted.staged.lines) == (3, 0)


@pytest.mark.parametrize("kept", [1, 5, 19])
async def test_a_short_copy_of_a_longer_log_is_refused(place: Place, tmp_path: Path, kept: int) -> None:
    lines = [combined(Hit(target=f"/{n}")) for n in range(100)]
    await place.import_file(written(tmp_path / "access.log", *lines))
    before = await place.traces()
    for copy in (lines[:kept], [*lines[:kept], lines[kept][:20]]):
        assert len(b"".join(copy)) < 4096
        with pytest.raises(UserError, match="begins like a log that was imported before"):
            await place.import_file(written(tmp_path / "copy.log", *copy))
    assert await place.traces() == before
    await place.import_file(written(tmp_path / "new.log", combined(Hit(target="/new")), *lines[1:kept]))
    assert len(place.rows()) == 100 + kept
