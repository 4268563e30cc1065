import gzip
import json
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.ingest.lines import Hit, combined, log
from tests.ingest.test_importing import CHROME

RECENT = Hit().ts


@pytest.fixture
def site(cli: Cli) -> None:
    """An account with two domains."""
    cli("user", "add", "me@example.org")
    for host in ("example.com", "other.example"):
        cli("domain", "add", host, "--owner", "me@example.org")


@pytest.fixture
def logs(tmp_path: Path) -> str:
    """A rotated log of both domains; gives its pattern."""
    older, newer = Hit(target="/a"), Hit(target="/b", host="other.example")
    (tmp_path / "access.log.2.gz").write_bytes(gzip.compress(log("caddy", older, Hit(agent=CHROME))))
    (tmp_path / "access.log").write_bytes(log("caddy", newer, Hit(target="/c", host="third.example")))
    return str(tmp_path / "access.log*")


@pytest.mark.usefixtures("site")
def test_a_rotated_log_goes_to_all_domains_of_an_account(cli: Cli, logs: str) -> None:
    status, out, _ = cli("import", logs, "--all-domains", "--user", "me@example.org")
    assert status == 0
    assert out.index("access.log.2.gz") < out.index(
        "access.log: Caddy JSON (it matches all of the first 2 lines"
    )
    assert "2 domains" in out
    assert "other hosts, the most frequent: third.example 1" in out
    again = json.loads(cli("import", logs, "--all-domains", "--user", "me@example.org", "--json")[1])
    assert [(one["lines"], one["already_imported"]) for one in again] == [(0, 2), (0, 2)]


@pytest.mark.usefixtures("site")
def test_a_dry_run_says_what_would_come(cli: Cli, logs: str) -> None:
    for _ in range(2):
        status, out, err = cli("import", logs, "--domain", "example.com", "--dry-run", "--json")
        summaries = json.loads(out)
        assert (status, err) == (0, "Dry run: nothing was written.\n")
        assert [one["buckets"]["crawls"] for one in summaries] == [1, 0]
        assert summaries[1]["other_hosts"] == {"other.example": 1, "third.example": 1}
        assert summaries[0]["domains"] == {"example.com": 1}
        assert summaries[0]["format_reason"].startswith("it matches all of the first 2 lines")


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("times", "crawls"),
    [
        (("--since", "2026-06-01"), 1),
        (("--until", "2026-06-01"), 1),
        (("--until", "2026-06-01T12:00Z"), 0),
        (("--since", "2026-06-01T14:00+02:00"), 1),
        (("--since", "2026-06-02"), 0),
    ],
)
def test_days_and_times_are_understood(cli: Cli, logs: str, times: tuple[str, str], crawls: int) -> None:
    path = logs.replace("*", ".2.gz")
    [summary] = json.loads(cli("import", path, "--domain", "example.com", *times, "--dry-run", "--json")[1])
    assert (summary["buckets"]["crawls"], summary["buckets"]["outside"]) == (crawls, 1 - crawls)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "say --domain HOST, or --all-domains --user EMAIL"),
        (("--domain", "a.example", "--all-domains", "--user", "me@example.org"), "say --domain HOST, or"),
        (("--all-domains",), "say --domain HOST, or"),
        (("--domain", "a.example", "--user", "me@example.org"), "say --domain HOST, or"),
        (("--domain", "a.example", "--since", "yesterday"), "'yesterday' is no day or time, such as"),
        (("--domain", "a.example", "--until", "9999-12-31"), "'9999-12-31' is no day or time"),
        (
            ("--domain", "a.example", "--since", "2026-06-02", "--until", "2026-06-01"),
            "--since is not before",
        ),
        (
            ("--domain", "a.example", "--key", "agent"),
            "'agent' is not WHAT=KEY with WHAT one of time, ",
        ),
    ],
)
def test_wrong_usage_is_told(cli: Cli, options: tuple[str, ...], told: str) -> None:
    status, _, err = cli("import", "access.log", *options)
    assert (status, told in err) == (2, True)


@pytest.mark.usefixtures("site")
def test_an_account_without_domains_is_told(cli: Cli, logs: str) -> None:
    cli("user", "add", "nobody@example.org")
    status, _, err = cli("import", logs, "--all-domains", "--user", "nobody@example.org")
    assert (status, "nobody@example.org neither owns nor manages a domain" in err) == (1, True)


@pytest.mark.usefixtures("site")
def test_a_viewer_imports_nothing(cli: Cli, logs: str) -> None:
    cli("user", "add", "viewer@example.org")
    cli("domain", "share", "example.com", "--with", "viewer@example.org", "--role", "viewer")
    assert cli("import", logs, "--all-domains", "--user", "viewer@example.org")[0] == 1


@pytest.mark.usefixtures("site")
def test_a_pattern_without_a_match_is_told(cli: Cli, tmp_path: Path) -> None:
    status, _, err = cli("import", str(tmp_path / "nothing*"), "--domain", "example.com")
    assert (status, "no file matches" in err) == (1, True)


@pytest.mark.parametrize(
    "command",
    [
        ("user", "list"),
        ("domain", "list"),
        ("key", "list"),
        ("export", "--user", "me@example.org"),
        ("import", "access.log", "--domain", "example.com"),
        ("import", "access.log", "--domain", "example.com", "--dry-run"),
        ("purge", "example.com", "/"),
    ],
)
def test_a_mistyped_data_directory_does_not_come_into_being(
    cli: Cli, tmp_path: Path, command: tuple[str, ...]
) -> None:
    status, _, err = cli(*command)
    assert (status, "is --data right? `crawlight user add` starts a new one" in err) == (1, True)
    assert not (tmp_path / "data").exists()


