"""The quick way to read combined logs comes to the same as the thorough one."""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlight.bots.identity import Identity
from crawlight.bots.lists import Ranges
from crawlight.demo.logs import REAL_LOG
from crawlight.events.store import MEMORY, EventsStore
from crawlight.ingest import quoted
from crawlight.ingest.importers.ncsa import COMBINED
from crawlight.ingest.staged import Staged, Target
from crawlight.ingest.staging import Result, Staging
from tests.ingest.conftest import LOGS

TARGET = Target(
    {"example.com": 1}, datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC), hostless=1
)
GPTBOT = "Mozilla/5.0 (compatible; GPTBot/1.3; +https://openai.com/gptbot)"


@pytest.fixture(scope="module")
def store() -> Iterator[EventsStore]:
    store = EventsStore(MEMORY)
    yield store
    store.close()


def read(store: EventsStore, data: bytes, *, quick: bool) -> tuple[Staged, list[dict[str, Any]]]:
    assert COMBINED.fitted
    fitted = COMBINED.fitted(data.split(b"\n")[:100], {})
    log_format = msgspec.structs.replace(fitted, quoted=COMBINED.quoted if quick else None)
    with Staging(store, log_format, TARGET, Identity(Ranges([]))) as staging:
        buffer = bytearray(data)
        chunk = memoryview(buffer)
        results = [staging.stage(chunk, staging.cut(chunk))]
        assert bytes(buffer) == data
        if results[0].others:
            results.append(staging.stage_others(results[0].others))
    return total(results), sorted(
        (row for result in results for row in result.records.to_pylist()), key=lambda row: sorted(row.items())
    )


def total(results: list[Result]) -> Staged:
    staged = Staged()
    for result in results:
        staged.add(result.staged, 5, 0)
        for domain, pages in result.staged.pages.items():
            staged.pages.setdefault(domain, set()).update(pages)
    return staged


def assert_same(store: EventsStore, data: bytes) -> Staged:
    quick, records = read(store, data, quick=True)
    thorough, expected = read(store, data, quick=False)
    assert quick == thorough
    assert records == expected
    return quick


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
@pytest.mark.parametrize("log", [REAL_LOG, *sorted(LOGS.glob("*.gz"))], ids=lambda log: log.name)
def test_real_logs(store: EventsStore, log: Any, ending: bytes) -> None:
    data = gzip.decompress(log.read_bytes()).replace(b"\n", ending)
    assert assert_same(store, data).lines == len(data.rstrip().split(b"\n"))


def combined(
    target: str = "/",
    agent: str = GPTBOT,
    date: str = "01/Jun/2026:12:00:00 +0000",
    answer: str = "200 5",
    client: str = "192.0.2.1 - -",
    more: str = "",
) -> bytes:
    return f'{client} [{date}] "GET {target} HTTP/1.1" {answer} "-" "{agent}"{more}\n'.encode()


@pytest.mark.parametrize(
    ("odd", "bucket"),
    [
        (combined(date="01/Jun/2026:12:00:00 +9999"), "rejected"),
        (combined(date="01/Jun/2026:12:00:00 -1401"), "crawls"),
        (combined(date="01/Jun/2026:12:00:00 +1460"), "rejected"),
        (combined(date="01/Jun/2107:12:00:00 +0000"), "rejected"),
        (combined(date="01/Jun/2026:24:00:00 +0000"), "rejected"),
        (combined(date="31/Jun/2026:12:00:00 +0000"), "rejected"),
        (combined(date="29/Feb/2024:12:00:00 -0330"), "crawls"),
        (combined(date="29/Feb/2023:12:00:00 -0330"), "rejected"),
        (combined(date="1/Jun/2026:12:00:00 +0000"), "rejected"),
        (combined(answer="99999 5"), "rejected"),
        (combined(answer="000 5"), "crawls"),
        (combined(answer="20 5"), "rejected"),
        (combined(answer="200"), "crawls"),
        (combined(client="192.0.2.1 - a[b"), "crawls"),
        (combined(client="192.0.2.1 - a[01/Jun/2026:12:00:00 +0000]"), "crawls"),
        (combined('/a\\"b\\\\\\"c'), "crawls"),
        (combined("/a\\\\"), "crawls"),
        (combined("/a\rb"), "crawls"),
        (combined("/a\0'b"), "crawls"),
        (combined(agent='x\\"GPTBot/1.0\\"'), "crawls"),
        (combined(agent="-"), "libraries"),
        (combined(more=' "203.0.113.7"'), "crawls"),
        (combined("/ü"), "crawls"),
        (combined("/ü").replace("ü".encode(), b"\xfc"), "crawls"),
        (combined().replace(b'bot)"', b"bot)"), "crawls"),
        (b'192.0.2.1 - - [01/Jun/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 5\n', "no_user_agent"),
        (b"\n", "empty"),
        (b"junk\n", "rejected"),
    ],
)
def test_odd_lines(store: EventsStore, odd: bytes, bucket: str) -> None:
    for data in (
        combined() * 3 + odd + combined("/end"),
        combined() * 2 + odd.rstrip(b"\n") + b"\n",
        odd * 3,
    ):
        assert assert_same(store, data).buckets[bucket]
    assert_same(store, combined() * 3 + odd.rstrip(b"\n"))


PIECES = st.sampled_from(
    [
        '"',
        '\\"',
        "\\",
        "\\\\",
        " ",
        "[",
        "] ",
        "\r",
        "\0",
        "'",
        "GET /",
        "HTTP/1.1",
        " 200 ",
        "é",
        "-",
        "x",
        GPTBOT,
    ]
)
TEXTS = st.lists(PIECES, max_size=4).map("".join)
DATES = st.builds(
    "{:02}/{}/{:04}:{:02}:{:02}:{:02} {}{:04}".format,
    st.integers(0, 32),
    st.sampled_from(["Jan", "Feb", "Jun", "Dec", "dec", "Xxx"]),
    st.sampled_from([1969, 1970, 2023, 2024, 2026, 2105, 2106, 2107, 9999]),
    st.integers(0, 24),
    st.integers(0, 60),
    st.integers(0, 60),
    st.sampled_from("+-"),
    st.sampled_from([0, 100, 330, 1200, 1400, 1401, 1500, 60, 9999]),
)
LINES = st.one_of(
    st.just(combined()),
    TEXTS.map(lambda text: text.encode() + b"\n"),
    st.builds(
        combined,
        target=TEXTS,
        agent=st.one_of(st.just(GPTBOT), TEXTS),
        date=st.one_of(st.just("01/Jun/2026:12:00:00 +0000"), DATES),
        answer=st.one_of(st.just("304 -"), TEXTS, st.integers(0, 99_999).map("{} 5".format)),
        client=st.one_of(st.just("192.0.2.1 - -"), TEXTS),
        more=st.one_of(st.just(""), TEXTS),
    ),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, min_size=1, max_size=12), cut=st.integers(0, 20))
def test_any_lines(store: EventsStore, lines: list[bytes], cut: int) -> None:
    data = b"".join([combined(), *lines, combined()])
    assert_same(store, data[: len(data) - cut] or b"x")


def test_lines_of_many_blocks_keep_their_numbers(store: EventsStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quoted, "_BLOCK_BYTES", 1_000)
    bad = combined(date="nothing")
    data = b"".join(
        bad if n in (7, 60, 61, 130) else b"junk\n" if n in (30, 100) else combined() for n in range(200)
    )
    found = assert_same(store, data)
    assert [one.line for one in found.rejected] == [8, 31, 61, 62, 101]
    assert read(store, data + b"x" * 2_000, quick=True)[0].lines == 201
