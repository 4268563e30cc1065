"""The whole product in a gigabyte of memory: it renders, imports and exports, and nothing of it is killed."""

import gzip
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.image.containers import GPTBOT, Container, docker

pytestmark = pytest.mark.image

PAGES: Final = 200
LINES: Final = 1_000_000
SITE: Final = """
import os
os.makedirs('/tmp/site', exist_ok=True)
body = "<title>Page %d</title><div id=a></div><script>for (let i = 0; i < 400; i++) {"
body += " const row = document.createElement('p'); row.textContent = 'Row ' + i + ' of page %d. '.repeat(20);"
body += " document.getElementById('a').append(row) }</script>"
urls = ''
for n in range(PAGES):
    open(f'/tmp/site/{n}.html', 'w').write(body % (n, n))
    urls += f'<url><loc>https://example.com/{n}.html</loc></url>'
open('/tmp/site/sitemap.xml', 'w').write(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>')
"""


@pytest.fixture
def container() -> Iterator[Container]:
    """A container that may have a gigabyte, and swaps nothing."""
    made = Container()
    try:
        made.run("--memory=1g", "--memory-swap=1g")
        made.crawlight("user", "add", "me@example.org", "--plan", "agency")
        made.crawlight("domain", "add", "example.com", "--owner", "me@example.org")
        yield made
    finally:
        made.remove()


def log_of(folder: Path) -> Path:
    """A million lines of GPTBot and people, of the last hour."""
    now = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(time.time() - 3600))
    path = folder / "access.log.gz"
    with gzip.open(path, "wt", compresslevel=1) as log:
        for n in range(LINES):
            agent = (
                GPTBOT if n % 2 else "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
            )
            log.write(f'192.0.2.{n % 250} - - [{now}] "GET /p/{n % 5000} HTTP/1.1" 200 512 "-" "{agent}"\n')
    return path


def killed(container: Container) -> int:
    """How many processes of the container the kernel ended for want of memory."""
    files = "/sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control"  # version 2, and 1
    told = docker("exec", container.name, "sh", "-c", f"cat {files} 2>/dev/null; true")
    return int(re.findall(r"^oom_kill (\d+)$", told, re.MULTILINE)[0])


def test_it_renders_imports_and_exports_in_a_gigabyte(container: Container, tmp_path: Path) -> None:
    docker("exec", container.name, "python3", "-c", SITE.replace("PAGES", str(PAGES)))
    server = ("python3", "-m", "http.server", "8090", "--bind", "127.0.0.1", "--directory", "/tmp/site")
    docker("exec", "-d", container.name, *server)
    container.crawlight(
        "domain", "set", "example.com", "--origin", "http://127.0.0.1:8090", "--allow", "127.0.0.0/8"
    )
    container.crawlight("warm", "example.com")
    docker("cp", str(log_of(tmp_path)), f"{container.name}:/tmp/access.log.gz")
    container.crawlight("import", "/tmp/access.log.gz", "--domain", "example.com", timeout=600)
    document = json.loads(container.crawlight("export", "--user", "me@example.org"))
    (domain,) = document["domains"]
    assert domain["botTotals"]["openaibot"] == LINES // 2
    end = time.monotonic() + 600
    while domain["seo"]["totalPages"] - domain["seo"]["unknown"] < PAGES:
        assert time.monotonic() < end, domain["seo"]
        time.sleep(1)
        (domain,) = json.loads(container.crawlight("export", "--user", "me@example.org"))["domains"]
    assert killed(container) == 0
    assert "browser_ended" not in docker("logs", container.name)
