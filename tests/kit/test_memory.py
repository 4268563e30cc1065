"""The least of what the machine and its control groups allow."""

from pathlib import Path

import psutil
import pytest

from crawlight.kit.memory import memory_limit
from crawlight.rendering.renderer import places

MIB = 1024 * 1024
MACHINE = psutil.virtual_memory().total


@pytest.mark.parametrize(
    ("own", "files", "limit"),
    [
        ("0::/a/b\n", {"a/b/memory.max": "max", "a/memory.max": "1048576"}, MIB),
        ("0::/a/b\n", {"a/b/memory.max": "2097152", "a/memory.max": "4194304"}, 2 * MIB),
        ("5:cpu:/x\n4:memory:/a\n", {"memory/a/memory.limit_in_bytes": "1048576"}, MIB),
        ("4:memory:/docker/unseen\n", {"memory/memory.limit_in_bytes": "1048576"}, MIB),
        ("4:memory:/a\n", {"memory/a/memory.limit_in_bytes": "9223372036854771712"}, MACHINE),
        ("0::/a\n5:cpu:/x\n", {"a/memory.max": "max"}, MACHINE),
    ],
)
def test_the_least_limit_counts(tmp_path: Path, own: str, files: dict[str, str], limit: int) -> None:
    (tmp_path / "own").write_text(own)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert memory_limit(tmp_path, tmp_path / "own") == limit


def test_without_control_groups_the_machine_is_the_limit(tmp_path: Path) -> None:
    assert memory_limit(tmp_path, tmp_path / "none") == MACHINE


@pytest.mark.parametrize(
    ("cores", "mebibytes", "pages"), [(2, 1024, 1), (1, 2048, 2), (4, 2048, 5), (4, 16384, 8), (2, 512, 1)]
)
def test_as_many_pages_are_rendered_as_cores_and_memory_allow(cores: int, mebibytes: int, pages: int) -> None:
    assert places(cores, mebibytes * MIB) == pages
