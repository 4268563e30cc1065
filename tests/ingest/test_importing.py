import asyncio
import gzip
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlight.demo.logs import REAL_LOG
from crawlight.domains import imports, pages
from crawlight.domains.registry import add_domain
from crawlight.errors import UserError
from crawlight.ids import DomainId
from crawlight.ingest.handover import import_lock
from crawlight.ingest.importing import Importer
from crawlight.ingest.known import digest
from crawlight.ingest.reading import TAIL_BYTES, fingerprint, starts
from crawlight.ingest.staged import Target
from tests.ingest.conftest import EVER, LOGS, Place
from tests.ingest.naive import lines_of, records

pytestmark = pytest.mark.anyio

GPTBOT = (
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.3; +https://openai.com/gptbot"
)
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


def line(
    target: str = "/", agent: str = GPTBOT, status: int = 200, day: int = 1, method: str = "GET"
) -> bytes:
    date = f"{day:02}/Jun/2026:12:00:00 +0000"
    return f'192.0.2.1 - - [{date}] "{method} {target} HTTP/1.1" {status} 5 "-" "{agent}"\n'.encode()


def written(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"".join(lines))
    return path


@pytest.mark.parametrize("chunk_bytes", [100_000, 64 * 1024 * 1024])
async def test_a_real_log_comes_to_what_a_naive_reader_finds(place: Place, chunk_bytes: int) -> None:
    place.chunk_bytes = chunk_bytes
    imported = await place.import_file(REAL_LOG)
    assert imported.staged.lines == sum(imported.staged.buckets.values()) == 10_000
    assert place.rows() == records(lines_of(REAL_LOG))


@pytest.mark.parametrize(
    ("name", "rejected"),
    [("advertools-combined-with-errors.log.gz", 4), ("advertools-dreamhost-apache-2023.log.gz", 0)],
)
async def test_logs_with_junk_and_other_time_zones(place: Place, name: str, rejected: int) -> None:
    imported = await place.import_file(LOGS / name)
    assert imported.staged.buckets["rejected"] == rejected
    assert place.rows() == records(lines_of(LOGS / name))


async def test_rejected_lines_are_shown_with_number_and_reason(place: Place, tmp_path: Path) -> None:
    place.chunk_bytes = 300
    lines = [
        line(),
        b"junk one\n",
        line(),
        line(),
        b"[01/Jun/2026:12:00:00 +0000] junk two\n",
        *[b"more\n"] * 9,
    ]
    imported = await place.import_file(written(tmp_path / "access.log", *lines))
    assert [(bad.line, bad.reason, bad.text) for bad in imported.staged.rejected[:2]] == [
        (2, "no date in [brackets]", "junk one"),
        (5, "no request in quotes", "[01/Jun/2026:12:00:00 +0000] junk two"),
    ]
    assert [bad.line for bad in imported.staged.rejected[2:]] == [6, 7, 8]
    assert imported.staged.buckets["rejected"] == 11


async def test_every_line_goes_into_one_bucket(place: Place, tmp_path: Path) -> None:
    lines = {
        "crawls": [line(), line("/?utm_source=x", method="HEAD")],
        "robots": [line("/robots.txt")],
        "libraries": [
            line(agent="curl/8.0"),
            line(agent="-"),
            line("/robots.txt", agent="python-requests/2"),
        ],
        "people": [line(agent=CHROME)],
        "assets": [line("/app.js?v=1")],
        "other_methods": [line(method="POST")],
        "no_page": [line("*")],
        "no_user_agent": [b'192.0.2.1 - - [01/Jun/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 5\n'],
        "too_old": [line(day=1), line(day=2)],
        "future": [line(day=29)],
        "rejected": [b"junk\n"],
        "empty": [b"\n", b"\r\n"],
    }
    moved = {"too_old": [line(day=2), line(day=3)]}
    all_lines = [one for name, some in lines.items() for one in moved.get(name, some)]
    kept = [one.replace(b"01/Jun", b"15/Jun") for one in all_lines]
    between = (datetime(2026, 6, 10, tzinfo=UTC), datetime(2026, 6, 20, tzinfo=UTC))
    imported = await place.import_file(written(tmp_path / "access.log", *kept), between=between)
    assert imported.staged.buckets == {name: len(some) for name, some in lines.items()}
    assert imported.staged.records() == len(place.rows()) == 6


