import os
import random
from pathlib import Path

import pytest

from crawlight.errors import UserError
from crawlight.ingest.files import log_files

SETS = [
    ["access.log.10.gz", "access.log.9.gz", "access.log.2.gz", "access.log.1", "access.log"],
    ["access.log-20251231.gz", "access.log-20260101.gz", "access.log-20260101-1767225600.zst", "access.log"],
    ["access.log.2025-12-31", "access.log.2026-01-01", "access.log"],
    ["access-2026-06-01T00-00-00.000.log.gz", "access-2026-06-02T00-00-00.000.log.gz", "access.log"],
    ["access.2.log", "access.1.log", "access.log"],
]


@pytest.mark.parametrize("ordered", SETS)
def test_a_rotated_set_is_read_from_the_oldest_on(ordered: list[str]) -> None:
    for seed in range(5):
        assert log_files(random.Random(seed).sample(ordered, len(ordered))) == ordered


def test_sets_stay_apart_and_in_the_order_in_which_they_were_given() -> None:
    given = ["b/access.log", "a/access.log", "-", "b/access.log.1", "a/error.log", "a/access.log.1"]
    ordered = ["b/access.log.1", "b/access.log", "a/access.log.1", "a/access.log", "-", "a/error.log"]
    assert log_files(given) == ordered


def test_files_without_numbers_stay_in_their_order() -> None:
    given = ["E2.2026-01-02-12.ab12cd34.gz", "E2.2026-01-01-12.ffffffff.gz", "http_requests.ndjson"]
    assert log_files(given) == given


def test_patterns_that_the_shell_left_alone_are_expanded(tmp_path: Path) -> None:
    names = ["access.log", "access.log.1", "access.log.10.gz", "other.log", "odd[1].log", "sub/access.log.2"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "access.log.d").mkdir()

    def found(*patterns: str) -> list[str]:
        files = log_files(str(tmp_path / pattern) for pattern in patterns)
        return [str(Path(file).relative_to(tmp_path)) for file in files]

    assert found("access.log*") == ["access.log.10.gz", "access.log.1", "access.log"]
    assert found("access.log", "access.log*") == ["access.log.10.gz", "access.log.1", "access.log"]
    assert found("**/access.log.[0-9]") == ["access.log.1", "sub/access.log.2"]
    assert found("odd[1].log") == ["odd[1].log"]
    with pytest.raises(UserError, match=r"no file matches .*/nothing\*"):
        found("nothing*")


def test_a_folder_is_its_access_logs(tmp_path: Path) -> None:
    names = [
        "access.log",
        "access.log.1",
        "site/other.access.log",
        "error.log",
        "site-error.log.1",
        "nginx.pid",
        ".hidden/x.log",
    ]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [str(Path(file).relative_to(tmp_path)) for file in log_files([str(tmp_path)])]
    assert found == ["access.log.1", "access.log", "site/other.access.log"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="no access logs in"):
        log_files([str(tmp_path / "empty")])


def test_numbers_that_grow_with_time_are_told_by_times(tmp_path: Path) -> None:
    ages = {"access.log.1": 3000, "access.log.2": 2000, "access.log.3": 1000, "access.log": 0}
    for name, age in ages.items():
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1_700_000_000 - age, 1_700_000_000 - age))
    found = [Path(file).name for file in log_files([str(tmp_path)])]
    assert found == ["access.log.1", "access.log.2", "access.log.3", "access.log"]
    os.utime(tmp_path / "access.log.2", (1_700_000_000, 1_700_000_000))
    found = [Path(file).name for file in log_files([str(tmp_path)])]
    assert found == ["access.log.3", "access.log.2", "access.log.1", "access.log"]


def test_prefixes_in_object_stores_are_no_patterns() -> None:
    assert log_files(["s3://bucket/logs/2026-*"]) == ["s3://bucket/logs/2026-*"]
