"""The main job through real processes: a log in, the document out, whatever runs and whoever dies."""

import json
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from crawlight.control import socket_path
from crawlight.demo.logs import REAL_LOG, shifted
from crawlight.kit import clock
from crawlight.rendering.binaries import find_browser
from crawlight.rendering.process import sandboxed
from tests.processes import Crawlight, Server
from tests.servers import free_port

EXPORT = "/functions/v1/export-user-analytics"


@pytest.fixture
def crawlight(tmp_path: Path) -> Crawlight:
    return Crawlight(tmp_path / "data")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("logs") / "access.log"
    path.write_bytes(b"".join(shifted(REAL_LOG, clock.now())[1]))
    return str(path)


def without_time(document: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in document.items() if name != "generatedAt"}


def numbers(document: dict[str, Any]) -> list[object]:
    """What two stores with the same crawls agree on: which of several pages is the 20th is each one's own."""
    (domain,) = document["domains"]
    top = [page["botTotal"] for page in domain["topPages"]]
    sure = [page for page in domain["topPages"] if page["botTotal"] > top[-1]]
    return [*(domain[name] for name in ("summary", "botTotals", "botSeries", "seo")), top, sure]


def total(document: dict[str, Any]) -> int:
    (domain,) = document["domains"]
    return int(domain["summary"]["totalCrawls"])


def test_import_and_export_give_the_same_with_and_without_a_server(
    crawlight: Crawlight, log: str, tmp_path: Path
) -> None:
    key = crawlight.site()
    alone = Crawlight(tmp_path / "alone")
    alone.site()
    alone.run("import", log, "--domain", "example.com")
    with crawlight.serve() as server:
        (summary,) = json.loads(crawlight.run("--json", "import", log, "--domain", "www.example.com"))
        status, by_http = server.post(EXPORT, key)
        by_command = crawlight.document()
    assert status == 200
    assert total(by_http) == summary["buckets"]["crawls"] > 2000
    assert sum(summary["buckets"].values()) == summary["lines"] == 10_000
    assert without_time(by_command) == without_time(by_http) == without_time(crawlight.document())
    assert numbers(alone.document()) == numbers(by_http)


def test_a_second_server_on_the_same_data_is_refused(crawlight: Crawlight) -> None:
    crawlight.site()
    with crawlight.serve() as server:
        status, _, err = crawlight.try_to("serve", "--port", "0")
        assert (status, err) == (
            1,
            f"crawlight: a server already runs on {crawlight.data}; stop it, or choose another --data\n",
        )
        assert server.get("/healthz") == (200, '{"status":"ok"}')


def test_a_plan_that_accounts_are_on_cannot_be_left_out_of_the_settings(crawlight: Crawlight) -> None:
    crawlight.site()
    plan = {"api_keys": 1, "calls_per_month": 1, "export_api": False, "routing_rules": 1}
    without = Crawlight(crawlight.data, PLANS=json.dumps({"starter": plan}))
    assert without.try_to("serve", "--port", "0") == (
        1,
        "",
        "crawlight: accounts are on plans that the settings lack: pro\n",
    )


def test_a_taken_port_is_told_in_one_line(crawlight: Crawlight, tmp_path: Path) -> None:
    crawlight.site()
    with crawlight.serve() as server:
        port = server.url.rpartition(":")[2]
        status, _, err = Crawlight(tmp_path / "other").try_to("serve", "--port", port)
    assert status == 1
    assert err == (
        f"crawlight: cannot listen on 127.0.0.1:{port}: Address already in use; "
        "choose another with --host and --port\n"
    )


def test_metrics_have_an_address_of_their_own_and_none_in_public(crawlight: Crawlight) -> None:
    crawlight.site()
    port = free_port()
    apart = Crawlight(crawlight.data, METRICS_ADDRESS=f"127.0.0.1:{port}", BROWSER_PATH="/nowhere/chromium")
    with apart.serve() as server:
        assert server.get("/metrics")[0] == 404
        server.get("/healthz")
        metrics = Server(server.process, f"http://127.0.0.1:{port}", [])
        assert 'crawlight_http_requests_total{method="GET",route="/healthz"' in metrics.get("/metrics")[1]
        assert metrics.get("/")[0] == 404
        status, _, err = Crawlight(crawlight.data.with_name("other"), **apart.settings).try_to(
            "serve", "--port", "0"
        )
        assert status == 1
        assert err.endswith(": Address already in use; choose another with CRAWLIGHT_METRICS_ADDRESS\n")
    assert any(line.startswith("No page will be rendered: no browser is installed") for line in server.told)
    with Crawlight(crawlight.data, PUBLIC_URL="https://crawlight.example.com").serve() as server:
        assert server.get("/metrics")[0] == 404


def test_the_server_ends_in_order_and_starts_again(crawlight: Crawlight, log: str) -> None:
    key = crawlight.site()
    for signal_number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        with crawlight.serve() as server:
            crawlight.run("import", log, "--domain", "example.com")
            assert total(server.post(EXPORT, key)[1]) > 2000
            server.process.send_signal(signal_number)
            assert server.process.wait(20) == (-9 if signal_number == signal.SIGKILL else 0)
        assert socket_path(crawlight.data).exists() == (signal_number == signal.SIGKILL)


def test_of_several_files_the_good_ones_are_imported(crawlight: Crawlight, log: str, tmp_path: Path) -> None:
    crawlight.site()
    empty, garbage = tmp_path / "access.log", tmp_path / "garbage.log"
    empty.write_bytes(b"")
    garbage.write_bytes(b"garbage\n")
    files = [str(empty), str(garbage), str(tmp_path / "missing.log"), log]
    status, out, err = crawlight.try_to("--json", "import", *files, "--domain", "example.com")
    told = json.loads(out)
    assert status == 1
    assert [one["lines"] for one in told if "lines" in one] == [0, 10_000]
    assert [one["file"] for one in told if "error" in one] == files[1:3]
    assert err.endswith("crawlight: 2 of 4 files were not imported\n")
    assert total(crawlight.document()) > 2000