async def test_dressed_up_targets_are_one_page(place: Place, tmp_path: Path) -> None:
    targets = [
        "/a?b=1&a=2",
        "/a?a=2&b=1&utm_source=x",
        "/x/../a?a=2&b=1",
        "/%61?a=2&b=1#top",
        "/\\x61?a=2&b=1",
    ]
    await place.import_file(written(tmp_path / "access.log", *map(line, targets)))
    assert {row.path for row in place.rows()} == {"/a?a=2&b=1"}
    assert len(place.rows()) == 5


async def test_targets_with_spaces_quotes_and_odd_bytes_are_kept_whole(place: Place, tmp_path: Path) -> None:
    raw = line("/TARGET").replace(b"/TARGET", b'/a b\\"c\xff')
    await place.import_file(written(tmp_path / "access.log", raw))
    assert [row.path for row in place.rows()] == ["/a%20b'c%FF"]


async def test_crawled_pages_become_known_unless_they_failed(place: Place, tmp_path: Path) -> None:
    lines = [line(f"/{status}", status=status) for status in (200, 204, 304, 301, 404, 410, 500)]
    await place.import_file(written(tmp_path / "access.log", *lines, line("/x", agent=CHROME)))
    known = await pages.scores_for(
        place.services.database, {DomainId(1): [f"/{n}" for n in range(600)] + ["/x"]}
    )
    assert {path for _, path in known} == {"/200", "/204", "/304"}
    assert (await pages.seo_counts(place.services.database, [DomainId(1)]))[DomainId(1)].unknown == 3


async def test_the_same_file_twice_counts_once(place: Place, tmp_path: Path) -> None:
    await place.import_file(REAL_LOG)
    before = place.rows()
    again = await place.import_file(REAL_LOG)
    plain = written(tmp_path / "other-name.log", gzip.decompress(REAL_LOG.read_bytes()))
    uncompressed = await place.import_file(plain)
    assert place.rows() == before
    assert (again.staged.lines, uncompressed.staged.lines, uncompressed.already) == (0, 0, 10_000)


@pytest.mark.parametrize("lines_before", [1, 3, 60])
async def test_a_grown_file_counts_its_new_lines(place: Place, tmp_path: Path, lines_before: int) -> None:
    lines = [line(f"/{n}") for n in range(100)]
    path = tmp_path / "access.log"
    await place.import_file(written(path, *lines[:lines_before]))
    grown = await place.import_file(written(path, *lines))
    assert (grown.staged.lines, grown.already) == (100 - lines_before, lines_before)
    assert sorted(row.path for row in place.rows()) == sorted(f"/{n}" for n in range(100))
    async with place.services.database.read() as session:
        assert len(await imports.of_domains(session, [DomainId(1)])) == 1


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", bytes(3_000), bytes(10_000), bytes(5) + b"\xef\xbb\xbf"])
@pytest.mark.parametrize("lines_before", [3, 60])
async def test_what_an_import_counted_in_before_the_first_line_is_known(
    place: Place, tmp_path: Path, before: bytes, lines_before: int
) -> None:
    """A mark or NULs there were once a part of the log; what the ledger says of it still holds."""
    lines = [line(f"/{n}") for n in range(100)]
    path = tmp_path / "access.log"
    await place.import_file(written(path, *lines[:lines_before]))
    raw = before + b"".join(lines[:lines_before])
    async with place.services.database.write() as session:
        [entry] = await imports.of_domains(session, [DomainId(1)])
        entry.fingerprint, entry.starts = fingerprint(raw), starts(raw)
        entry.offset, entry.tail = len(raw), digest(raw[-TAIL_BYTES:])
    grown = await place.import_file(written(path, before, *lines))
    assert (grown.staged.lines, grown.already) == (100 - lines_before, lines_before)
    again = await place.import_file(path)
    assert (again.staged.lines, again.already) == (0, 100)
    async with place.services.database.read() as session:
        assert len(await imports.of_domains(session, [DomainId(1)])) == 1


