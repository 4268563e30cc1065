"""Small logs are imported by the running server, all others beside it: nobody can tell from what comes of it."""

import gzip
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawlight.cli.handing_over import MOST_BYTES
from crawlight.crawls.spool import Spool
from crawlight.ingest.handover import import_lock
from crawlight.ingest.importers.formats import FORMATS
from crawlight.ingest.importers.names import FORMAT_NAMES
from tests.ingest.lines import Hit, combined
from tests.processes import Crawlight, Server

YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).replace(microsecond=0)
DOMAIN = ("--domain", "example.com")


@pytest.fixture(scope="module")
def crawlight(tmp_path_factory: pytest.TempPathFactory) -> Crawlight:
    made = Crawlight(tmp_path_factory.mktemp("handed-over") / "data", BOTS_REFRESH="false")
    made.site()
    return made


@pytest.fixture(scope="module", autouse=True)
def server(crawlight: Crawlight) -> Iterator[Server]:
    with crawlight.serve() as running:
        yield running


def crawls(crawlight: Crawlight) -> int:
    (domain,) = crawlight.document()["domains"]
    return int(domain["summary"]["totalCrawls"])


def imported(crawlight: Crawlight, *arguments: str) -> Any:
    return json.loads(crawlight.run("import", *arguments, *DOMAIN, "--json"))


def lines(name: str, count: int = 2) -> bytes:
    return b"".join(combined(Hit(YESTERDAY, f"/{name}/{number}")) for number in range(count))


def test_a_small_log_counts_once_and_is_told_as_without_a_server(
    crawlight: Crawlight, tmp_path: Path
) -> None:
    alone = Crawlight(tmp_path / "data")
    alone.site()
    file = tmp_path / "access.log"
    file.write_bytes(lines("small") + b"no line of a log\n")
    before = crawls(crawlight)
    assert imported(crawlight, str(file)) == imported(alone, str(file))
    assert crawls(crawlight) == before + 2
    again = imported(crawlight, str(file))
    assert [(one["lines"], one["already_imported"]) for one in again] == [(0, 3)]
    shown = [one.run("import", str(file), *DOMAIN) for one in (crawlight, alone)]
    assert shown[0] == shown[1]
    assert "3 were imported before" in shown[0]


@pytest.mark.parametrize("content", [gzip.compress(lines("packed")), lines("large", MOST_BYTES // 100)])
def test_what_is_large_or_no_text_is_imported_beside_it(
    crawlight: Crawlight, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "access.log").write_bytes(content)
    (summary,) = imported(crawlight, str(tmp_path / "access.log"))
    assert summary["buckets"]["crawls"] in (2, MOST_BYTES // 100)


def test_what_is_no_log_is_told_and_the_others_count(crawlight: Crawlight, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("no log\n" * 10)
    (tmp_path / "b.log").write_bytes(lines("beside"))
    before = crawls(crawlight)
    status, out, err = crawlight.try_to("import", str(tmp_path), *DOMAIN)
    assert (status, f"{tmp_path}/b.log: " in out) == (1, True)
    assert f"{tmp_path}/a.log" in err
    assert str(crawlight.data) not in err
    assert "1 of 2 files were not imported" in err
    assert crawls(crawlight) == before + 2


def test_a_name_that_is_no_text_is_no_hindrance(crawlight: Crawlight, tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"access-\xff.log")).write_bytes(lines("unnamed"))
    before = crawls(crawlight)
    crawlight.run("import", str(tmp_path), *DOMAIN)
    assert crawls(crawlight) == before + 2


def test_an_unknown_domain_is_told(crawlight: Crawlight, tmp_path: Path) -> None:
    (tmp_path / "access.log").write_bytes(lines("unknown"))
    status, _, err = crawlight.try_to("import", str(tmp_path / "access.log"), "--domain", "other.example")
    assert (status, "other.example" in err, err.count("\n")) == (1, True, 1)


def test_where_another_import_runs_it_waits_for_its_end(crawlight: Crawlight, tmp_path: Path) -> None:
    (tmp_path / "access.log").write_bytes(lines("waiting"))
    before = crawls(crawlight)
    with import_lock(Spool(crawlight.data / "spool"), wait=True):
        waiting = crawlight.start("import", str(tmp_path / "access.log"), *DOMAIN)
        assert waiting.stderr is not None
        assert "Another import is running" in waiting.stderr.readline()
    with waiting:
        waiting.communicate(timeout=60)
    assert waiting.returncode == 0
    assert crawls(crawlight) == before + 2


def test_the_formats_are_named_without_being_loaded() -> None:
    assert tuple(FORMATS) == FORMAT_NAMES
