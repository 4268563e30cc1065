"""`compose.yaml` and `compose.cluster.yaml`, brought up. Of the cluster's stores those run that Debian has."""

import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.docs.pages import ROOT
from tests.image.containers import docker, wait

pytestmark = pytest.mark.image

ONE = (ROOT / "compose.yaml",)
CLUSTER = (ROOT / "compose.cluster.yaml", ROOT / "tests" / "image" / "compose.debian.yaml")
PASSWORDS = {f"{store}_PASSWORD": "a-secret" for store in ("POSTGRES", "CLICKHOUSE", "MINIO")}
STORES = str(ROOT / "tests" / "image" / "stores.Dockerfile")
PAGE = "/v1/render?url=https://example.com/"


class Project:
    """What a file describes, running."""

    def __init__(self, files: tuple[Path, ...]) -> None:
        program = ["docker-compose"] if shutil.which("docker-compose") else ["docker", "compose"]
        self.command = [*program, "-p", "crawlight-compose", *(f"--file={one}" for one in files)]

    def __call__(self, *arguments: str) -> str:
        command = [*self.command, *arguments]
        ended = subprocess.run(
            command, capture_output=True, text=True, env=os.environ | PASSWORDS, timeout=300
        )
        assert ended.returncode == 0, ended.stderr[-2000:]
        return ended.stdout

    @contextmanager
    def up(self) -> Iterator[None]:
        try:
            self("up", "-d")
            yield
        finally:
            self("down", "-v")

    def crawlight(self, service: str, *arguments: str) -> str:
        return self("exec", "-T", service, "crawlight", *arguments)


def status(url: str) -> int:
    """What a URL of this machine answers with; 0 where nothing does."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code
    except OSError:
        return 0


def test_one_container_serves_people_and_the_front() -> None:
    project = Project(ONE)
    with project.up():
        wait(lambda: status("http://127.0.0.1:8080/readyz") == 200)
        assert status("http://127.0.0.1/") == 421
        project.crawlight("crawlight", "user", "add", "me@example.org", "--plan", "pro")
        project.crawlight("crawlight", "domain", "add", "example.com", "--owner", "me@example.org")
        assert "PROBLEM" not in project.crawlight("crawlight", "doctor")


def test_a_cluster_shares_its_database_and_outlives_a_node() -> None:
    docker("build", "-q", "--network=host", "-t", "crawlight-stores", "-f", STORES, str(ROOT), timeout=600)
    project = Project(CLUSTER)
    with project.up():
        wait(lambda: status("http://localhost/readyz") == 200)
        project.crawlight("node1", "user", "add", "me@example.org", "--plan", "pro")
        assert "me@example.org" in project.crawlight("node2", "user", "list")
        for node in ("node1", "node2"):
            assert "PROBLEM" not in project.crawlight(node, "doctor")
        assert (status("http://localhost/sign-in"), status(f"http://localhost{PAGE}")) == (200, 401)
        project("stop", "node1")
        wait(lambda: (status("http://localhost/sign-in"), status(f"http://localhost{PAGE}")) == (200, 401))


def test_the_cluster_does_not_start_without_passwords() -> None:
    command = [*Project(CLUSTER[:1]).command, "config"]
    environment = {name: text for name, text in os.environ.items() if name not in PASSWORDS}
    refused = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert refused.returncode != 0
    assert "set POSTGRES_PASSWORD" in refused.stderr
    assert "crawlight-compose" not in docker("ps")
