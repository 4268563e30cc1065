import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.edge.rendered import GOOGLEBOT
from tests.processes import Crawlight, Server


@pytest.fixture
def crawlight(tmp_path: Path) -> Crawlight:
    return Crawlight(tmp_path / "data")


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def ask(url: str, key: str, page: str) -> tuple[int, str]:
    """Status and reason of a call of the render endpoint."""
    headers = {"x-api-key": key, "user-agent": GOOGLEBOT, "x-hadoseo-mode": "passthrough"}
    request = urllib.request.Request(f"{url}/v1/render?url={quote(page, safe='')}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers["x-crawlight-reason"]
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)["error"]
    except OSError:
        return 0, "the process that had taken the connection was killed"


def edge_of(server: Server) -> str:
    """Where the edge processes of a server listen."""
    until(lambda: any("edge processes listen on" in line for line in server.told))
    (line,) = (line for line in server.told if "edge processes listen on" in line)
    return line.rpartition(" ")[2].strip()


def answers(server: Server) -> dict[tuple[str, str], float]:
    """Answers of the render endpoint by status and outcome, as the server's metrics have them."""
    families = text_string_to_metric_families(server.get("/metrics")[1])
    (family,) = (one for one in families if one.name == "crawlight_render_answers")
    return {(one.labels["status"], one.labels["outcome"]): one.value for one in family.samples}


def passed_until_refused(edge: str, key: str) -> int:
    """How many calls still passed before a process had heard that the key is revoked."""
    told = iter(lambda: ask(edge, key, "https://example.com/a"), (401, "invalid_api_key"))
    return sum(status == 204 for status, _ in told)


def is_edge(child: psutil.Process) -> bool:
    """Whether it is an edge process or what keeps these, and none that a server asks something at its start."""
    try:
        return "crawlight.edge_server" in child.cmdline()
    except psutil.NoSuchProcess:
        return False


def test_edge_processes_answer_record_and_end_with_the_server(crawlight: Crawlight) -> None:
    key = crawlight.site()
    with crawlight.serve("--edge-workers", "2", "--edge-port", "0") as server:
        edge = edge_of(server)
        children = psutil.Process(server.process.pid).children(recursive=True)
        edges = list(filter(is_edge, children))
        for _ in range(20):
            assert ask(edge, key, "https://example.com/a") == (204, "passthrough_mode")
        assert ask(edge, key, "https://other.example/") == (403, "domain_not_authorized")
        loaded = {name for child in edges for name in (m.path for m in child.memory_maps()) if "chdb" in name}
        assert loaded == set()
        until(lambda: crawlight.document("1d")["domains"][0]["summary"]["totalCrawls"] == 20)
        crawlight.run("key", "revoke", key)
        passed = 20 + passed_until_refused(edge, key)
        until(lambda: answers(server).get(("204", "passthrough")) == passed)
        victim = next(child for child in edges if child.children() == [])
        victim.kill()
        passed += passed_until_refused(edge, key)
        until(lambda: ("401", "none") in answers(server))
        until(lambda: answers(server)["204", "passthrough"] == passed)
    assert psutil.wait_procs(children, 30)[1] == []


def test_edge_processes_die_with_a_server_that_is_killed(crawlight: Crawlight) -> None:
    crawlight.site()
    with crawlight.serve("--edge-workers", "1", "--edge-port", "0") as server:
        edge_of(server)
        children = psutil.Process(server.process.pid).children(recursive=True)
        assert children
        server.process.kill()
        assert psutil.wait_procs(children, 30)[1] == []


def test_idle_and_dribbling_connections_keep_no_crawler_waiting(crawlight: Crawlight) -> None:
    key = crawlight.site()
    with crawlight.serve("--edge-workers", "1", "--edge-port", "0") as server, ExitStack() as opened:
        places = (server.url, edge_of(server))
        idle = [opened.enter_context(connection(place)) for place in places for _ in range(2_500)]
        for one in idle[::2]:
            one.sendall(b"GET /v1/render HTTP/1.1\r\nX: ")
        for _ in range(3):
            for one in idle[::2]:
                with suppress(OSError):  # The first may have been closed by now.
                    one.sendall(b"x")
            for place in places:
                assert ask(place, key, "https://example.com/a") == (204, "passthrough_mode")
        for one in idle:
            with suppress(ConnectionResetError):
                assert one.recv(4096) == b""
        # Each has one thread that answers: it is still there.
        for place in places:
            assert ask(place, key, "https://example.com/a") == (204, "passthrough_mode")


def connection(url: str) -> socket.socket:
    host, _, port = url.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=60)
