"""The recipes of docs/integrations.md as they stand there, on the real servers, before a stand-in for Crawlight.

The stand-in answers what the test wants to see handed on; the contract itself is tested in tests/edge.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from crawlight.bots.identity import Identity
from crawlight.bots.lists import load_ranges
from tests.integrations import node

DOCS = (Path(__file__).parents[2] / "docs" / "integrations.md").read_text(encoding="utf-8")
IDENTITY = Identity(load_ranges())
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1)"
ASKED: list[dict[str, str]] = []


def block(title: str) -> str:
    """The code under a heading."""
    found = re.search(rf"## {title}\n.*?```\w+\n(.*?)```", DOCS, re.DOTALL)
    assert found
    return found[1]


class Crawlight(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        ASKED.append({"path": self.path, **{name.lower(): text for name, text in self.headers.items()}})
        nothing = int(self.headers.get("x-crawlight-nothing", "204"))
        known = {"gone": 404, "moved": 301, "none": nothing, "broken": 500}
        status = known.get(self.path.rpartition("/")[2].rpartition("%2F")[2], 200)
        self.send_response(status)
        if status == 301:
            self.send_header("location", "https://example.com/new")
        body = b"" if status in (204, 301) else b"prerendered"
        if status != 204:
            self.send_header("content-length", str(len(body)))
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Site(Crawlight):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "8")
        self.end_headers()
        self.wfile.write(b"the site")


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@contextmanager
def nginx(crawlight: int, site: int) -> Iterator[str]:
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with serving(Site) as free:
        port = free
    recipe = block("nginx").replace("listen 80", f"listen 127.0.0.1:{port}")
    recipe = recipe.replace("127.0.0.1:3000", f"127.0.0.1:{site}").replace(
        "127.0.0.1:8080", f"127.0.0.1:{crawlight}"
    )
    with tempfile.TemporaryDirectory() as name:
        paths = "".join(
            f"{kind}_temp_path {name}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        http = f"access_log off; {paths} {recipe}"
        config = f"daemon off; pid {name}/pid; error_log stderr; events {{}} http {{ {http} }}"
        Path(name, "nginx.conf").write_text(config, encoding="utf-8")
        with subprocess.Popen([program, "-c", f"{name}/nginx.conf"], stderr=subprocess.DEVNULL) as process:
            yield f"http://127.0.0.1:{port}"
            process.terminate()


@contextmanager
def caddy(crawlight: int, site: int) -> Iterator[str]:
    program = shutil.which("caddy") or "/usr/bin/caddy"
    with serving(Site) as free:
        port = free
    recipe = block("Caddy").replace("example.com {", f"http://example.com:{port} {{\n    bind 127.0.0.1", 1)
    recipe = recipe.replace("127.0.0.1:3000", f"127.0.0.1:{site}").replace(
        "127.0.0.1:8080", f"127.0.0.1:{crawlight}"
    )
    with tempfile.TemporaryDirectory() as name:
        Path(name, "Caddyfile").write_text(f"{{\n    admin off\n}}\n{recipe}", encoding="utf-8")
        command = [program, "run", "--config", f"{name}/Caddyfile", "--adapter", "caddyfile"]
        environment = os.environ | {"HOME": name, "CRAWLIGHT_KEY": "YOUR_KEY"}
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
            yield f"http://127.0.0.1:{port}"
            process.terminate()


@contextmanager
def edge_function(crawlight: int, site: int) -> Iterator[str]:
    """The middleware of Vercel and Netlify, called as they call it: with a Request, and nothing means "go on"."""
    with serving(Site) as free:
        port = free
    source = (
        block("Vercel and Netlify").replace("export default async", "async").replace("export const", "const")
    )
    server = f"""
import http from "node:http";
{source}
http.createServer(async (asked, response) => {{
  const request = new Request("https://example.com" + asked.url, {{ method: asked.method, headers: asked.headers }});
  const answer = (await crawlight(request, {{ ip: asked.socket.remoteAddress }})) ?? new Response("the site");
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(Buffer.from(await answer.arrayBuffer()));
}}).listen({port}, "127.0.0.1");
"""
    environment = os.environ | {"CRAWLIGHT_URL": f"http://127.0.0.1:{crawlight}", "CRAWLIGHT_KEY": "YOUR_KEY"}
    command = [*node.node(), "--input-type=module", "-e", server]
    with subprocess.Popen(command, env=environment) as process:
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@contextmanager
def express(crawlight: int, site: int) -> Iterator[str]:
    node.packages()
    with serving(Site) as free:
        port = free
    app = f"""
