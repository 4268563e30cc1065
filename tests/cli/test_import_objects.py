"""Logs in an object store: each object once, and what is wrong with a store in plain words."""

import gzip
import json

import pytest

from tests.conftest import Cli
from tests.ingest.lines import Hit, combined
from tests.s3 import s3


@pytest.fixture
def site(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("user", "add", "me@example.org")
    cli("domain", "add", "example.com", "--owner", "me@example.org")
    for name, text in (("ACCESS_KEY_ID", "key"), ("SECRET_ACCESS_KEY", "secret"), ("REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", text)


@pytest.mark.usefixtures("site")
def test_objects_are_imported_once(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = {
        "2026/a.log": combined(Hit(target="/a")),
        "2026/b.log.gz": gzip.compress(combined(Hit(target="/b"))),
        "2025/c.log": combined(Hit(target="/c")),
    }
    with s3(bucket) as (endpoint, fetched):
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)

        def lines(url: str) -> dict[str, int]:
            status, out, _ = cli("import", url, "--domain", "example.com", "--json")
            assert status == 0
            return {one["file"]: one["lines"] for one in json.loads(out)}

        assert lines("s3://logs/2026/") == {"s3://logs/2026/a.log": 1, "s3://logs/2026/b.log.gz": 1}
        assert lines("s3://logs/2026/") == {}
        assert fetched == ["2026/a.log", "2026/b.log.gz"]
        bucket["2026/a.log"] += combined(Hit(target="/d"))
        assert lines("s3://logs/20") == {"s3://logs/2025/c.log": 1, "s3://logs/2026/a.log": 1}
        assert lines("s3://logs/*/c.log") == {}


@pytest.mark.usefixtures("site")
def test_what_is_wrong_with_a_store_is_said(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    with s3({"a.log": b"x\n"}) as (endpoint, _):
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        for url, told in (
            ("s3://", "names no bucket: say s3://BUCKET/PREFIX"),
            ("s3://other/x", "there is no bucket s3://other"),
            ("s3://logs/nothing", "there is nothing under s3://logs/nothing"),
        ):
            status, _, err = cli("import", url, "--domain", "example.com")
            assert (status, told in err) == (1, True)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "stranger")
        status, _, err = cli("import", "s3://logs/", "--domain", "example.com")
        assert (status, "credentials are missing or refused; set AWS_ACCESS_KEY_ID" in err) == (1, True)
