import json
from pathlib import Path

import pytest

from crawlight.kit.clock import now
from tests.conftest import Cli

TEXT = "User-agent: *\nDisallow: /a\n"


@pytest.fixture
def domain(cli: Cli) -> None:
    cli("user", "add", "owner@example.org", "--plan", "starter")
    cli("domain", "add", "example.com", "--owner", "owner@example.org", "--origin", "http://127.0.0.1:9")


def test_a_file_is_hosted_shown_and_left_to_the_site(cli: Cli, domain: None, tmp_path: Path) -> None:
    file = tmp_path / "robots.txt"
    file.write_text(TEXT)
    shown = ("file", "show", "example.com", "robots.txt")
    assert cli(*shown)[1] == "example.com serves its own robots.txt.\n"
    told = cli("file", "set", "www.example.com", "robots.txt", str(file))
    assert told == (0, "Crawlight now serves robots.txt for example.com.\n", "")
    assert cli(*shown)[1] == TEXT
    assert json.loads(cli("--json", *shown)[1]) == {
        "host": "example.com",
        "name": "robots.txt",
        "mode": "text",
        "text": TEXT,
    }
    [row, *_] = json.loads(cli("--json", "file", "list", "example.com")[1])
    assert (row["name"], row["answered_by"], row["since"][-3:]) == ("robots.txt", "Crawlight", "UTC")
    cli("domain", "agents", "example.com", "--signal", "ai-train=no")
    assert "Content-Signal: ai-train=no" in cli(*shown)[1]
    assert cli("file", "origin", "example.com", "robots.txt")[1] == (
        "example.com serves its own robots.txt again.\n"
    )
    status, _, err = cli("file", "origin", "example.com", "robots.txt")
    assert (status, err) == (1, "crawlight: robots.txt of example.com is not hosted here\n")


def test_a_pattern_does_not_hide_it(cli: Cli, domain: None, tmp_path: Path) -> None:
    file = tmp_path / "robots.txt"
    file.write_text(TEXT)
    cli("rule", "add", "example.com", "/*", "/soon")
    assert cli("rule", "test", "example.com", "/robots.txt")[1] == "Rule 1: 301 to /soon\n"
    cli("file", "set", "example.com", "robots.txt", str(file))
    assert cli("rule", "test", "example.com", "/robots.txt?a")[1] == "No rule matches.\n"


def test_what_is_wrong_is_told_with_its_line(cli: Cli, domain: None, tmp_path: Path) -> None:
    file = tmp_path / "robots.txt"
    for content, reason in (
        (b"User-agent: *\nDisalow: /\n", 'line 2: unknown directive "Disalow"; did you mean "Disallow"?'),
        (b"\xff\xfe", "is not UTF-8"),
    ):
        file.write_bytes(content)
        status, _, err = cli("file", "set", "example.com", "robots.txt", str(file))
        assert (status, reason in err) == (1, True)
    err = cli("file", "set", "example.com", "robots.txt", str(tmp_path / "none"))[2]
    assert err.endswith("none cannot be read: No such file or directory\n")
    assert "cannot be hosted" in cli("file", "set", "example.com", "style.css", "/dev/null")[2]
    assert cli("file", "show", "nobody.example", "robots.txt")[0] == 1


def test_what_is_made_of_pages_needs_some(cli: Cli, domain: None) -> None:
    status, _, err = cli("file", "make", "example.com", "sitemap.xml")
    assert (status, err) == (1, "crawlight: no page of example.com is known that would be in it yet\n")
    shown = json.loads(cli("--json", "file", "preview", "example.com", "llms.txt")[1])
    assert (shown["pages"], shown["text"]) == (0, "# example.com\n")
    assert "is not made of pages" in cli("file", "make", "example.com", "robots.txt")[2]


def test_a_change_is_rehearsed_on_recorded_crawls_and_not_saved(
    cli: Cli, domain: None, tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    moment = f"{now():%d/%b/%Y:%H:%M:%S +0000}"
    agents = ("GPTBot/1.2", "GPTBot/1.2", "Googlebot/2.1")
    log.write_text(
        "".join(
            f'192.0.2.{n} - - [{moment}] "GET /blog/{n % 2} HTTP/1.1" 200 5 "-" "{agent}"\n'
            for n, agent in enumerate(agents)
        )
    )
    assert cli("import", str(log), "--domain", "example.com")[0] == 0
    robots = tmp_path / "robots.txt"
    robots.write_text("User-agent: GPTBot\nDisallow: /blog/\n")
    rules = tmp_path / "rules.csv"
    rules.write_text("/blog/1,/news,301\n")
    calls = {
        ("file", "set", "example.com", "robots.txt", str(robots)): [
            ("forbidden by robots.txt", "GPTBot", 2, 2)
        ],
        ("rule", "import", "example.com", str(rules)): [("redirected (301)", "GPTBot", 1, 1)],
        ("domain", "set", "example.com", "--block", "/blog/0"): [
            ("blocked", "GPTBot", 1, 1),
            ("blocked", "Googlebot", 1, 1),
        ],
    }
    for call, expected in calls.items():
        told = json.loads(cli("--json", *call, "--rehearse", "90d")[1])
        assert [(one["what"], one["agent"], one["crawls"], one["pages"]) for one in told] == expected
    assert "2 of 3 crawls. Nothing was saved." in cli(*next(iter(calls)), "--rehearse", "7d")[1]
    assert "serves its own" in cli("file", "show", "example.com", "robots.txt")[1]
    assert json.loads(cli("--json", "rule", "list", "example.com")[1]) == []
    assert json.loads(cli("--json", "domain", "show", "example.com")[1])["settings"]["blocked_paths"] == []


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (("domain", "set", "example.com", "--block", "/a", "--rehearse", "2d"), "is no period"),
        (("domain", "set", "example.com", "--language", "de", "--rehearse", "90d"), "only --block"),
        (("domain", "set", "example.com", "--block", "a", "--rehearse", "90d"), "is no pattern"),
        (("file", "set", "example.com", "llms.txt", "/dev/null", "--rehearse", "90d"), "only a robots.txt"),
    ],
)
def test_what_cannot_be_rehearsed(cli: Cli, domain: None, call: tuple[str, ...], reason: str) -> None:
    status, _, err = cli(*call)
    assert (status, reason in err) == (1, True)
