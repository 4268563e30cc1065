"""The image as it is run: as its user, with the browser's sandbox. `make image` builds it before."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.image.containers import GPTBOT, PAGE, Container, docker

pytestmark = pytest.mark.image


@pytest.fixture(scope="module")
def container() -> Iterator[Container]:
    """A running container with an account and a domain."""
    made = Container()
    try:
        made.run()
        made.crawlight("user", "add", "me@example.org", "--plan", "pro")
        made.crawlight("domain", "add", "example.com", "--owner", "me@example.org")
        yield made
    finally:
        made.remove()


def total(container: Container) -> int:
    document: dict[str, Any] = json.loads(container.crawlight("export", "--user", "me@example.org"))
    return sum(document["domains"][0]["botTotals"].values())


def test_it_runs_as_a_user_and_lacks_nothing(container: Container) -> None:
    assert docker("exec", container.name, "id", "-u").strip() == "10001"
    told = {
        line.split()[1]: line.split()[0]
        for line in container.crawlight("doctor").splitlines()
        if line[0] != " "
    }
    del told["address"]  # lists of crawlers' addresses are refreshed from the internet
    assert set(told.values()) == {"ok"}, told


def test_pages_are_rendered_in_the_sandbox(container: Container) -> None:
    (folder,) = docker("exec", container.name, "mktemp", "-d").split()
    docker("exec", container.name, "sh", "-c", f"printf '%s' \"{PAGE}\" > {folder}/index.html")
    server = ("python3", "-m", "http.server", "8090", "--bind", "127.0.0.1", "--directory", folder)
    docker("exec", "-d", container.name, *server)
    html = container.crawlight("render", "http://127.0.0.1:8090/", "--allow", "127.0.0.0/8")
    assert "<h1>Made by a script</h1>" in html
    # Only root's browser goes without its sandbox; a user's does not start where it can make none.
    assert "browser_without_sandbox" not in docker("logs", container.name)


def test_what_is_imported_is_there_after_a_restart_and_in_a_backup(
    container: Container, tmp_path: Path
) -> None:
    now = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(time.time() - 3600))
    log = tmp_path / "access.log"
    log.write_text(
        "".join(f'192.0.2.1 - - [{now}] "GET /{n} HTTP/1.1" 200 512 "-" "{GPTBOT}"\n' for n in range(500))
    )
    docker("cp", str(log), f"{container.name}:/tmp/access.log")
    container.crawlight("import", "/tmp/access.log", "--domain", "example.com")
    assert total(container) == 500
    container.crawlight("backup", "/var/lib/crawlight/backup.tar.zst")
    docker("restart", "-t", "60", container.name)
    container.wait()
    assert total(container) == 500
    restored = ("--data", "/tmp/restored")
    container.crawlight(*restored, "restore", "/var/lib/crawlight/backup.tar.zst")
    document = json.loads(container.crawlight(*restored, "export", "--user", "me@example.org"))
    assert sum(document["domains"][0]["botTotals"].values()) == 500


def test_the_demo_goes_through(container: Container) -> None:
    document = json.loads(container.crawlight("demo", "--once", timeout=300))
    assert {domain["domain"] for domain in document["domains"]} == {"example.com", "shop.example.com"}


def test_strangers_get_no_dashboard(container: Container) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(
            f"http://127.0.0.1:{container.port}/functions/v1/export-user-analytics", b"{}", 30
        )
    with refused.value:
        assert refused.value.code == 401
