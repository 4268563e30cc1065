import io
import json
import sys

import pytest

from tests.conftest import Cli


@pytest.fixture
def people(cli: Cli) -> None:
    for email in ("owner@example.org", "friend@example.org"):
        assert cli("user", "add", email)[0] == 0


def test_a_domain_is_added_shared_and_listed(cli: Cli, people: None) -> None:
    added = cli("domain", "add", "WWW.Example.com", "--owner", "Owner@example.org")
    assert added == (0, "Added example.com, owned by owner@example.org.\n", "")
    shared = cli("domain", "share", "example.com", "--with", "friend@example.org", "--role", "viewer")
    assert shared == (0, "friend@example.org is now viewer of example.com.\n", "")
    status, out, _ = cli("domain", "list")
    assert status == 0
    assert "example.com" in out
    assert "friend@example.org (viewer)" in out


def test_domains_as_json(cli: Cli, people: None) -> None:
    arguments = (
        "domain",
        "add",
        "example.com",
        "--owner",
        "owner@example.org",
        "--origin",
        "http://localhost:3000",
    )
    added = json.loads(cli("--json", *arguments)[1])
    assert list(added) == ["host", "uuid", "origin", "created_at", "verified_at", "members"]
    assert (added["origin"], added["verified_at"]) == ("http://localhost:3000", added["created_at"])
    assert added["members"] == [{"email": "owner@example.org", "role": "owner"}]
    assert json.loads(cli("--json", "domain", "list")[1]) == [added]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("add", "example.com", "--owner", "friend@example.org"),
            "already there, owned by owner@example.org",
        ),
        (("add", "https://new.example", "--owner", "owner@example.org"), "is not a host name"),
        (("add", "new.example", "--owner", "nobody@example.org"), "there is no account nobody@example.org"),
        (
            ("share", "new.example", "--with", "friend@example.org", "--role", "viewer"),
            "no domain new.example",
        ),
        (("share", "example.com", "--with", "owner@example.org", "--role", "viewer"), "owns example.com"),
    ],
)
def test_refusals_end_with_1(cli: Cli, people: None, arguments: tuple[str, ...], message: str) -> None:
    cli("domain", "add", "example.com", "--owner", "owner@example.org")
    status, out, err = cli("domain", *arguments)
    assert (status, out) == (1, "")
    assert message in err
    assert err.count("\n") == 1


def test_only_two_roles_can_be_given(cli: Cli, people: None) -> None:
    cli("domain", "add", "example.com", "--owner", "owner@example.org")
    status, _, err = cli("domain", "share", "example.com", "--with", "friend@example.org", "--role", "owner")
    assert status == 2
    assert "'manager', 'viewer'" in err


def test_an_owner_is_required(cli: Cli) -> None:
    assert cli("domain", "add", "example.com")[0] == 2


def test_sharing_ends(cli: Cli) -> None:
    for email in ("me@example.org", "you@example.org"):
        cli("user", "add", email)
    cli("domain", "add", "example.com", "--owner", "me@example.org")
    cli("domain", "share", "example.com", "--with", "you@example.org", "--role", "viewer")
    status, out, _ = cli("domain", "unshare", "example.com", "--with", "you@example.org")
    assert (status, out) == (0, "you@example.org no longer sees example.com.\n")
    status, _, err = cli("domain", "unshare", "example.com", "--with", "you@example.org")
    assert (status, "is not shared with you@example.org" in err) == (1, True)
    assert "owns example.com" in cli("domain", "unshare", "example.com", "--with", "me@example.org")[2]