import express from "express";
{block("Express")}
const app = express();
app.use(crawlight({{ url: "http://127.0.0.1:{crawlight}", key: "YOUR_KEY", site: "https://example.com" }}));
app.use((request, response) => response.send("the site"));
app.listen({port}, "127.0.0.1");
"""
    command = [*node.node(), "--input-type=module", "-e", app]
    with subprocess.Popen(command, cwd=node.HERE) as process:
        yield f"http://127.0.0.1:{port}"
        process.terminate()


class Kept(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@pytest.fixture(scope="module", params=[nginx, caddy, express, edge_function], ids=lambda one: one.__name__)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    with serving(Crawlight) as crawlight, serving(Site) as site, request.param(crawlight, site) as started:
        end = time.monotonic() + 30
        while True:
            try:
                get(started, "/", "person")
                break
            except OSError:
                assert time.monotonic() < end
                time.sleep(0.05)
        yield started


def get(url: str, path: str, agent: str, **headers: str) -> tuple[int, str, str]:
    """Status, Location and body."""
    told = {name.replace("_", "-"): text for name, text in headers.items()}
    request = urllib.request.Request(url + path, headers={"User-Agent": agent, "Host": "example.com", **told})
    try:
        with urllib.request.build_opener(Kept).open(request, timeout=30) as answer:
            return answer.status, answer.headers.get("location", ""), answer.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.headers.get("location", ""), refusal.read().decode()


@pytest.mark.parametrize(
    ("path", "agent", "expected"),
    [
        ("/page?a=1", BOT, (200, "", "prerendered")),
        ("/gone", BOT, (404, "", "prerendered")),
        ("/moved", BOT, (301, "https://example.com/new", "")),
        ("/none", BOT, (200, "", "the site")),
        ("/broken", BOT, (200, "", "the site")),
        ("/page", "Mozilla/5.0 (X11; Linux x86_64)", (200, "", "the site")),
        ("/logo.png", BOT, (200, "", "the site")),
    ],
)
def test_what_is_handed_on(url: str, path: str, agent: str, expected: tuple[int, str, str]) -> None:
    status, location, body = get(url, path, agent)
    assert (status, location) == expected[:2]
    assert expected[2] in body


@pytest.mark.parametrize(
    ("forwarded", "visitor"),
    [
        ("66.249.66.1", "66.249.66.1"),
        ("66.249.66.1, 172.68.1.1", "66.249.66.1"),
        ("66.249.66.1, 9.9.9.9", "9.9.9.9"),
        ("2001:4860:4801:10::5, 10.0.0.2", "2001:4860:4801:10::5"),
    ],
)
def test_behind_a_further_proxy_the_visitors_address_is_passed_on(
    url: str, forwarded: str, visitor: str
) -> None:
    """The one that calls the recipe's server, from loopback, is the further proxy."""
    ASKED.clear()
    get(url, "/page", BOT, x_forwarded_for=forwarded)
    assert IDENTITY.visitor(ASKED[0]["x-hadoseo-client-ip"]) == visitor


def test_without_a_further_proxy_it_is_the_one_that_connected(url: str) -> None:
    ASKED.clear()
    get(url, "/page", BOT)
    assert IDENTITY.visitor(ASKED[0]["x-hadoseo-client-ip"]).endswith("127.0.0.1")


def test_what_is_told(url: str) -> None:
    ASKED.clear()
    get(url, "/page?a=1&b=2", BOT)
    (asked,) = ASKED
    assert "example.com" in asked["path"]
    assert "a=1" in urllib.request.unquote(asked["path"])
    assert asked["user-agent"] == BOT
    assert asked["authorization"] == "Bearer YOUR_KEY"
    assert asked["x-hadoseo-client-ip"].endswith("127.0.0.1")
    assert asked["x-crawlight-redirects"] == "manual"
