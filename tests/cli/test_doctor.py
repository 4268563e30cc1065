import json
import socket
import time
from pathlib import Path

import pytest

from crawlight.bots.crowds import Crowd
from crawlight.crawls.crowding import Crowded, Crowds
from crawlight.crawls.spool import Spool
from crawlight.ids import DomainId
from crawlight.rendering.fonts import missing_scripts
from crawlight.rendering.process import sandboxed
from tests.conftest import Cli
from tests.processes import Crawlight

CHECKS = ["disk", "database", "events", "spool", "snapshots", "limits", "browser", "port", "address lists"]


@pytest.fixture(autouse=True)
def free_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRAWLIGHT_PORT", "0")


def states(out: str) -> dict[str, str]:
    return {one["check"]: one["state"] for one in json.loads(out)}


def test_an_installation_that_works_is_told_so(cli: Cli) -> None:
    for _ in range(2):
        status, out, _ = cli("--json", "doctor")
        assert status == 0
        assert {check: state for check, state in states(out).items() if state == "problem"} == {}
        assert set(CHECKS) <= set(states(out))
        cli("user", "add", "me@example.org")
        cli("export", "--user", "me@example.org")
    assert states(out)["clocks"] == "ok"
    assert states(out)["browser"] == ("ok" if sandboxed() else "warning")


def test_addresses_that_all_crawlers_share_are_told(cli: Cli, tmp_path: Path) -> None:
    crowds = Crowds(Spool(tmp_path / "data" / "spool").folder)
    crowds.write({DomainId(1): Crowded("example.com", Crowd(("10.0.0.2",), 20, 20, True), time.time())})
    found = next(one for one in json.loads(cli("--json", "doctor")[1]) if one["check"] == "addresses")
    assert found["state"] == "warning"
    assert "seem to come from 10.0.0.2" in found["found"]
    assert "Behind a further proxy" in found["advice"]
    crowds.write(
        {DomainId(1): Crowded("example.com", Crowd(("10.0.0.2",), 20, 20, True), time.time() - 90_000)}
    )
    assert crowds.known() == {}


def test_each_problem_is_told_with_what_to_do(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Spool(tmp_path / "data" / "spool").folder
    (folder / "batch-1.bad").write_bytes(b"damaged")
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as edge:
        for name, value in {
            "PORT": str(taken.getsockname()[1]),
            "EDGE_PORT": str(edge.getsockname()[1]),
            "EDGE_WORKERS": "1",
            "BROWSER_PATH": "/nowhere/chromium",
            "LIMITS_URL": "redis://127.0.0.1:1",
            "DATABASE_URL": "postgresql+asyncpg://127.0.0.1:1/x",
            "EVENTS_URL": "http://127.0.0.1:1/x",
        }.items():
            monkeypatch.setenv(f"CRAWLIGHT_{name}", value)
        status, out, _ = cli("--json", "doctor")
    assert status == 1
    wrong = {"database", "events", "spool", "limits", "browser", "port"}
    found = {one["check"]: one for one in json.loads(out)}
    assert {check for check, one in found.items() if one["state"] == "problem"} == wrong
    assert all(found[check]["advice"] for check in wrong)
    assert sorted(one["advice"] for one in json.loads(out) if one["check"] == "port") == [
        "choose another: CRAWLIGHT_EDGE_PORT",
        "choose another: CRAWLIGHT_HOST, CRAWLIGHT_PORT",
    ]
    status, out, _ = cli("doctor")
    assert status == 1
    assert "PROBLEM spool           1 segments were set aside: batch-1" in out


def test_scripts_that_no_font_has_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "fc-list"
    program.write_text("#!/bin/sh\ncase $1 in :lang=ja | :lang=und-zsye) ;; *) echo Noto Sans ;; esac\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert missing_scripts() == ["Japanese", "emoji"]
    program.unlink()
    assert len(missing_scripts()) == 6


def test_a_damaged_database_is_found(cli: Cli, tmp_path: Path) -> None:
    cli("user", "add", "me@example.org")
    path = tmp_path / "data" / "crawlight.sqlite"
    content = bytearray(path.read_bytes())
    content[8192:20000] = b"x" * (20000 - 8192)
    path.write_bytes(content)
    status, out, _ = cli("--json", "doctor")
    assert (status, states(out)["database"]) == (1, "problem")


def test_a_data_directory_that_is_a_file_is_told(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    status, out, _ = cli("--json", "doctor")
    assert (status, states(out)["disk"]) == (1, "problem")


def test_beside_a_running_server(tmp_path: Path) -> None:
    crawlight = Crawlight(tmp_path / "data")
    crawlight.site()
    with crawlight.serve():
        out = crawlight.run("--json", "doctor")
    assert states(out)["events"] == states(out)["port"] == "ok"


@pytest.mark.parametrize(
    ("settings", "path", "told"),
    [
        ({"FRONT_ADMIN": "unix:/nowhere/admin.sock"}, True, "no Caddy answers at unix:/nowhere/admin.sock"),
        ({}, False, "there is no Caddy"),
        ({}, True, "cannot be used: Address already in use"),
    ],
)
def test_what_the_front_lacks_is_told(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], path: bool, told: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        values = {"FRONT": "true", "FRONT_HTTP": f"127.0.0.1:{taken.getsockname()[1]}", "FRONT_HTTPS": "0"}
        for name, value in (values | settings).items():
            monkeypatch.setenv(f"CRAWLIGHT_{name}", value)
        if not path:
            monkeypatch.setenv("PATH", str(tmp_path))
        found = json.loads(cli("--json", "doctor")[1])
    (problem,) = [one for one in found if one["state"] == "problem" and told in one["found"]]
    assert problem["advice"]


def test_a_front_that_could_start_is_no_problem(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRAWLIGHT_FRONT", "true")
    monkeypatch.setenv("CRAWLIGHT_FRONT_HTTP", "0")
    monkeypatch.setenv("CRAWLIGHT_FRONT_HTTPS", "127.0.0.1:0")
    assert cli("doctor")[0] == 0