def test_removing_asks_first(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    cli("user", "add", "me@example.org")
    cli("domain", "add", "example.com", "--owner", "me@example.org")
    assert cli("domain", "remove", "example.com")[0] == 1
    assert "example.com" in cli("domain", "list")[1]


def test_nothing_is_verified_that_nobody_added(cli: Cli) -> None:
    cli("user", "add", "me@example.org")
    status, _, err = cli("domain", "verify", "example.com", "--owner", "me@example.org")
    assert (status, "has added no domain example.com" in err) == (1, True)


def test_a_misspelled_directive_is_told_and_set(cli: Cli, people: None) -> None:
    cli("domain", "add", "example.com", "--owner", "owner@example.org")
    status, out, err = cli("domain", "set", "example.com", "--csp", "defalt-src 'self'")
    assert (status, "defalt-src 'self'" in out) == (0, True)
    assert err.startswith("crawlight: No browser knows the directive defalt-src")


def test_the_settings_of_a_domain_are_set_and_shown(cli: Cli, people: None) -> None:
    cli("domain", "add", "example.com", "--owner", "owner@example.org")
    status, out, err = cli(
        *(
            "domain",
            "set",
            "www.example.com",
            "--freshness",
            "7d",
            "--rule",
            "/news/* 30m",
            "--rule",
            "/a 2h",
        ),
        *("--ignore", "ref", "--block", "/cart", "--language", "de-CH", "--identity", "strict"),
        *("--allow", "10.0.0.0/8", "--allow", "127.0.0.1"),
    )
    assert (status, err) == (0, "")
    assert [line.split(maxsplit=1) for line in out.splitlines()] == [
        ["example.com"],
        ["freshness", "7d"],
        ["rule", "/news/* 30m"],
        ["rule", "/a 2h"],
        ["ignore", "ref"],
        ["block", "/cart"],
        ["language", "de-CH"],
        ["identity", "strict"],
        ["allow", "10.0.0.0/8"],
        ["allow", "127.0.0.1/32"],
        ["private-pages", "pass"],
        ["front", "off"],
        ["revalidation", "on"],
        ["render-within", "7d"],
        ["csp", "-"],
        ["robots-header", "origin"],
    ]
    assert cli("domain", "show", "example.com") == (0, out, "")
    status, told, _ = cli("--json", "domain", "set", "example.com", "--block", "", "--freshness", "24h")
    changed = json.loads(told)
    assert changed["host"] == "example.com"
    assert changed["settings"] == {
        "freshness_seconds": 86_400,
        "path_rules": [
            {"pattern": "/news/*", "freshness_seconds": 1_800},
            {"pattern": "/a", "freshness_seconds": 7_200},
        ],
        "ignored_parameters": ["ref"],
        "blocked_paths": [],
        "language": "de-CH",
        "identity_policy": "strict",
        "allowed_networks": ["10.0.0.0/8", "127.0.0.1/32"],
        "private_pages": "pass",
        "revalidation": "on",
        "render_within_seconds": 604_800,
        "content_security_policy": "",
        "robots_header": "origin",
        "origin_host": "domain",
        "origin_certificate": "verify",
        "front": False,
    }
    assert json.loads(cli("--json", "domain", "show", "example.com")[1]) == changed


def test_how_an_origin_is_asked_is_set_and_shown(cli: Cli, people: None) -> None:
    cli("domain", "add", "example.com", "--owner", "owner@example.org", "--origin", "https://10.0.0.5:8443")
    given = ("--origin-host", "origin", "--origin-certificate", "ignore")
    _, out, _ = cli("domain", "set", "example.com", *given)
    assert [line.split() for line in out.splitlines()[-3:]] == [
        ["origin", "https://10.0.0.5:8443"],
        ["origin-host", "origin"],
        ["origin-certificate", "ignore"],
    ]
    assert cli("domain", "set", "example.com", "--origin-host", "other")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "nothing to set"),
        (("--freshness", "soon"), "no duration such as 30m, 24h or 7d"),
        (("--freshness", "1s"), "pages stay fresh for 60 seconds to a year"),
        (("--rule", "/news/*"), "is no rule such as /blog/* 7d"),
        (("--language", "de", "--block", "cart"), "is no pattern of paths"),
        (("--language", "de", "--allow", "10.0.0.1/8"), "is no network such as 10.0.0.0/8"),
    ],
)
def test_wrong_settings_change_nothing(
    cli: Cli, people: None, arguments: tuple[str, ...], message: str
) -> None:
    cli("domain", "add", "example.com", "--owner", "owner@example.org")
    before = cli("domain", "show", "example.com")
    status, out, err = cli("domain", "set", "example.com", *arguments)
    assert (status, out) == (1, "")
    assert message in err
    assert cli("domain", "show", "example.com") == before
    assert cli("domain", "set", "other.example", "--language", "de")[0] == 1


