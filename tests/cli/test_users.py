import io
import json
import re
import sys

import pytest

from tests.conftest import Cli


def test_a_user_is_added_and_listed(cli: Cli) -> None:
    assert cli("user", "add", "Owner@example.com", "--plan", "pro") == (
        0,
        "Added owner@example.com on plan pro.\n",
        "",
    )
    assert cli("user", "add", "a@example.com")[1] == "Added a@example.com on plan starter.\n"
    status, out, _ = cli("user", "list")
    lines = [line.split() for line in out.splitlines() if "@" in line]
    assert status == 0
    assert [line[:3] for line in lines] == [
        ["a@example.com", "starter", "no"],
        ["owner@example.com", "pro", "no"],
    ]


def test_users_as_json(cli: Cli) -> None:
    status, out, err = cli("--json", "user", "add", "a@example.com")
    assert (status, err) == (0, "")
    added = json.loads(out)
    assert list(added) == ["email", "uuid", "plan", "password", "created_at"]
    assert json.loads(cli("--json", "user", "list")[1]) == [added]


def test_a_password_is_read_from_stdin(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse battery\nmore\n"))
    assert cli("user", "add", "a@example.com", "--password-stdin")[0] == 0
    assert json.loads(cli("--json", "user", "list")[1])[0]["password"] is True


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nobody",), "crawlight: 'nobody' is no e-mail address\n"),
        (
            ("a@example.com", "--plan", "gold"),
            "crawlight: unknown plan gold; the settings have starter, pro,",
        ),
        (("taken@example.com",), "crawlight: there is already an account taken@example.com\n"),
    ],
)
def test_refusals_end_with_1_and_one_line(cli: Cli, arguments: tuple[str, ...], message: str) -> None:
    cli("user", "add", "taken@example.com")
    status, out, err = cli("user", "add", *arguments)
    assert (status, out) == (1, "")
    assert err.startswith(message)
    assert err.count("\n") == 1
    assert len(json.loads(cli("--json", "user", "list")[1])) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("user",),
        ("user", "add"),
        ("user", "add", "a@b", "--nothing"),
        ("user", "add", "\udcff@example.org"),
        ("domain", "set", "example.com", "--ignore", "\udcff"),
        ("usr", "list"),
        ("--nothing",),
    ],
)
def test_wrong_usage_ends_with_2(cli: Cli, arguments: tuple[str, ...]) -> None:
    assert cli(*arguments)[0] == 2


def test_a_bad_setting_ends_with_1(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRAWLIGHT_PORTT", "1")
    assert cli("user", "list") == (
        1,
        "",
        "crawlight: unknown setting CRAWLIGHT_PORTT; did you mean CRAWLIGHT_PORT?\n",
    )


def test_tables_are_not_cut_in_a_pipe(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    email = f"{'long' * 15}@{'name' * 15}.example"
    cli("user", "add", email)
    assert email in cli("user", "list")[1]


def test_an_account_is_changed(cli: Cli) -> None:
    cli("user", "add", "me@example.org")
    status, out, _ = cli("user", "set", "Me@example.org", "--plan", "agency", "--api-keys", "9")
    assert (status, out) == (0, "Changed me@example.org, on plan agency.\n")
    for _ in range(9):
        assert cli("key", "create", "--user", "me@example.org", "--name", "x")[0] == 0
    assert cli("key", "create", "--user", "me@example.org", "--name", "x")[0] == 1
    assert cli("user", "set", "me@example.org", "--api-keys", "-1")[0] == 0
    assert "plan agency allows 5" in cli("key", "create", "--user", "me@example.org", "--name", "x")[2]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("me@example.org",), 2, "say what to change"),
        (("me@example.org", "--plan", "none"), 1, "unknown plan none"),
        (("me@example.org", "--api-keys", "9" * 20), 2, "api-keys"),
        (("you@example.org", "--plan", "pro"), 1, "there is no account you@example.org"),
    ],
)
def test_a_change_that_cannot_be_made(cli: Cli, arguments: tuple[str, ...], status: int, said: str) -> None:
    cli("user", "add", "me@example.org")
    got, _, err = cli("user", "set", *arguments)
    assert got == status
    assert said in err


def test_a_link_for_a_new_password_is_printed(cli: Cli) -> None:
    cli("user", "add", "me@example.org")
    status, out, err = cli("user", "reset", "me@example.org")
    assert status == 0
    assert re.fullmatch(r"http://127\.0\.0\.1:8080/reset/[\w-]{32}\n", out)
    assert "CRAWLIGHT_PUBLIC_URL" in err
    assert "once, within a day" in err
    assert cli("user", "reset", "you@example.org")[0] == 1


def test_an_account_is_removed_when_it_owns_nothing(cli: Cli) -> None:
    cli("user", "add", "me@example.org")
    cli("user", "add", "you@example.org")
    cli("domain", "add", "example.com", "--owner", "me@example.org")
    cli("domain", "share", "example.com", "--with", "you@example.org", "--role", "viewer")
    status, _, err = cli("user", "remove", "me@example.org")
    assert (status, "owns example.com; remove these domains first" in err) == (1, True)
    assert cli("user", "remove", "you@example.org")[:2] == (0, "Removed you@example.org.\n")
    assert cli("domain", "remove", "www.example.com", "--yes")[:2] == (0, "Removed example.com.\n")
    assert cli("user", "remove", "me@example.org")[0] == 0
    assert cli("--json", "user", "list")[1] == "[]\n"
