"""The configuration as it is written, against one that was read and tried; and by Caddy itself."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from crawlight.domains.settings import DomainSettings
from crawlight.domains.sites import Site
from crawlight.front.blocked import matchers
from crawlight.front.config import Place, configuration
from crawlight.ids import DomainId

GOLDEN = Path(__file__).parent / "golden"
OFF = Place("127.0.0.1:8080", "", "off", "/run/door.sock", 2020, "crawlight-abc", 14)
ACME = Place(":80", ":443", "acme", "/run/door.sock", 2020, "crawlight-abc", 14, ("10.0.0.0/8",))
INTERNAL = Place(":8080", ":8443", "internal", "/run/door.sock", 2020, "crawlight-abc", 14)


def site(
    number: int,
    host: str,
    origin: str | None,
    routing: str = "",
    hosted: Mapping[str, bytes] | None = None,
    **settings: object,
) -> Site:
    chosen = DomainSettings(**{"front": True, **settings})  # type: ignore[arg-type]
    return Site(DomainId(number), host, origin, 1, chosen, routing, hosted=hosted)


SITES = [
    site(1, "example.com", "https://app.example.net:8443", origin_host="origin", origin_certificate="ignore"),
    site(2, "shop.example", "http://[::1]:3000", "/old,/new,301\n/blog/*,/news/:splat,302\n"),
    site(6, "hosted.example", "http://10.0.0.2", hosted={"/robots.txt": b"1"}),
    site(
        7,
        "headers.example",
        "http://10.0.0.3",
        content_security_policy="default-src 'self'",
        robots_header="lift",
        blocked_paths=("/secret/*.x$", "/a+b"),
    ),
    site(3, "off.example", "http://10.0.0.1", front=False),
    site(4, "bare.example", None),
    site(5, "itself.example", "https://itself.example"),
]


@pytest.mark.parametrize(("name", "place"), [("off", OFF), ("acme", ACME), ("internal", INTERNAL)])
def test_the_configuration_is_the_one_that_was_read(name: str, place: Place, tmp_path: Path) -> None:
    """After a change that is meant: remove the file, run the test, read the difference."""
    made = json.dumps({"apps": configuration(SITES, place)}, indent=1) + "\n"
    golden = GOLDEN / f"{name}.json"
    if not golden.exists():
        golden.write_text(made)
    assert made == golden.read_text()
    validate(tmp_path, made)


@pytest.mark.parametrize("count", [0, 1, 8, 9, 500])
def test_any_number_of_domains_is_valid(count: int, tmp_path: Path) -> None:
    sites = [site(n + 1, f"d{n}.example", f"http://10.0.{n // 250}.{n % 250}") for n in range(count)]
    made = json.dumps({"apps": configuration(sites, INTERNAL)})
    assert made.count('"crawlight_way": "http"') == count
    validate(tmp_path, made)


def test_a_domain_with_too_much_to_look_for_keeps_the_header_everywhere() -> None:
    """Such patterns were saved by earlier versions; Go's expressions would take seconds for a request."""
    for patterns in ([f"/{'*a' * 200}{n}" for n in range(100)], ["/a*b"] * 101, [f"/{'b' * 400}"] * 100):
        assert matchers(patterns) == []
    assert len(matchers(["/a*b"] * 100)) == 3


def validate(folder: Path, made: str) -> None:
    file = folder / "caddy.json"
    file.write_text(made)
    told = subprocess.run(["caddy", "validate", "--config", file], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr[-600:]