def test_a_domain_comes_to_the_front_with_an_origin(cli: Cli, people: None) -> None:
    cli("domain", "add", "example.com", "--owner", "owner@example.org")
    cli("domain", "add", "other.example", "--owner", "owner@example.org")
    for options, said in {
        (): "example.com has no origin; say where the site itself is",
        ("--origin", "https://www.example.com:8443"): "https://www.example.com:8443 is example.com itself",
        ("--origin", "app.example.net"): "is not a URL like https://app.example.com",
    }.items():
        status, _, err = cli("domain", "set", "example.com", "--front", "on", *options)
        assert (status, said in err) == (1, True)
    assert '"front": false' in cli("--json", "domain", "show", "example.com")[1]
    status, out, _ = cli(
        "domain", "set", "example.com", "--front", "on", "--origin", "https://app.example.net/"
    )
    assert status == 0
    for line in ("front on", "origin https://app.example.net", "origin-host origin"):
        assert line.split() in [shown.split() for shown in out.splitlines()]
    status, _, err = cli("domain", "set", "other.example", "--front", "on", "--origin", "http://example.com")
    assert (status, "is on the front itself" in err) == (1, True)
    out = cli("domain", "set", "example.com", "--origin-host", "domain", "--origin", "http://10.0.0.1:3000")[
        1
    ]
    for line in ("front on", "origin http://10.0.0.1:3000", "origin-host domain"):
        assert line.split() in [shown.split() for shown in out.splitlines()]


def test_a_front_without_caddy_says_what_to_install(
    cli: Cli, people: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    status, _, err = cli("serve", "--front", "--port", "0")
    assert (status, "apt install caddy" in err) == (1, True)
    assert "No Caddy runs." in cli("front", "stop")[1]


def test_what_agents_get_is_shown_and_changed(cli: Cli, people: None) -> None:
    cli("domain", "add", "example.com", "--owner", "owner@example.org")
    status, out, _ = cli("domain", "agents", "example.com")
    assert (status, out.splitlines()) == (
        0,
        [
            "example.com",
            "markdown            on",
            "no-markdown-for     -",
            "signal              -",
            "canonical-redirects off",
            "indexnow            off",
        ],
    )
    changes = (
        "--markdown",
        "off",
        "--no-markdown-for",
        "gptbot",
        "--signal",
        "ai-train=no",
        "--signal",
        "search=yes",
    )
    assert cli("domain", "agents", "example.com", *changes)[0] == 0
    shown = json.loads(cli("--json", "domain", "agents", "example.com", "--signal", "search=")[1])
    assert shown["settings"]["signals"]["ai-train"] == "no"
    assert (shown["settings"]["markdown"], shown["settings"]["no_markdown_for"]) == (False, ["GPTBot"])
    key = shown["settings"]["indexnow_key"]
    out = cli("domain", "agents", "example.com", "--indexnow", "on")[1]
    assert key == ""
    assert "on, key file /" in out
    assert cli("domain", "agents", "example.com", "--indexnow", "on")[1] == out
    assert "indexnow            off" in cli("domain", "agents", "example.com", "--indexnow", "off")[1]
    for wrong in ("ai-train=perhaps", "train=no", "search"):
        assert cli("domain", "agents", "example.com", "--signal", wrong)[0] == 1