def test_json_may_stand_at_the_end(cli: Cli) -> None:
    cli("user", "add", "me@example.org")
    for command in (("--json", "user", "list"), ("user", "--json", "list"), ("user", "list", "--json")):
        assert [one["email"] for one in json.loads(cli(*command)[1])] == ["me@example.org"]
    assert cli("classify", "--", "--json")[0] == 1


def test_an_address_that_is_none_is_refused(cli: Cli) -> None:
    status, _, err = cli("bots", "check", "curl", "--ip", "999")
    assert (status, "'999' is no IP address" in err) == (2, True)


@pytest.mark.usefixtures("site")
def test_a_log_of_a_proxys_address_is_taken_on_request_only(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    bots = ("Googlebot/2.1", "bingbot/2.0", "GPTBot/1.3")
    hits = [Hit(agent=bot, address="10.0.0.2", target=f"/{number}") for bot in bots for number in range(4)]
    path.write_bytes(b"".join(map(combined, hits)))
    status, out, err = cli("import", str(path), "--domain", "example.com")
    assert (status, out) == (1, "")
    assert "all 12 crawls come from 10.0.0.2, the address of a proxy" in err
    [dry] = json.loads(cli("import", str(path), "--domain", "example.com", "--dry-run", "--json")[1])
    assert dry["notes"][0].startswith("all 12 crawls")
    shown = cli("import", str(path), "--domain", "example.com", "--dry-run")[1]
    assert "all 12 crawls come from 10.0.0.2, the address of a proxy" in shown
    [taken] = json.loads(cli("import", str(path), "--domain", "example.com", "--anyway", "--json")[1])
    unchecked = {"verified": 0, "unverifiable": 0, "unchecked": 4, "spoofed": 0}
    assert taken["identities"] == dict.fromkeys(("Googlebot", "bingbot", "GPTBot"), unchecked)
    assert (taken["notes"], taken["buckets"]["crawls"]) == (dry["notes"], 12)


@pytest.mark.usefixtures("site")
def test_imports_are_listed_and_taken_back(cli: Cli, logs: str) -> None:
    assert cli("import", "--list")[1] == "Nothing was imported yet.\n"
    assert cli("import", logs, "--all-domains", "--user", "me@example.org")[0] == 0
    listed = json.loads(cli("import", "--list", "--json")[1])
    assert [one["records"] for one in listed] == [
        {"example.com": 1, "other.example": 0},
        {"example.com": 0, "other.example": 1},
    ]
    shown = cli("import", "--list")[1]
    assert str(listed[0]["number"]) in shown
    assert "access.log.2.gz" in shown
    status, out, _ = cli("import", "--undo", logs.replace("*", ".2.gz"))
    assert status == 0
    assert out.startswith(f"Took back import {listed[0]['number']} of ")
    assert cli("import", "--undo", str(listed[0]["number"]))[0] == 1
    assert [one["number"] for one in json.loads(cli("import", "--list", "--json")[1])] == [
        listed[1]["number"]
    ]
    again = json.loads(cli("import", logs, "--all-domains", "--user", "me@example.org", "--json")[1])
    assert [(one["lines"], one["already_imported"]) for one in again] == [(2, 0), (0, 2)]


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    "options",
    [(), ("--list", "--undo", "1"), ("x.log", "--list"), ("x.log", "--undo", "1"), ("--undo", "nowhere.log")],
)
def test_what_is_no_import_and_no_undo_is_told(cli: Cli, options: tuple[str, ...]) -> None:
    status, _, err = cli("import", *options)
    assert status != 0
    assert err


ODD_FORMAT = "log_format odd '$time_iso8601 | $status | $http_user_agent | $request_uri | $remote_addr'"


@pytest.mark.usefixtures("site")
def test_a_format_that_was_said_is_kept_for_the_domain(cli: Cli, tmp_path: Path) -> None:
    """A later file of it needs no option, one in another format is known by itself, and auto forgets it."""
    files = [tmp_path / f"{number}.log" for number in range(4)]
    for number, file in enumerate(files):
        file.write_text(f"{RECENT.isoformat()} | 200 | GPTBot/1.3 | /{number} | 192.0.2.1\n")
    files[2].write_bytes(combined(Hit()))

    def reason(file: Path, *options: str) -> str:
        status, out, _ = cli("import", str(file), "--domain", "example.com", "--json", *options)
        assert status == 0
        return str(json.loads(out)[0]["format_reason"])

    assert reason(files[0], "--log-format", ODD_FORMAT).startswith("set by --log-format")
    assert reason(files[1]).startswith("set by an earlier --log-format")
    assert reason(files[2]).startswith("it matches")
    assert reason(files[3], "--log-format", "auto").startswith("it matches")
    files[0].write_text(f"{RECENT.isoformat()} | 200 | GPTBot/1.3 | /new | 192.0.2.1\n")
    assert reason(files[0]).startswith("it matches")


def test_lines_are_shown_in_fields_without_an_import(cli: Cli, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.log", tmp_path / "bad.log"
    good.write_bytes(combined(Hit()) + b"\x1b[31mred\n")
    bad.write_text("hello\n")
    status, out, err = cli("import", "--explain", str(bad), str(good))
    assert status == 1
    assert "bad.log is no access log that Crawlight can read" in err
    assert "the user agent          $http_user_agent  GPTBot/1.3" in out
    assert "line 2: \\x1b[31mred\n    not of the format" in out
    [explained] = json.loads(cli("import", "--explain", str(good), "--json")[1])
    values = {field["name"]: field["meaning"] for field in explained["lines"][0]["fields"]}
    assert values["$remote_addr"] == "the visitor's address"
    status, _, err = cli("import", "--explain", str(good), "--log-format", "$remote_addr")
    assert (status, "lacks the time, the path or request line, the user agent" in err) == (1, True)
