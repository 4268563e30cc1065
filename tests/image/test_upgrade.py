"""The image on data of the version before, and on data of a later one."""

import json
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.earlier.test_migration import MADE
from tests.image.containers import Container, docker

pytestmark = pytest.mark.image

UNPACK: Final = (
    "import shutil, sys, tarfile; tarfile.open(fileobj=sys.stdin.buffer, mode='r|xz').extractall('/tmp/made');"
    "shutil.copytree('/tmp/made/data', '/var/lib/crawlight', symlinks=True, dirs_exist_ok=True)"
)
LATER: Final = (
    "import sqlite3; store = sqlite3.connect('/var/lib/crawlight/crawlight.sqlite');"
    "store.execute(\"UPDATE alembic_version SET version_num = '9999'\"); store.commit()"
)


@pytest.fixture
def container() -> Iterator[Container]:
    """A container that was not started, with data of version 0.1.0."""
    made = Container()
    volume = f"{made.name}:/var/lib/crawlight"
    command = [
        "docker",
        "run",
        "--rm",
        "-i",
        "-v",
        volume,
        "--entrypoint",
        "python3",
        "crawlight",
        "-c",
        UNPACK,
    ]
    try:
        subprocess.run(command, input=MADE.read_bytes(), check=True, timeout=120)
        yield made
    finally:
        made.remove()


def total(document: str) -> int:
    return sum(domain["summary"]["totalCrawls"] for domain in json.loads(document)["domains"])


def test_it_takes_over_the_data_of_the_version_before(container: Container, tmp_path: Path) -> None:
    with tarfile.open(MADE) as made:
        made.extractall(tmp_path, filter="data")
    container.run()
    document = container.crawlight("export", "--user", "manager@example.org", "--period", "365d")
    before = json.loads((tmp_path / "manager-365d.json").read_text())
    assert [one["domain"] for one in json.loads(document)["domains"]] == [
        one["domain"] for one in before["domains"]
    ]
    assert total(document) > 1_000
    docker("restart", "-t", "60", container.name)
    container.wait()
    again = container.crawlight("export", "--user", "manager@example.org", "--period", "365d")
    assert total(again) == total(document)


def test_the_data_of_a_later_version_is_refused_in_one_line(container: Container) -> None:
    container.run()
    docker("stop", "-t", "60", container.name)
    volume = f"{container.name}:/var/lib/crawlight"
    docker("run", "--rm", "-v", volume, "--entrypoint", "python3", "crawlight", "-c", LATER)
    refused = subprocess.run(
        ["docker", "run", "--rm", "-v", volume, "crawlight"], capture_output=True, text=True, timeout=120
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith(
        "crawlight: the database was written by a newer Crawlight (revision 9999"
    )
    assert refused.stderr.count("\n") == 1
