"""The recipes of docs/integrations.md as they stand there, on the real servers, and a shared cache before them.

Crawlight and the site behind them are stand-ins that answer what tests want to see handed on; the contract itself is
tested in tests/edge.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from tests.integrations import node
from tests.servers import ended, free_port

DOCS = (Path(__file__).parents[2] / "docs" / "integrations.md").read_text(encoding="utf-8")
WORKER = Path(__file__).parents[2] / "integrations" / "cloudflare-worker" / "src" / "worker.js"
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1)"
PERSON = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
BASE = "/crawlight"
"""The path of Crawlight's URL, for what reads it from a setting."""

SITE = "public, max-age=600"
"""What the site says of all its answers but those below ``/bare``, which say nothing."""

ASKED: list[dict[str, str]] = []
"""What Crawlight was asked: headers, the ``endpoint``, and the page as ``path`` and ``query``."""

SITE_ASKED: list[str] = []
"""What a site on a server of its own was asked."""

Recipe = Callable[[int, int], AbstractContextManager[str]]


def block(title: str) -> str:
    """The code under a heading."""
    found = re.search(rf"## {title}\n.*?```\w+\n(.*?)```", DOCS, re.DOTALL)
    assert found
    return found[1]


class Crawlight(BaseHTTPRequestHandler):
    """Answers by the page's last segment: gone, moved, broken, none; ``later`` only if asked again; else a page.

    ``llms.txt`` is hosted, for everybody; people get nothing of anything else.
    """

    def do_GET(self) -> None:
        endpoint, _, asked = self.path.partition("?url=")
        page, _, query = urllib.parse.unquote(asked).partition("?")
        status, kind, body = self._decision(page)
        told = {name.lower(): text for name, text in self.headers.items()}
        ASKED.append({"endpoint": endpoint, "path": page, "query": query, **told})
        if status == 204:
            status, body = int(self.headers.get("x-crawlight-nothing", "204")), b""
        self.send_response(status)
        if status == 301:
            self.send_header("location", "https://example.com/new")
        self.send_header("cache-control", "no-store" if not body and status != 301 else "public, max-age=300")
        self.send_header("vary", "user-agent, accept, accept-encoding")
        if status != 204:
            self.send_header("content-length", str(len(body)))
        self.send_header("content-type", f"{kind}; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def _decision(self, page: str) -> tuple[int, str, bytes]:
        name = page.rpartition("/")[2]
        if name == "llms.txt":
            return 200, "text/plain", b"hosted"
        if "text/markdown" in self.headers.get("accept", ""):
            return 200, "text/markdown", b"# Prerendered"
        known = {"gone": 404, "moved": 301, "none": 204, "broken": 500, "robots.txt": 204}
        if "bot" not in self.headers.get("user-agent", ""):
            known[name] = 204
        if name == "later" and all(asked["path"] != page for asked in ASKED):
            known[name] = 204
        status = known.get(name, 200)
        return status, "text/html", b"" if status == 301 else b"prerendered"

    def log_message(self, *_: object) -> None:
        pass


class Site(Crawlight):
    """Answers the same to everybody."""

    def do_GET(self) -> None:
        SITE_ASKED.append(self.path)
        self.send_response(200)
        if not self.path.startswith("/bare"):
            self.send_header("cache-control", SITE)
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
def nginx_with(http: str) -> Iterator[None]:
    """nginx with what stands in its ``http`` block; ``FOLDER`` is a folder of its own."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)  # Started by root, nginx works as somebody else.
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        paths = "".join(f"{kind}_temp_path {name}/{kind};" for kind in kinds)
        http = f"access_log off; {paths} {http.replace('FOLDER', name)}"
        config = f"daemon off; pid {name}/pid; error_log stderr; events {{}} http {{ {http} }}"
        Path(name, "nginx.conf").write_text(config, encoding="utf-8")
        with ended([program, "-c", f"{name}/nginx.conf"], stderr=subprocess.DEVNULL):
            yield


@contextmanager
def nginx(crawlight: int, site: int) -> Iterator[str]:
    port = free_port()
    recipe = block("nginx").replace("listen 80", f"listen 127.0.0.1:{port}")
    with nginx_with(_led(recipe, crawlight, site)):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def caddy(crawlight: int, site: int) -> Iterator[str]:
    program = shutil.which("caddy") or "/usr/bin/caddy"
    port = free_port()
    recipe = block("Caddy").replace("example.com {", f"http://example.com:{port} {{\n    bind 127.0.0.1", 1)
    with tempfile.TemporaryDirectory() as name:
        config = f"{{\n    admin off\n}}\n{_led(recipe, crawlight, site)}"
        Path(name, "Caddyfile").write_text(config, encoding="utf-8")
        command = [program, "run", "--config", f"{name}/Caddyfile", "--adapter", "caddyfile"]
        environment = os.environ | {"HOME": name, "CRAWLIGHT_KEY": "YOUR_KEY"}
        with ended(command, env=environment, stderr=subprocess.DEVNULL):
            yield f"http://127.0.0.1:{port}"


def _led(recipe: str, crawlight: int, site: int) -> str:
    recipe = recipe.replace("127.0.0.1:3000", f"127.0.0.1:{site}")
    return recipe.replace("127.0.0.1:8080", f"127.0.0.1:{crawlight}")


@contextmanager
def edge_function(crawlight: int, _site: int) -> Iterator[str]:
    """The middleware of Vercel and Netlify, called as they call it: with a Request, and nothing means "go on".

    The platform marks the pages of the site as the docs say.
    """
    port = free_port()
    source = (
        block("Vercel and Netlify").replace("export default async", "async").replace("export const", "const")
    )
    server = f"""
import http from "node:http";
{source}
const site = {{ "cache-control": "{SITE}", "vary": "User-Agent, Accept" }};
http.createServer(async (asked, response) => {{
  const request = new Request("https://example.com" + asked.url, {{ method: asked.method, headers: asked.headers }});
  const found = await crawlight(request, {{ ip: asked.socket.remoteAddress }});
  const answer = found ?? new Response("the site", {{ headers: asked.url.endsWith(".png") ? {{}} : site }});
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(Buffer.from(await answer.arrayBuffer()));
}}).listen({port}, "127.0.0.1");
"""
    environment = os.environ | {
        "CRAWLIGHT_URL": f"http://127.0.0.1:{crawlight}{BASE}/",
        "CRAWLIGHT_KEY": "YOUR_KEY",
    }
    command = [*node.node(), "--input-type=module", "-e", server]
    with ended(command, env=environment):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def express(crawlight: int, _site: int) -> Iterator[str]:
    node.packages()
    port = free_port()
    app = f"""
import express from "express";
{block("Express")}
const app = express();
app.use(crawlight({{ url: "http://127.0.0.1:{crawlight}{BASE}", key: "YOUR_KEY", site: "https://example.com" }}));
app.use((request, response) => {{
  if (!request.path.startsWith("/bare")) response.set("cache-control", "{SITE}");
  response.send("the site");
}});
app.listen({port}, "127.0.0.1");
"""
    command = [*node.node(), "--input-type=module", "-e", app]
    with ended(command, cwd=node.HERE):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def worker(crawlight: int, site: int) -> Iterator[str]:
    """Our worker in workerd."""
    node.packages()
    settings = {"CRAWLIGHT_URL": f"http://127.0.0.1:{crawlight}{BASE}", "CRAWLIGHT_KEY": "YOUR_KEY"}
    with node.worker(WORKER, settings, f"http://127.0.0.1:{site}") as started:
        yield started.url


@contextmanager
def shared_cache(target: str) -> Iterator[str]:
    """nginx as a cache that people and crawlers share. It keeps what says nothing; below /deaf it ignores Vary."""
    port = free_port()
    kept = f"proxy_pass {target}; proxy_set_header Host $http_host; add_header X-Cache $upstream_cache_status always;"
    http = f"""
proxy_cache_path FOLDER/cache keys_zone=shared:1m;
proxy_cache shared;
proxy_cache_valid any 10m;
server {{
    listen 127.0.0.1:{port};
    location / {{ {kept} }}
    location /deaf/ {{ proxy_ignore_headers Vary; {kept} }}
}}
"""
    with nginx_with(http):
        yield f"http://127.0.0.1:{port}"


class Got(NamedTuple):
    status: int
    headers: Message
    body: str


class _Kept(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def get(url: str, path: str, agent: str, **headers: str) -> Got:
    """Ask for a page of example.com; redirects are answers like others."""
    told = {name.replace("_", "-"): text for name, text in headers.items()}
    request = urllib.request.Request(url + path, headers={"User-Agent": agent, "Host": "example.com", **told})
    try:
        with urllib.request.build_opener(_Kept).open(request, timeout=30) as answer:
            return Got(answer.status, answer.headers, answer.read().decode())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return Got(refusal.code, refusal.headers, refusal.read().decode())


@contextmanager
def started(recipe: Recipe) -> Iterator[str]:
    """A recipe that answers, before both stand-ins."""
    with serving(Crawlight) as crawlight, serving(Site) as site, recipe(crawlight, site) as url:
        answers(url)
        yield url


def answers(url: str) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + 30
    while True:
        try:
            get(url, "/", PERSON)
            return
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.05)
