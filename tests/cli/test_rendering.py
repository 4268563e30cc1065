"""Pages for crawlers through the real command: its own event loop, a real browser, a site made in JavaScript."""

import gzip
import json
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from tests.edge.rendered import GOOGLEBOT
from tests.processes import Crawlight, Server


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def ask(server: Server, key: str, path: str) -> tuple[int, str, str]:
    """Status, outcome and HTML of what a crawler gets."""
    headers = {"x-api-key": key, "user-agent": GOOGLEBOT, "accept-encoding": "gzip"}
    url = f"{server.url}/v1/render?url={quote(f'https://shop.example.net{path}', safe='')}"
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
        body = answer.read()
        html = gzip.decompress(body).decode() if body else ""
        return answer.status, answer.headers["x-crawlight-outcome"], html


def test_crawlers_get_rendered_pages_from_a_running_server(tmp_path: Path, origin: str) -> None:
    crawlight = Crawlight(tmp_path / "data", BOTS_REFRESH="false")
    key = crawlight.site()
    host = "shop.example.net"
    crawlight.run("domain", "add", host, "--owner", "me@example.org", "--origin", origin)
    crawlight.run("domain", "set", host, "--allow", "127.0.0.1")

    def summary() -> dict[str, object]:
        domains = crawlight.document("1d")["domains"]
        (found,) = (one["summary"] for one in domains if one["domain"] == host)
        return dict(found)

    with crawlight.serve() as server:
        status, outcome, html = ask(server, key, "/breads")
        assert (status, outcome) == (200, "miss")
        assert "Spelt" in html
        assert "<script" not in html
        assert ask(server, key, "/breads") == (200, "hit", html)
        until(lambda: summary()["prerenders"] == 1)
        body = json.dumps({"domain": host, "path": "/breads"}).encode()
        assert server.post("/functions/v1/purge-cache", key, body)[0] == 200
        until(lambda: summary()["prerenders"] == 2)
        assert ask(server, key, "/breads") == (200, "hit", html)
        until(lambda: summary()["totalCrawls"] == 3)
        told = summary()
        metrics = server.get("/metrics")[1].splitlines()
    assert 'crawlight_render_answers_total{outcome="hit",status="200"} 2.0' in metrics
    assert 'crawlight_render_answers_total{outcome="miss",status="200"} 1.0' in metrics
    assert 'crawlight_renders_total{result="stored"} 2.0' in metrics
    assert "crawlight_renderer_waiting 0.0" in metrics
    assert "crawlight_snapshots_held 1.0" in metrics
    gauges = dict(line.split(" ") for line in metrics if "{" not in line and not line.startswith("#"))
    assert float(gauges["crawlight_browser_memory_bytes"]) > 10_000_000
    assert float(gauges["crawlight_snapshots_held_bytes"]) > len(gzip.compress(html.encode()))
    assert (told["cachedViews"], told["cacheMisses"], told["prerenders"]) == (2, 1, 2)
    assert "Traceback" not in "".join(server.told)