async def test_a_line_that_is_still_being_written_counts_when_it_is_whole(
    place: Place, tmp_path: Path
) -> None:
    path = tmp_path / "access.log"
    first = await place.import_file(written(path, line("/a"), line("/b")[:-30]))
    assert (first.staged.lines, first.staged.buckets) == (1, {"crawls": 1})
    second = await place.import_file(written(path, line("/a"), line("/b")))
    assert (second.staged.lines, [row.path for row in place.rows()]) == (1, ["/a", "/b"])


async def test_a_whole_last_line_without_end_counts_once(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    await place.import_file(written(path, line("/a"), line("/b").rstrip(b"\n")))
    await place.import_file(written(path, line("/a"), line("/b"), line("/c")))
    assert [row.path for row in place.rows()] == ["/a", "/b", "/c"]


async def test_one_file_may_go_into_two_domains(place: Place, tmp_path: Path) -> None:
    path = written(tmp_path / "access.log", line())
    stores = (place.services.database, place.services.spool, place.services.store)
    importer = Importer(*stores, place.identity)
    other = await add_domain(place.services.database, "other.example", "me@example.org")
    await place.import_file(path)
    await importer.import_file(str(path), Target({"other.example": DomainId(2)}, *EVER, hostless=DomainId(2)))
    await place.services.loading.load()
    assert other.host == "other.example"
    assert place.services.store.columns("SELECT domain_id, count() FROM records GROUP BY 1 ORDER BY 1") == [
        [1, 2],
        [1, 1],
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"\x1b[31mred \x07",
            r"is no access log that Crawlight can read: .*; it starts with: \\x1b\[31mred \\x07$",
        ),
        (b"PK\x03\x04 whatever", "is a zip archive that is broken or cut off"),
        (b"<html>\n" * 500, "it starts with: <html>"),
        (bytes(range(256)) * 300, "is a binary file, not a log"),
        (b'{"request": {"uri": "/"}}\n', "is no access log"),
    ],
)
async def test_what_is_no_log_changes_nothing(
    place: Place, tmp_path: Path, content: bytes, message: str
) -> None:
    before = await place.traces()
    with pytest.raises(UserError, match=message):
        await place.import_file(written(tmp_path / "access.log", content))
    assert await place.traces() == before


