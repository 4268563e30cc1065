"""Address lists: sets of prefixes, what ships, and newer copies on disk."""

from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlight.bots.addresses import AddressSet, parse_address
from crawlight.bots.lists import AddressList, load_ranges, shipped
from tests.bots.corpus import ROOT

PREFIXES = ["192.0.2.0/25", "192.0.2.128/26", "198.51.100.7/32", "2001:db8::/48", "2001:db8:0:8::/61"]


@given(
    st.one_of(
        st.ip_addresses(), st.ip_addresses(network="192.0.2.0/24"), st.ip_addresses(network="2001:db8::/40")
    )
)
def test_a_set_holds_what_its_networks_hold(address: object) -> None:
    parsed = parse_address(str(address))
    assert parsed
    held = any(ip_address(str(address)) in ip_network(prefix) for prefix in PREFIXES)
    assert (parsed in AddressSet(PREFIXES)) is held


@pytest.mark.parametrize(
    "text", ["", "1.2.3", "1.2.3.4.5", "01.2.3.4.", "::g", "x", "1.2.3.4/8", "\ud800", "1.2.3.4\0"]
)
def test_no_address(text: str) -> None:
    assert parse_address(text) is None


def test_ipv4_in_ipv6_is_ipv4() -> None:
    assert parse_address("::ffff:192.0.2.1") == parse_address("192.0.2.1")
    assert parse_address("2001:DB8::1") == parse_address("2001:db8:0:0::1")


def test_shipped_lists_say_where_they_are_from() -> None:
    lists = shipped()
    assert len(lists) == 40
    readme = (ROOT / "src/crawlight/bots/ranges/README.md").read_text(encoding="utf-8")
    for listing in lists:
        assert listing.source, listing.name
        # What an operator's own page says is its to say; copies that others made have a licence.
        of_others = (listing.prefixes and "//github.com/" in listing.source) or "package" in listing.source
        assert listing.licence in (("CC0-1.0", "MIT", "Apache-2.0") if of_others else ("",)), listing.name
        assert listing.url or (listing.page and listing.prefixes), listing.name
        assert f"| {listing.name} | {listing.operator} |" in readme
        AddressSet(listing.prefixes)


def listing(name: str = "bingbot", day: int = 1, prefix: str = "192.0.2.0/24") -> AddressList:
    when = datetime(2030, 1, day, tzinfo=UTC)
    return AddressList(name, "Zorg", True, "here", "", when, when, (prefix,))


def test_a_later_copy_on_disk_is_used_and_a_broken_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "bingbot.json").write_bytes(msgspec.json.encode(listing()))
    (tmp_path / "applebot.json").write_bytes(b"{half of a li")
    (tmp_path / "anthropic.json").write_bytes(msgspec.json.encode(listing("anthropic", prefix="000/0")))
    (tmp_path / "unheard-of.json").write_bytes(msgspec.json.encode(listing("unheard-of")))
    ranges = load_ranges(tmp_path)
    kept = {known.name: known for known in ranges.listings()}
    assert kept["bingbot"].prefixes == ("192.0.2.0/24",)
    assert {known.name for known in shipped()} == set(kept)
    assert kept["anthropic"] == next(known for known in shipped() if known.name == "anthropic")


def test_an_older_copy_on_disk_is_not_used(tmp_path: Path) -> None:
    old = msgspec.structs.replace(listing(), confirmed=datetime(2020, 1, 1, tzinfo=UTC))
    (tmp_path / "bingbot.json").write_bytes(msgspec.json.encode(old))
    assert "192.0.2.0/24" not in load_ranges(tmp_path).named(("bingbot",))[0].listing.prefixes
