"""Dashboard and API under the server's public name, through the front."""

import json
import subprocess
from pathlib import Path

import msgspec
import pytest

from crawlight.front.config import Place, configuration
from crawlight.runtime.front import people_of
from crawlight.settings import Settings
from tests.front.conftest import PERSON, Front
from tests.front.test_config import ACME, SITES
from tests.processes import Crawlight
from tests.servers import free_port

NAME = "crawlight.example.net"


def test_the_public_name_leads_to_the_dashboard_and_no_other_does(tmp_path: Path) -> None:
    front, port = free_port(), free_port()
    crawlight = Crawlight(
        tmp_path / "data",
        FRONT_HTTP=f"127.0.0.1:{front}",
        FRONT_TLS="off",
        PUBLIC_URL=f"https://{NAME}",
        TRUSTED_PROXIES="127.0.0.1",
        BOTS_REFRESH="false",
    )
    crawlight.site()
    caddy = Front(crawlight, front, 0)
    try:
        with crawlight.serve("--front", "--port", str(port)):
            page = caddy.ask("/sign-in", PERSON | {"X-Forwarded-Proto": "https"}, host=NAME)
            assert (page.status, b"<form" in page.body) == (200, True)
            assert caddy.ask("/healthz", host=NAME).status == 200
            assert caddy.ask("/sign-in", host="example.com").status == 421
            export = caddy.ask("/functions/v1/export-user-analytics", host=NAME, method="POST", body=b"{}")
            assert (export.status, json.loads(export.body)) == (401, {"error": "invalid_api_key"})
        assert caddy.ask("/sign-in", host=NAME).status == 502
    finally:
        crawlight.run("front", "stop")


def _with(place: Place, name: str) -> Place:
    return msgspec.structs.replace(place, people=name, server="127.0.0.1:8080")


def test_caddy_takes_it_with_a_certificate_of_its_own(tmp_path: Path) -> None:
    made = {"apps": configuration(SITES, _with(ACME, NAME))}
    assert NAME in json.dumps(made["apps"]["http"]["servers"]["ask"])
    (tmp_path / "caddy.json").write_text(json.dumps(made))
    told = subprocess.run(["caddy", "validate", "--config", tmp_path / "caddy.json"], capture_output=True)
    assert told.returncode == 0, told.stderr[-600:]


def test_the_name_of_a_site_on_the_front_stays_the_sites(tmp_path: Path) -> None:
    assert configuration(SITES, _with(ACME, "shop.example")) == configuration(SITES, ACME)


@pytest.mark.parametrize(
    ("url", "host", "people"),
    [
        (f"https://{NAME}", "127.0.0.1", (NAME, "127.0.0.1:8080")),
        (f"https://{NAME}/", "::", (NAME, "[::1]:8080")),
        (f"https://{NAME}/below", "127.0.0.1", ("", "")),
        (f"https://{NAME}:8443", "127.0.0.1", ("", "")),
        ("http://203.0.113.7", "0.0.0.0", ("", "")),
        ("http://localhost", "127.0.0.1", ("", "")),
        ("", "127.0.0.1", ("", "")),
    ],
)
def test_only_a_name_without_port_and_path_is_one(url: str, host: str, people: tuple[str, str]) -> None:
    assert people_of(Settings(public_url=url, host=host)) == people