def test_an_export_that_cannot_be_written_is_told(crawlight: Crawlight, tmp_path: Path) -> None:
    crawlight.site()
    target = tmp_path / "nowhere" / "export.json"
    status, _, err = crawlight.try_to("export", "--user", "me@example.org", "-o", str(target))
    assert (status, err) == (1, f"crawlight: cannot write {target}: No such file or directory\n")


def test_health_readiness_and_metrics(crawlight: Crawlight) -> None:
    key = crawlight.site()
    with crawlight.serve() as server:
        assert server.get("/healthz")[0] == 200
        status, ready = server.get("/readyz")
        assert (status, json.loads(ready)) == (
            200,
            {
                "ready": True,
                "checks": {"database": "ok", "events": "ok", "spool": "ok"},
                "parts": {"browser": "ok", "addresses": "ok"},
            },
        )
        server.post(EXPORT, key)
        metrics = server.get("/metrics")[1]
        assert f'crawlight_http_requests_total{{method="POST",route="{EXPORT}",status="200"}} 1.0' in metrics
        assert "crawlight_spool_segments 0.0" in metrics


def test_a_segment_that_cannot_be_read_is_told_and_blocks_nothing(crawlight: Crawlight, log: str) -> None:
    crawlight.site()
    with crawlight.serve() as server:
        spool = crawlight.data / "spool"
        (spool / "broken.part").write_bytes(b"no segment")
        (spool / "broken.part").rename(spool / "broken.segment")
        crawlight.run("import", log, "--domain", "example.com")
        status, ready = server.get("/readyz")
        assert total(crawlight.document()) > 2000
    assert status == 503
    assert "1 segments were set aside as unreadable" in json.loads(ready)["checks"]["spool"]


def test_crawls_of_a_killed_server_are_in_the_next_export(crawlight: Crawlight) -> None:
    key = crawlight.site()
    gptbot = "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)"
    crawls = [{"url": f"https://example.com/{number}", "userAgent": gptbot} for number in range(1000)]
    with crawlight.serve() as server:
        assert server.post("/v1/event/crawl", key, json.dumps(crawls).encode())[0] == 202
        server.process.kill()
    assert total(crawlight.document("1d")) == 1000


def test_keys_never_reach_the_log(crawlight: Crawlight) -> None:
    key = crawlight.site()
    with crawlight.serve() as server:
        server.post(EXPORT, key)
        server.post(EXPORT, key, b"no json")
    told = "".join(server.told)
    assert '"event": "request"' in told
    assert key not in told
    assert "127.0.0.1" not in told


@pytest.fixture
def moments() -> Iterator[float]:
    rng = random.Random(7)
    return (rng.uniform(0.3, 1.6) for _ in iter(int, 1))


@pytest.mark.parametrize("times", [6, pytest.param(60, marks=pytest.mark.soak)])
def test_an_import_killed_at_any_moment_counts_nothing_twice(
    crawlight: Crawlight, log: str, tmp_path: Path, moments: Iterator[float], times: int
) -> None:
    crawlight.site()
    kills = 0
    for _ in range(times):
        with crawlight.start("import", log, "--domain", "example.com") as process:
            try:
                process.wait(next(moments))
            except subprocess.TimeoutExpired:
                kills += 1
            process.kill()
            process.communicate()
    crawlight.run("import", log, "--domain", "example.com")
    whole = Crawlight(tmp_path / "whole")
    whole.site()
    whole.run("import", log, "--domain", "example.com")
    assert kills
    assert total(crawlight.document()) == total(whole.document())


def test_a_server_killed_while_logs_come_in_counts_nothing_twice(
    crawlight: Crawlight, log: str, moments: Iterator[float]
) -> None:
    crawlight.site()
    for _ in range(3):
        with (
            crawlight.serve() as server,
            crawlight.start("import", log, "--domain", "example.com") as process,
        ):
            with suppress(subprocess.TimeoutExpired):
                process.wait(next(moments))
            server.process.kill()
            process.communicate(timeout=60)
    crawlight.run("import", log, "--domain", "example.com")
    once = total(crawlight.document())
    with crawlight.serve():
        assert total(crawlight.document()) == once > 2000


def test_the_demo_prints_the_export_and_leaves_nothing_behind(tmp_path: Path) -> None:
    demo = Crawlight(tmp_path / "demo")
    document = json.loads(demo.run("demo", "--once"))
    imported, rendered = document["domains"]
    assert imported["botTotals"]["openaibot"] > 0
    assert imported["botTotals"]["googlebot"] > 0
    assert all(rendered["summary"][name] for name in ("cachedViews", "cacheMisses", "prerenders"))
    status, _, err = demo.try_to("demo", "--once")
    assert (status, "is not empty; the demo wants a data directory of its own" in err) == (1, True)


def test_what_pages_will_lack_is_told_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = str(find_browser())
    monkeypatch.setenv("PATH", str(tmp_path))  # There is no fc-list.
    with Crawlight(tmp_path / "data", BROWSER_PATH=browser).serve() as server:
        end = time.monotonic() + 60
        while not any("no fonts for Chinese" in line for line in server.told):
            assert time.monotonic() < end, server.told
            time.sleep(0.01)
        assert any("has no sandbox" in line for line in server.told) == (not sandboxed())
    with Crawlight(tmp_path / "data", BROWSER_PATH="none-such").serve() as server:
        pass
    assert "".join(server.told).count("No page will be rendered") == 1
