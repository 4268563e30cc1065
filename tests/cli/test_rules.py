import json
from pathlib import Path

import pytest

from tests.conftest import Cli


@pytest.fixture
def domain(cli: Cli) -> None:
    cli("user", "add", "owner@example.org", "--plan", "starter")
    cli("domain", "add", "example.com", "--owner", "owner@example.org")


def test_rules_are_added_listed_tried_and_removed(cli: Cli, domain: None) -> None:
    assert cli("rule", "add", "example.com", "/blog/*", "/news/:splat")[1] == "Added: 1 rule now.\n"
    cli("rule", "add", "www.example.com", "/gone", "", "--type", "410", "--first")
    listed = json.loads(cli("--json", "rule", "list", "example.com")[1])
    assert [(row["number"], row["source"], row["type"]) for row in listed] == [
        (1, "/gone", "410"),
        (2, "/blog/*", "301"),
    ]
    assert cli("rule", "test", "www.example.com", "/blog/a?b=c")[1] == "Rule 2: 301 to /news/a?b=c\n"
    assert cli("rule", "test", "example.com", "/gone")[1] == "Rule 1: 410\n"
    assert cli("rule", "test", "example.com", "/else")[1] == "No rule matches.\n"
    assert cli("rule", "remove", "example.com", "/gone")[1] == "Removed: 1 rule now.\n"
    status, _, err = cli("rule", "remove", "example.com", "/gone")
    assert (status, err) == (1, "crawlight: there is no rule with the source /gone\n")


def test_an_import_is_all_or_nothing(cli: Cli, domain: None, tmp_path: Path) -> None:
    file = tmp_path / "rules.csv"
    file.write_text("source,destination,type\n/a,/b,301\n/c,/d,302\n")
    assert cli("rule", "import", "example.com", str(file))[1] == "Imported 2 rules.\n"
    assert cli("rule", "export", "example.com")[1] == file.read_text()
    for wrong, said in {
        "/x,/y,301\n/p,/q,moved\nz,/q,301\n": "410, proxy; line 3: 'z' is no path",
        "/x,/y,301\n/p,/q\n": "line 2: 2 columns; a rule is source,destination,type",
        "".join(f"/{n},/to,301\n" for n in range(6)): "a domain has up to 5 rules here",
    }.items():
        other = tmp_path / "wrong.csv"
        other.write_text(wrong)
        status, _, err = cli("rule", "import", "example.com", str(other))
        assert status == 1
        assert said in err
    assert cli("rule", "export", "example.com")[1] == file.read_text()
    assert "cannot be read" in cli("rule", "import", "example.com", str(tmp_path / "none.csv"))[2]
