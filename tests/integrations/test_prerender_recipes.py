"""Prerender.io's own recipes as docs/coming-from-prerender.md has them, before a real server and a real site."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.edge.rendered import GOOGLE, GOOGLEBOT, PERSON
from tests.integrations import node
from tests.integrations.conftest import Running
from tests.integrations.recipes import answers, get, nginx_with
from tests.servers import INSTALL, ended, free_port

DOCS = (Path(__file__).parents[2] / "docs" / "coming-from-prerender.md").read_text(encoding="utf-8")
APACHE_MODULES = ("mpm_event", "authz_core", "headers", "rewrite", "proxy", "proxy_http")
APACHE = """
ServerName example.com
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog /dev/null
DefaultRuntimeDir {folder}
DocumentRoot {folder}/site
{modules}
<Directory {folder}/site>
    AllowOverride All
    RewriteEngine On
</Directory>
"""

Recipe = Callable[[Running], AbstractContextManager[str]]


def recipe(title: str, running: Running) -> str:
    """A recipe with the address and the key of the running server, before the running site."""
    found = re.search(rf"### {title}\n.*?```\w+\n(.*?)```", DOCS, re.DOTALL)
    assert found
    here = running.url.removeprefix("http://")
    site = running.edge.origin.url.removeprefix("http://")
    changed = found[1].replace("https://crawlight.example.net", running.url)
    changed = changed.replace("crawlight.example.net", here).replace(
        "https://$prerender_host", "http://$prerender_host"
    )
    return changed.replace("YOUR_KEY", running.edge.keys["owner"]).replace("127.0.0.1:3000", site)


def line(start: str) -> str:
    """A line that the page has one add."""
    found = re.search(rf"Add `({re.escape(start)}[^`]+)`", DOCS)
    assert found
    return found[1]


@contextmanager
def nginx(running: Running) -> Iterator[str]:
    """With the line that tells the visitor's address."""
    port = free_port()
    token = "proxy_set_header X-Prerender-Int-Type"
    config = recipe("nginx", running).replace("listen 80", f"listen 127.0.0.1:{port}")
    with nginx_with(config.replace(token, f"{line('proxy_set_header X-Forwarded-For')} {token}")):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def caddy(running: Running) -> Iterator[str]:
    """Behind a proxy on this machine, whose ``X-Forwarded-For`` it takes."""
    port = free_port()
    config = recipe("Caddy", running)
    config = config.replace("example.com {", f"http://example.com:{port} {{\n    bind 127.0.0.1", 1)
    token = "header_up X-Prerender-Token"
    config = config.replace(token, f"trusted_proxies private_ranges\n            {token}")
    with tempfile.TemporaryDirectory() as name:
        Path(name, "Caddyfile").write_text(f"{{\n    admin off\n}}\n{config}", encoding="utf-8")
        program = shutil.which("caddy") or "/usr/bin/caddy"
        command = [program, "run", "--config", f"{name}/Caddyfile", "--adapter", "caddyfile"]
        with ended(command, env=os.environ | {"HOME": name}, stderr=subprocess.DEVNULL):
            yield f"http://127.0.0.1:{port}"


@contextmanager
def apache(running: Running) -> Iterator[str]:
    """The recipe in ``.htaccess``; what it leaves goes on to the site."""
    program = Path("/usr/sbin/apache2")
    assert program.exists(), INSTALL
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)  # Started by root, Apache works as somebody else.
        site = Path(name, "site")
        site.mkdir()
        others = f"RewriteRule ^(.*) {running.edge.origin.url}/$1 [P,END]\n"
        (site / ".htaccess").write_text(recipe("Apache", running) + others, encoding="utf-8")
        folder = "/usr/lib/apache2/modules"
        modules = "\n".join(f"LoadModule {one}_module {folder}/mod_{one}.so" for one in APACHE_MODULES)
        config = APACHE.format(port=port, folder=name, modules=modules)
        Path(name, "apache.conf").write_text(config, encoding="utf-8")
        with ended([program, "-D", "FOREGROUND", "-f", f"{name}/apache.conf"]):
            yield f"http://127.0.0.1:{port}"


@contextmanager
def worker(running: Running) -> Iterator[str]:
    """In workerd, which Cloudflare runs workers in; with the line that tells the visitor's address."""
    node.packages()
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, "worker.js")
        last = "  return fetch("
        source = recipe("Cloudflare worker", running).replace(last, f"{line('headers.set')} {last}")
        file.write_text(source, encoding="utf-8")
        with node.worker(file, {}, running.edge.origin.url) as started:
            yield started.url


@pytest.fixture(scope="module", params=[nginx, caddy, apache, worker], ids=lambda one: one.__name__)
def server(request: pytest.FixtureRequest, running: Running) -> Iterator[str]:
    found: Recipe = request.param
    with found(running) as url:
        answers(url)
        yield url


def test_a_crawler_gets_the_snapshot_and_a_person_the_site(server: str, running: Running) -> None:
    running.edge.page("/page", "The page")
    path = f"/page?from={server.rpartition(':')[2]}&y=%2F"
    crawler, person = get(server, path, GOOGLEBOT), get(server, path, PERSON)
    assert (crawler.status, person.status) == (200, 200)
    assert "<h1>The page</h1>" in crawler.body
    assert "x-crawlight-outcome" in crawler.headers
    assert "x-crawlight-outcome" not in person.headers
    assert crawler.headers["cache-control"].startswith("private")
    assert running.edge.records(path)


def test_status_and_location_come_through(server: str) -> None:
    assert get(server, "/soft", GOOGLEBOT).status == 404
    moved = get(server, "/moved", GOOGLEBOT)
    assert moved.status == 301
    assert moved.headers["location"] == "https://example.com/"


def test_letters_beyond_ascii_name_the_same_page(server: str, running: Running) -> None:
    running.edge.page("/größe", "Size")
    page = get(server, "/gr%C3%B6%C3%9Fe", GOOGLEBOT)
    assert (page.status, "<h1>Size</h1>" in page.body) == (200, True)


def test_where_there_is_no_snapshot_the_crawler_gets_the_site(server: str, running: Running) -> None:
    running.edge.page("/too-late", "Not yet")
    prerenderer = running.edge.services.edge.prerenderer
    waits, prerenderer._wait_seconds = prerenderer._wait_seconds, 0.0
    try:
        page = get(server, f"/too-late?{server.rpartition(':')[2]}", GOOGLEBOT)
    finally:
        prerenderer._wait_seconds = waits
    assert (page.status, page.headers["x-crawlight-reason"]) == (200, "too_late")
    assert "<h1>Not yet</h1>" in page.body


def test_the_visitors_address_proves_the_crawler(server: str, running: Running) -> None:
    running.edge.page("/forwarded", "Forwarded")
    assert get(server, "/forwarded", GOOGLEBOT, x_forwarded_for=GOOGLE, cf_connecting_ip=GOOGLE).status == 200
    assert running.edge.records("/forwarded")[-1].identity == "verified"


def test_assets_stay_with_the_site(server: str) -> None:
    assert "x-crawlight-outcome" not in get(server, "/style.css", GOOGLEBOT).headers