async def test_a_truncated_gzip_changes_nothing_and_the_whole_one_counts(
    place: Place, tmp_path: Path
) -> None:
    before = await place.traces()
    whole = REAL_LOG.read_bytes()
    cut = written(tmp_path / "access.log.gz", whole[: len(whole) // 2])
    with pytest.raises(UserError, match="ends in the middle of its compressed data"):
        await place.import_file(cut)
    assert await place.traces() == before
    await place.import_file(REAL_LOG)
    assert place.rows() == records(lines_of(REAL_LOG))


@pytest.mark.parametrize("content", [b"", b"\n\n"])
async def test_an_empty_file_is_none_to_complain_about(place: Place, tmp_path: Path, content: bytes) -> None:
    before = await place.traces()
    imported = await place.import_file(written(tmp_path / "access.log", content))
    assert (imported.format, imported.staged.lines) == ("empty", 0)
    assert await place.traces() == before


@pytest.mark.parametrize("change", ["edited", "shorter", "another after the same start"])
async def test_a_file_that_is_not_the_one_it_begins_like_is_refused(
    place: Place, tmp_path: Path, change: str
) -> None:
    lines = [line(f"/{n}") for n in range(100)]
    path = tmp_path / "access.log"
    await place.import_file(written(path, *lines))
    before = await place.traces()
    other = {
        "edited": [*lines[:60], *lines[61:], line("/x"), line("/y")],
        "shorter": lines[:60],
        "another after the same start": [*lines[:50], *(line(f"/b{n}") for n in range(200))],
    }[change]
    with pytest.raises(UserError, match="begins like a log that was imported before"):
        await place.import_file(written(path, *other))
    assert await place.traces() == before


async def test_an_unknown_format_is_told(place: Place) -> None:
    with pytest.raises(UserError, match="unknown log format weird; known are auto, combined, common"):
        await place.import_file(REAL_LOG, log_format="weird")


async def test_an_import_that_died_before_its_note_leaves_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> None:
        raise KeyboardInterrupt

    before = await place.traces()
    monkeypatch.setattr(Importer, "_note", dies)
    with pytest.raises(KeyboardInterrupt):
        await place.import_file(REAL_LOG)
    monkeypatch.undo()
    assert await place.traces() == before
    await place.import_file(REAL_LOG)
    assert place.rows() == records(lines_of(REAL_LOG))


async def test_an_import_that_died_after_its_note_is_finished_by_the_next_start(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("crawlight.ingest.importing.settle", dies)
    with pytest.raises(KeyboardInterrupt):
        await place.import_file(REAL_LOG)
    monkeypatch.undo()
    assert place.services.spool.prepared()
    await place.services.loading.settle()
    await place.services.loading.load()
    assert place.rows() == records(lines_of(REAL_LOG))
    assert (await place.import_file(REAL_LOG)).staged.lines == 0


LINE_PARTS = st.one_of(
    st.binary(max_size=60),
    st.builds(
        line,
        target=st.text(st.characters(exclude_characters='"\\\n', codec="utf-8"), max_size=30),
        agent=st.sampled_from([GPTBOT, CHROME, "curl/8", "-", "x\\\\", '\\"']),
        status=st.integers(0, 999),
    ),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(LINE_PARTS, min_size=1, max_size=30))
async def test_any_bytes_come_to_as_many_lines_as_there_are(
    place: Place, tmp_path: Path, parts: list[bytes]
) -> None:
    body = line(f"/{datetime.now(UTC).timestamp()}") + b"".join(parts) + b"\n"
    imported = await place.import_file(written(tmp_path / "access.log", body), load=False)
    assert sum(imported.staged.buckets.values()) == imported.staged.lines == body.count(b"\n")


@pytest.mark.parametrize("packed", [False, True])
async def test_a_cancelled_import_keeps_what_it_read_and_the_next_goes_on(
    place: Place, tmp_path: Path, packed: bool
) -> None:
    place.chunk_bytes = 100_000
    plain = gzip.decompress(REAL_LOG.read_bytes())
    log = written(tmp_path / "access.log", gzip.compress(plain) if packed else plain)
    reads = 0

    def cancel_the_fifth(_read: int, _size: int) -> None:
        nonlocal reads
        reads += 1
        if reads == 5:
            task.cancel()

    task = asyncio.create_task(place.import_file(log, progress=cancel_the_fifth))
    with pytest.raises(asyncio.CancelledError):
        await task
    await place.services.loading.load()
    counted = place.rows()
    rest = await place.import_file(log)
    assert 0 < rest.already < 10_000
    assert rest.staged.lines == 10_000 - rest.already
    assert 0 < len(counted) < len(place.rows())
    assert place.rows() == records(lines_of(REAL_LOG))


async def test_numbers_of_rejected_lines_are_those_in_the_whole_file(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    await place.import_file(written(path, *[line()] * 50))
    imported = await place.import_file(written(path, *[line()] * 52, b"junk\n", line()))
    assert [bad.line for bad in imported.staged.rejected] == [53]


async def test_a_name_that_is_no_text_can_be_told(place: Place, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/access-\xff.log"))
    imported = await place.import_file(written(path, line()))
    assert imported.file.endswith(r"/access-\xff.log")
    imported.file.encode()
    with pytest.raises(UserError, match=r"cannot open .*/none-\\xff.log: No such file"):
        await place.import_file(path.with_name("none-\udcff.log"))


async def test_a_spool_that_cannot_be_written_to_is_told(place: Place) -> None:
    spool = place.services.spool
    (spool.folder / "import.lock").unlink(missing_ok=True)
    (spool.folder / "import.lock").mkdir()
    with (
        pytest.raises(UserError, match=r"cannot write to .*spool: Is a directory"),
        import_lock(spool, wait=False),
    ):
        pass
