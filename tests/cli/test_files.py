import json
from pathlib import Path

import pytest

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
    assert cli(*shown)[1] == "example.com answers for robots.txt itself.\n"
    told = cli("file", "set", "www.example.com", "robots.txt", str(file))
    assert told == (0, "Crawlight answers for robots.txt of example.com.\n", "")
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
        "example.com answers for robots.txt itself.\n"
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
        (b"User-agent: *\nDisalow: /\n", "line 2: there is no Disalow; Disallow is meant?"),
        (b"\xff\xfe", "cannot be read"),
    ):
        file.write_bytes(content)
        status, _, err = cli("file", "set", "example.com", "robots.txt", str(file))
        assert (status, reason in err) == (1, True)
    assert "cannot be read" in cli("file", "set", "example.com", "robots.txt", str(tmp_path / "none"))[2]
    assert "cannot be hosted" in cli("file", "set", "example.com", "style.css", "/dev/null")[2]
    assert cli("file", "show", "nobody.example", "robots.txt")[0] == 1


def test_what_is_made_of_pages_needs_some(cli: Cli, domain: None) -> None:
    status, _, err = cli("file", "make", "example.com", "sitemap.xml")
    assert (status, err) == (1, "crawlight: no page of example.com is known that would be in it yet\n")
    shown = json.loads(cli("--json", "file", "preview", "example.com", "llms.txt")[1])
    assert (shown["pages"], shown["text"]) == (0, "# example.com\n")
    assert "is not made of pages" in cli("file", "make", "example.com", "robots.txt")[2]
