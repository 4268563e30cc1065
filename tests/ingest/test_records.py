"""Records of JSON that are no lines, as logs."""

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from crawlight.ingest import reading
from crawlight.ingest.archives import open_logs
from crawlight.ingest.importers.choosing import choose_format
from crawlight.ingest.reading import Log
from crawlight.ingest.records import Records, records_of
from tests.ingest.conftest import Place
from tests.ingest.json_lines import RECORDS, Record
from tests.ingest.lines import Hit
from tests.ingest.test_importing import written

pytestmark = pytest.mark.anyio

ODD = ['a"b', "\\", '\\"', "]}", "{[", "\\\\", "é\n", "x\\\\\\"]
HITS = [Hit(target=f"/{n}", agent=f"GPTBot/1.3 {ODD[n % len(ODD)]}") for n in range(50)]

SHAPES: dict[str, Callable[[list[Record]], str]] = {
    "an array on one line": json.dumps,
    "an array, compact": lambda records: json.dumps(records, separators=(",", ":")),
    "an array with a record per line": lambda records: "[\n" + ",\n".join(map(json.dumps, records)) + "\n]\n",
    "commas first": lambda records: "[" + "\n, ".join(map(json.dumps, records)) + "]",
    "an array, pretty": lambda records: json.dumps(records, indent=2),
    "records, pretty": lambda records: "\n".join(json.dumps(record, indent=4) for record in records) + "\n",
    "records, pretty, with CRLF": lambda records: "\r\n".join(
        json.dumps(record, indent=1).replace("\n", "\r\n") for record in records
    ),
    "records without anything between": lambda records: "".join(map(json.dumps, records)),
    "an array per line": lambda records: "".join(
        json.dumps(records[start : start + 7]) + "\n" for start in range(0, len(records), 7)
    ),
    "an array in an object": lambda records: json.dumps({"version": 1, "name": 'a"', "records": records}),
    "an array in an object, pretty": lambda records: json.dumps({"records": records}, indent=2),
    "an array in an object per line": lambda records: "".join(
        json.dumps({"type": "x", "events": records[start : start + 9]}) + "\n"
        for start in range(0, len(records), 9)
    ),
}
EACH_SHAPE = pytest.mark.parametrize("shape", SHAPES)
KINDS = ("vercel", "google_cloud", "azure_gateway", "header_objects", "ecs_dotted")


def lines_of(path: Path) -> list[bytes]:
    with open_logs(str(path)) as logs:
        log = next(logs)
        assert isinstance(log, Log)
        log.skip(0)
        return b"".join(bytes(chunk) for chunk in log.chunks(lambda _line: False, 1000)).splitlines()


@EACH_SHAPE
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("piece", [97, 4 * 1024 * 1024])
def test_each_record_becomes_a_line(
    tmp_path: Path, shape: str, kind: str, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PIECE_BYTES", piece)
    records = [RECORDS[kind](hit) for hit in HITS]
    if piece == 97:
        records = records[:9]
        monkeypatch.setattr(reading, "_PIECE_BYTES", 2000)
    path = written(tmp_path / "log", SHAPES[shape](records).encode())
    assert [json.loads(line) for line in lines_of(path)] == records


@EACH_SHAPE
async def test_an_array_that_has_grown_counts_its_new_records(
    place: Place, tmp_path: Path, shape: str
) -> None:
    records = [RECORDS["azure_gateway"](hit) for hit in HITS]
    path = tmp_path / "log.json"
    totals = []
    for number in (3, 3, 20, 50):
        content = SHAPES[shape](records[:number]).encode()
        if shape.endswith("per line") and number != 50:
            content = SHAPES[shape](records[: number // 63 * 63] or records[:number]).encode()
        path = written(path, gzip.compress(content) if number == 50 else content)
        if shape in ("an array per line", "an array in an object per line") and number in (20, 50):
            return
        result = await place.import_file(path, load=False)
        totals.append((result.staged.lines, result.already))
    assert totals == [(3, 0), (0, 3), (17, 3), (30, 20)]


async def test_one_broken_record_does_not_spoil_the_rest(place: Place, tmp_path: Path) -> None:
    records = [RECORDS["vercel"](hit) for hit in HITS]
    lines = [json.dumps(record) for record in records]
    lines[20] = lines[20][:100]
    path = written(tmp_path / "log.json", ("[\n" + ",\n".join(lines) + "\n]\n").encode())
    result = await place.import_file(path)
    assert result.staged.buckets["crawls"] == 49
    assert result.staged.buckets["rejected"] >= 1


@pytest.mark.parametrize(
    ("opening", "records"),
    [
        (b'[{"a":1}', Records(1)),
        (b'[{"a":1},\n{"a":2},\n', Records(1, lined=True)),
        (b'[{"a":1},{"a":2}', Records(1)),
        (b'\n [ \n {"a":1},', Records(1)),
        (b'{"a":1}\n{"a":2}\n', None),
        (b'{"a":1}', None),
        (b'{"a"\n{"a":2}\n', None),
        (b'{\n"a":1\n}\n', Records(0)),
        (b'{"a":1}{"a":2}', Records(0)),
        (b'{"x":1,"headers":[{"name":"a","value":"b"}]}\n', None),
        (b'{"x":1,"logs":[{"a":1,"b":2,"c":3,"d":4}]}', Records(2)),
        (b"[28/Nov/2026:10:00:01 +0000] - 200", None),
        (b"", None),
        (b"[]", None),
    ],
)
def test_how_records_stand_is_seen_from_the_start(opening: bytes, records: Records | None) -> None:
    assert records_of(opening) == records


def test_any_text_comes_back_whole() -> None:
    chance = random.Random(3)
    for _ in range(200):
        texts = [
            "".join(chance.choice('a"\\{}[]\n ,:') for _ in range(chance.randrange(12))) for _ in range(5)
        ]
        records = [{"k": text, text: [text, {"n": [text]}]} for text in texts]
        for depth, data in (
            (1, json.dumps(records, indent=chance.choice([None, 1]))),
            (0, "".join(map(json.dumps, records))),
        ):
            cut = Records(depth).cut(data.encode(), inside=False)
            assert [json.loads(line) for line in cut.lines.splitlines()] == records


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("json_pretty.log", 2),
        ("vercel_array.log", 3),
        ("traefik.json", 3),
        ("vercel.json", 3),
        ("json_bracket_time.log", 1),
        ("rot.log.bz2", 3),
    ],
)
def test_files_after_public_reports_have_as_many_lines(name: str, lines: int) -> None:
    path = Path(__file__).with_name("data") / "json" / name
    with open_logs(str(path)) as logs:
        log = next(logs)
        assert isinstance(log, Log)
        chosen = choose_format("auto", name, log.opening())
        log.skip(0)
        found = b"".join(bytes(chunk) for chunk in log.chunks(chosen.recognises)).splitlines()
    assert len(found) == lines
    assert all(map(chosen.recognises, found))
