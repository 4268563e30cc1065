"""Logs that go on: nginx that sends syslog, and a followed file, into the numbers, each line once."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crawlight.kit.clock import now
from tests.ingest.lines import Hit, combined
from tests.ingest.webservers import program, send
from tests.processes import Crawlight
from tests.servers import free_port, running

NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port};
    access_log syslog:server=127.0.0.1:{syslog},tag=nginx combined;
    location / {{ return 200; }}
  }}
}}
"""
GOOGLEBOT = b"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.fixture
def crawlight(tmp_path: Path) -> Crawlight:
    made = Crawlight(tmp_path / "data")
    made.site()
    return made


@contextmanager
def importing(crawlight: Crawlight, told: Path, said: str, *arguments: str) -> Iterator[None]:
    """An import that goes on while the block runs, from when it says so; it ends well."""
    with told.open("a") as output:
        process = crawlight.start(
            "import", "--domain", "example.com", *arguments, stdout=output, stderr=output
        )
        try:
            wait_for(lambda: said in told.read_text(), told, process)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            status = process.wait(timeout=120)
    assert status == 0, told.read_text()


def wait_for(done: Callable[[], bool], told: Path, process: "subprocess.Popen[str] | None" = None) -> None:
    end = time.monotonic() + 120
    while not done():
        assert process is None or process.poll() is None, told.read_text()
        assert time.monotonic() < end, told.read_text()
        time.sleep(0.05)


def total(crawlight: Crawlight) -> int:
    (domain,) = crawlight.document()["domains"]
    return int(domain["summary"]["totalCrawls"])


def test_nginx_sends_syslog(crawlight: Crawlight, tmp_path: Path) -> None:
    told, port, syslog = tmp_path / "told", free_port(), free_port()
    config = tmp_path / "nginx.conf"
    config.write_text(NGINX.format(folder=tmp_path, port=port, syslog=syslog))
    command = [program("nginx"), "-p", tmp_path, "-e", tmp_path / "error.log", "-c", config]
    request = b"GET /page HTTP/1.1\nHost: example.com\nConnection: close\nUser-Agent: "
    with (
        running(command, port, tmp_path / "error.log"),
        importing(crawlight, told, "Listening at", "--syslog", f"127.0.0.1:{syslog}"),
    ):
        send(port, request + GOOGLEBOT, request + b"Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
        wait_for(lambda: "1 crawl of pages" in told.read_text(), told)
        send(port, request + GOOGLEBOT)
    assert total(crawlight) == 2
    assert not list((tmp_path / "data" / "syslog").rglob("*.log"))


def test_a_followed_log_counts_once_over_rotation_and_restart(crawlight: Crawlight, tmp_path: Path) -> None:
    told, access = tmp_path / "told", tmp_path / "access.log"
    hits = [Hit(ts=now().replace(microsecond=0), target=f"/{number}") for number in range(5)]
    access.write_bytes(combined(hits[0]))
    with importing(crawlight, told, "Following", str(access), "--follow"):
        wait_for(lambda: told.read_text().count("1 new line,") == 1, told)
        access.rename(tmp_path / "access.log.1")
        with (tmp_path / "access.log.1").open("ab") as rotated:
            rotated.write(combined(hits[1]))
        access.write_bytes(combined(hits[2]))
        wait_for(lambda: told.read_text().count("1 new line,") == 3, told)
    with access.open("ab") as grown:
        grown.write(combined(hits[3]))
    told.write_text("")
    with importing(crawlight, told, "1 new line,", str(access), "--follow"):
        access.write_bytes(combined(hits[4]))
        wait_for(lambda: told.read_text().count("1 new line,") == 2, told)
    assert total(crawlight) == 5


def test_what_cannot_be_followed_is_said(crawlight: Crawlight) -> None:
    for arguments, said in (
        ((), "say which FILE to import"),
        (("-", "--follow"), "--follow is for files"),
        (("x", "--syslog", "5514"), "say which FILE to import"),
        (("--syslog", "5514", "--dry-run"), "--dry-run and --explain look at"),
        (("--syslog", "192.0.2.1:5514"), "can be reached from other machines"),
    ):
        status, _, err = crawlight.try_to("import", "--domain", "example.com", *arguments)
        assert status != 0
        assert said in " ".join(err.replace("│", " ").split())
