"""Refreshing lists from a local server: good ones are taken and kept, bad ones never replace them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from crawlight.bots.downloads import MOST_BYTES, download
from crawlight.bots.lists import AddressList, Ranges, shipped
from crawlight.bots.refresh import Outcome, RefusedError, read_prefixes, refresh, renewed
from crawlight.kit.net import FetchError
from tests.bots.conftest import Site, from_here

pytestmark = pytest.mark.anyio
THEN = datetime(2026, 11, 1, tzinfo=UTC)
LATER = THEN + timedelta(days=20)
KNOWN = (*(f"13.66.{number}.0/24" for number in range(8)), "2001:4860:4801::/48")


def listing(url: str = "", name: str = "zorg") -> AddressList:
    return AddressList(name, "Zorg", True, "here", "MIT", THEN, THEN, KNOWN, url)


def google(*prefixes: str) -> bytes:
    members = [{"ipv6Prefix" if ":" in prefix else "ipv4Prefix": prefix} for prefix in prefixes]
    return msgspec.json.encode(
        {"creationTime": "2026-11-21T00:00:00", "prefixes": members, "new": {"x": [1]}}
    )


async def round_of(site: Site, folder: Path, body: bytes, status: int = 200) -> tuple[Outcome, AddressList]:
    site.pages["/zorg.json"] = (status, body)
    ranges = Ranges([listing(f"{site.url}/zorg.json")])
    (outcome,) = await refresh(ranges, folder, clock=lambda: LATER, fetch=from_here)
    return outcome, ranges.listings()[0]


async def test_new_list_is_used_and_kept(site: Site, tmp_path: Path) -> None:
    newer = (*KNOWN[:7], "13.67.0.0/24", KNOWN[-1])
    outcome, now = await round_of(site, tmp_path / "ranges", google(*newer))
    assert outcome == Outcome("zorg", changed=True)
    assert set(now.prefixes) == set(newer)
    assert (now.since, now.confirmed) == (LATER, LATER)
    kept = msgspec.json.decode((tmp_path / "ranges/zorg.json").read_bytes(), type=AddressList)
    assert kept == now
    assert [path.name for path in (tmp_path / "ranges").iterdir()] == ["zorg.json"]


async def test_unchanged_list_is_confirmed(site: Site, tmp_path: Path) -> None:
    outcome, now = await round_of(site, tmp_path, google(*reversed(KNOWN)))
    assert outcome == Outcome("zorg")
    assert (now.since, now.confirmed, now.source) == (THEN, LATER, "here")


SHAPES = {
    "Cloudflare": b'{"result":{"ipv4_cidrs":["13.66.0.0/24"],"ipv6_cidrs":["2001:4860::/48"],"etag":"38f79d05"},'
    b'"success":true,"errors":[],"messages":["all is well"]}',
    "Fastly": b'{"addresses":["13.66.0.0/24"],"ipv6_addresses":["2001:4860::/48"]}',
    "CloudFront": b'{"CLOUDFRONT_GLOBAL_IP_LIST":["13.66.0.0/24"],'
    b'"CLOUDFRONT_REGIONAL_EDGE_IP_LIST":["2001:4860::/48"]}',
    "Akamai, Bunny": b"13.66.0.0/24\r\n2001:4860::/48\r\n",
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_what_networks_of_proxies_publish_is_read(shape: bytes) -> None:
    assert sorted(read_prefixes(shape)) == ["13.66.0.0/24", "2001:4860::/48"]


BROKEN = {
    "empty": b"",
    "no prefixes": google(),
    "half": google(*KNOWN)[:-40],
    "HTML": b"<!doctype html><p>Sign in</p>",
    "binary": b"\xff\xfe\x00",
    "fragments": google(*KNOWN, "000/0"),
    "default route": google(*KNOWN, "0.0.0.0/0"),
    "IPv6 default route": google(*KNOWN, "::/0"),
    "half the internet": google(*KNOWN, "128.0.0.0/1"),
    "private network": google(*KNOWN, "10.0.0.0/8"),
    "host bits": google(*KNOWN, "13.66.0.1/24"),
    "shrunken": google(KNOWN[0], KNOWN[-1]),
    "without IPv6": google(*KNOWN[:-1]),
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("name", BROKEN)
async def test_bad_list_never_replaces_a_good_one(site: Site, tmp_path: Path, name: str) -> None:
    outcome, now = await round_of(site, tmp_path, BROKEN[name])
    assert outcome.refused
    assert now == listing(f"{site.url}/zorg.json")
    assert list(tmp_path.iterdir()) == []


async def test_error_answers_and_dead_servers(site: Site, tmp_path: Path) -> None:
    for status in (404, 500, 204):
        outcome, now = await round_of(site, tmp_path, google(*KNOWN), status)
        assert outcome.refused
        assert now.confirmed == THEN
    outcome, _ = await round_of(site, tmp_path, b" " * (MOST_BYTES + 1))
    assert "larger" in outcome.refused
    ranges = Ranges([listing("http://127.0.0.1:9/"), listing("file:///etc/hosts", "zorg2")])
    assert all(outcome.refused for outcome in await refresh(ranges, tmp_path, fetch=from_here))


async def test_a_folder_that_cannot_be_written_keeps_the_old_list(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outcome, now = await round_of(site, tmp_path / "file/ranges", google(*KNOWN))
    assert outcome.refused
    assert now.confirmed == THEN


async def test_lists_without_a_url_are_left_alone(tmp_path: Path) -> None:
    assert await refresh(Ranges([listing()]), tmp_path) == []


async def test_download_of_other_schemes() -> None:
    with pytest.raises(FetchError, match="http"):
        await download("ftp://127.0.0.1/")


async def test_a_list_that_leads_into_a_private_network_is_not_fetched(site: Site, tmp_path: Path) -> None:
    site.pages["/zorg.json"] = (200, google(*KNOWN))
    (outcome,) = await refresh(Ranges([listing(f"{site.url}/zorg.json")]), tmp_path)
    assert "is no public address" in outcome.refused


def test_shapes_of_the_operators() -> None:
    assert read_prefixes(b"# all\n13.66.0.0/24\n\n2001:db8::/32 # six\n") == ["13.66.0.0/24", "2001:db8::/32"]
    assert read_prefixes(b'{"ips": [{"ip_address": "13.66.0.1"}]}') == ["13.66.0.1"]
    assert renewed(listing(), google(*KNOWN, "13.70.0.1"), LATER).prefixes[-1] == "2001:4860:4801::/48"
    assert "13.70.0.1/32" in renewed(listing(), google(*KNOWN, "13.70.0.1"), LATER).prefixes
    with pytest.raises(RefusedError):
        read_prefixes(b"one two three")


def test_every_shipped_list_would_be_taken_from_its_operator() -> None:
    for known in shipped():
        served = known.prefixes or ("20.240.160.1/32",)
        assert renewed(known, google(*served), LATER).prefixes == served, known.name
