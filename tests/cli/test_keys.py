import json
import re

import pytest

from tests.conftest import Cli


@pytest.fixture
def key(cli: Cli) -> str:
    cli("user", "add", "owner@example.org")
    status, out, err = cli("key", "create", "--user", "owner@example.org", "--name", "CI")
    assert status == 0
    assert "cannot be shown again" in err
    return out.strip()


def test_a_key_is_shown_once(cli: Cli, key: str) -> None:
    assert re.fullmatch("hado_sk_[0-9a-f]{48}", key)
    status, out, _ = cli("key", "list")
    assert status == 0
    assert key[:16] in out
    assert key not in out


def test_keys_as_json(cli: Cli, key: str) -> None:
    cli("user", "add", "b@example.org")
    made = json.loads(cli("--json", "key", "create", "--user", "b@example.org", "--name", "b")[1])
    assert (made["name"], made["email"]) == ("b", "b@example.org")
    (listed,) = json.loads(cli("--json", "key", "list", "--user", "b@example.org")[1])
    assert (listed["prefix"], listed["last_used_at"], listed["revoked_at"]) == (made["key"][:16], None, None)
    assert len(json.loads(cli("--json", "key", "list")[1])) == 2


def test_a_key_is_revoked(cli: Cli, key: str) -> None:
    assert cli("key", "revoke", key[:16])[1] == f"Revoked {key[:16]} (CI) of owner@example.org.\n"
    (listed,) = json.loads(cli("--json", "key", "list")[1])
    assert listed["revoked_at"]
    assert cli("key", "revoke", key[:16])[0] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("create", "--user", "owner@example.org", "--name", "two"), "and plan starter allows 1"),
        (("create", "--user", "nobody@example.org", "--name", "CI"), "no account nobody@example.org"),
        (("list", "--user", "nobody@example.org"), "no account nobody@example.org"),
        (("revoke", "hado_sk_00000000"), "there is no key hado_sk_00000000"),
        (("revoke", "CI"), "a key's prefix looks like"),
    ],
)
def test_refusals_end_with_1(cli: Cli, key: str, arguments: tuple[str, ...], message: str) -> None:
    status, out, err = cli("key", *arguments)
    assert (status, out) == (1, "")
    assert message in err
    assert err.count("\n") == 1
