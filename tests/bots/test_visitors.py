"""Whose address it is: the visitor's own behind proxies, or one that says nothing of a visitor."""

import string
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlight.bots.addresses import parse_address
from crawlight.bots.catalogue import Agent
from crawlight.bots.identity import Identity
from crawlight.bots.lists import AddressList, Ranges, load_ranges
from crawlight.bots.visitors import anonymised, is_chain, is_global, visitor_of

DAY = datetime(2026, 11, 1, tzinfo=UTC)
NOW = DAY.timestamp() + 86_400
ZORG = Agent(name="Zorgbot", category="search", ranges=("zorg",))
LISTED = ("66.249.66.0/24", "172.68.7.9/32", "20.171.206.64/26", "2001:4860:4801:10::/64")


def listing(name: str, *prefixes: str, proxies: bool = False) -> AddressList:
    return AddressList(name, name, True, "here", "", DAY, DAY, prefixes, proxies=proxies)


RANGES = Ranges([listing("zorg", *LISTED), listing("cdn", "172.64.0.0/13", "2606:4700::/32", proxies=True)])
IDENTITY = Identity(RANGES, trusted="5.5.5.5, 7.7.7.0/24,2a00:1::/32", clock=lambda: NOW)


def said(address: str) -> str:
    return IDENTITY.judge(ZORG, address, NOW).identity


def crawl(chain: str) -> str:
    return said(IDENTITY.visitor(chain))


V4 = {
    "this network": "0.1.2.3",
    "private": "10.0.0.2",
    "private 172": "172.31.255.254",
    "private 192": "192.168.1.1",
    "loopback": "127.0.0.1",
    "link-local": "169.254.1.1",
    "shared": "100.127.1.1",
    "protocols": "192.0.0.8",
    "documentation": "203.0.113.7",
    "documentation 2": "198.51.100.7",
    "documentation 1": "192.0.2.7",
    "6to4 relay": "192.88.99.1",
    "benchmarking": "198.19.1.1",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "known proxy": "172.68.1.1",
    "trusted proxy": "7.7.7.7",
    "one trusted proxy": "5.5.5.5",
}
V6 = {
    "unspecified": "::",
    "loopback": "::1",
    "link-local": "fe80::1",
    "site-local": "fec0::1",
    "unique local": "fd00::1",
    "documentation": "2001:db8::1",
    "documentation 2": "3fff::1",
    "benchmarking": "2001:2::1",
    "teredo": "2001::1",
    "discard": "100::1",
    "segment routing": "5f00::1",
    "multicast": "ff02::1",
    "6to4 of private": "2002:a00:2::1",
    "local NAT64": "64:ff9b:1::808:808",
    "known proxy": "2606:4700::6810:1",
    "trusted proxy": "2a00:1::9",
}


@pytest.mark.parametrize("address", V4.values(), ids=V4.keys())
@pytest.mark.parametrize("written", ["{}", "::ffff:{}", "64:ff9b::{}"], ids=["IPv4", "mapped", "NAT64"])
def test_an_address_that_is_no_visitors_refutes_nobody(address: str, written: str) -> None:
    verdict = IDENTITY.judge(ZORG, written.format(address), NOW)
    assert (verdict.identity, verdict.reason, verdict.pending) == (
        "unchecked",
        "a proxy's address, or none",
        False,
    )


@pytest.mark.parametrize("address", V6.values(), ids=V6.keys())
def test_an_ipv6_address_that_is_no_visitors_refutes_nobody(address: str) -> None:
    assert said(address) == "unchecked"


@pytest.mark.parametrize("address", ["8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2a03:2880::1"])
def test_a_visitors_own_address_refutes(address: str) -> None:
    assert said(address) == "spoofed"


@pytest.mark.parametrize("address", ["66.249.66.1", "::ffff:66.249.66.1", "2001:4860:4801:10::5"])
def test_a_listed_address_verifies(address: str) -> None:
    assert said(address) == "verified"


def test_a_crawlers_list_within_a_known_network_verifies_and_what_surrounds_it_refutes_nobody() -> None:
    assert (said("172.68.7.9"), said("172.68.7.8")) == ("verified", "unchecked")
    assert IDENTITY.visitor("172.68.7.9, 172.68.1.1") == "172.68.7.9"


KNOWN_PROXIES = {
    "Cloudflare": ("172.68.1.1", "2606:4700::6810:1"),
    "Fastly": ("151.101.1.6", "2a04:4e42::1"),
    "CloudFront": ("130.176.1.1", "2600:9000:1000::1"),
    "Akamai": ("23.32.0.1", "2600:1400::1"),
    "Google's load balancers": ("130.211.1.1", "35.191.7.7", "2600:2d00:1:1::9"),
    "Azure Front Door": ("147.243.1.1", "2a01:111:2050::1"),
}


@pytest.mark.parametrize("addresses", KNOWN_PROXIES.values(), ids=KNOWN_PROXIES.keys())
def test_networks_of_proxies_ship(addresses: tuple[str, ...]) -> None:
    ranges = load_ranges()
    for address in addresses:
        parsed = parse_address(address)
        assert parsed
        assert ranges.is_proxy(parsed), address
    crawler = parse_address("66.249.66.1")
    assert crawler
    assert not ranges.is_proxy(crawler)


def test_a_list_that_is_replaced_is_another_at_once() -> None:
    ranges = Ranges([listing("cdn", proxies=True)])
    assert not ranges.is_proxy((4, 8 << 24 | 1))
    ranges.replace(listing("cdn", "8.0.0.0/24", proxies=True))
    assert ranges.is_proxy((4, 8 << 24 | 1))


def test_a_private_address_is_not_looked_up() -> None:
    asks = Agent(name="Zorgbot", category="search", dns=(".zorg.example",))
    assert IDENTITY.judge(asks, "8.8.8.8", NOW).pending
    assert not IDENTITY.judge(asks, "10.0.0.2", NOW).pending
    assert not IDENTITY.judge(asks, "8.8.8.0", NOW).pending


@pytest.mark.parametrize(
    ("address", "identity"),
    [
        ("66.249.66.0", "verified"),
        ("20.171.206.0", "unchecked"),
        ("20.171.206.64", "verified"),
        ("8.8.8.0", "unchecked"),
        ("66.249.0.0", "unchecked"),
        ("2001:4860:4801:10::", "verified"),
        ("2001:4860:4801:11::", "unchecked"),
        ("2001:4860::", "unchecked"),
        ("2a03:2880::", "unchecked"),
        ("66.249.66.x", "verified"),
        ("66.249.66.xxx", "verified"),
        ("66.249.x.x", "unchecked"),
        ("8.8.8.X", "unchecked"),
        ("8.8.8.*", "unchecked"),
        ("2001:4860:4801:10:xxxx:xxxx:xxxx:xxxx", "verified"),
        ("2001:4860:4801:10::x", "verified"),
        ("2001:4860:4801:10:1:2:3:x", "verified"),
        ("2a03:2880:1:2:3:4:5:x", "unchecked"),
        ("8.x.8.8", "unchecked"),
        ("::ffff:66.249.66.0", "verified"),
    ],
)
def test_an_address_without_its_end_verifies_where_all_it_may_be_is_listed(
    address: str, identity: str
) -> None:
    assert crawl(address) == identity


CHAINS = {
    "": "",
    "-": "",
    "-, -": "",
    "66.249.66.1": "66.249.66.1",
    "10.0.0.2": "10.0.0.2",
    "20.171.206.1, 10.1.1.1, 10.0.0.2": "20.171.206.1",
    "20.171.206.1, 10.1.1.1,127.0.0.1": "20.171.206.1",
    "20.171.206.1, 172.68.1.1": "20.171.206.1",
    "20.171.206.1, 5.5.5.5": "20.171.206.1",
    "-, 8.8.8.8": "8.8.8.8",
    "66.249.66.1, -": "66.249.66.1",
    # Forged: the visitor wrote it, the proxy added whom it saw, or the server saw the visitor itself.
    "66.249.66.1, 8.8.8.8, 10.0.0.2": "8.8.8.8",
    "66.249.66.1, 8.8.8.8": "8.8.8.8",
    "66.249.66.1, 127.0.0.1, 8.8.8.8": "8.8.8.8",
    "banana, 66.249.66.1, 10.0.0.2": "66.249.66.1",
    # A proxy that hides or does not know whom it speaks for.
    "66.249.66.1, unknown, 10.0.0.2": "",
    "66.249.66.1, _hidden, 10.0.0.2": "",
    "66.249.66.1, crawl.example, 10.0.0.2": "",
    "unknown": "",
    # All proxies.
    "10.1.1.1, 172.68.1.1, 10.0.0.2": "10.1.1.1",
    # Empty entries, spaces, the machine itself.
    ",, 66.249.66.1 ,, 10.0.0.2 ,": "66.249.66.1",
    "66.249.66.1 10.0.0.2": "66.249.66.1",
    "66.249.66.1,+10.0.0.2": "66.249.66.1",
    "\t66.249.66.1\t,\t10.0.0.2\t": "66.249.66.1",
    "66.249.66.1, unix:": "66.249.66.1",
    "66.249.66.1, unix:/run/nginx.sock": "66.249.66.1",
    "66.249.66.1, @": "66.249.66.1",
    # Ports, brackets, zones, quotes, mapped ones.
    "66.249.66.1:4711, 10.0.0.2:80": "66.249.66.1",
    "[2001:4860:4801:10::5]:4711, [fd00::1]:80": "2001:4860:4801:10::5",
    "[2001:4860:4801:10::5], [::1]": "2001:4860:4801:10::5",
    "66.249.66.1, fe80::1%eth0": "66.249.66.1",
    '"66.249.66.1", "10.0.0.2"': "66.249.66.1",
    "::ffff:66.249.66.1, ::ffff:10.0.0.2": "::ffff:66.249.66.1",
    "[::ffff:66.249.66.1]:443, 10.0.0.2": "::ffff:66.249.66.1",
    # RFC 7239.
    "for=66.249.66.1;proto=https;by=10.0.0.2, 10.0.0.2": "66.249.66.1",
    'for="[2001:4860:4801:10::5]:4711", For=10.0.0.1; by=10.0.0.9': "2001:4860:4801:10::5",
    'proto=https; for="66.249.66.1:4711" ; host=example.com, 10.0.0.2': "66.249.66.1",
    "for=66.249.66.1, for=unknown, 10.0.0.2": "",
    "for=66.249.66.1, for=_gazonk, 10.0.0.2": "",
    "for=66.249.66.1, proto=https, 10.0.0.2": "66.249.66.1",
}


@pytest.mark.parametrize(("chain", "visitor"), CHAINS.items(), ids=CHAINS.keys())
def test_the_visitor_is_the_rightmost_that_is_no_proxy(chain: str, visitor: str) -> None:
    assert IDENTITY.visitor(chain) == visitor


ADDRESSES = st.ip_addresses().map(str)
NO_VISITORS = st.one_of(
    st.ip_addresses().filter(lambda one: not one.is_global).map(str),
    st.ip_addresses(v=4).filter(lambda one: not one.is_global).map("::ffff:{}".format),
    st.ip_addresses(v=4).filter(lambda one: not one.is_global).map("64:ff9b::{}".format),
    st.ip_addresses(v=4)
    .filter(lambda one: not one.is_global)
    .map(lambda one: str(sixtofour(IPv4Address(one)))),
    st.ip_addresses(network="172.64.0.0/13").map(str),
    st.ip_addresses(network="7.7.7.0/24").map(str),
)


def sixtofour(address: IPv4Address) -> IPv6Address:
    return IPv6Address((0x2002 << 112) | int(address) << 80 | 1)


@given(NO_VISITORS)
def test_an_address_that_is_not_global_never_gives_spoofed(address: str) -> None:
    assert said(address) != "spoofed"
    assert crawl(address) != "spoofed"


@given(st.lists(st.one_of(ADDRESSES, st.just("unknown"), st.just("-")), max_size=4), NO_VISITORS)
def test_a_proxy_in_front_that_tells_whom_it_saw_changes_no_verdict_for_the_worse(
    chain: list[str], proxy: str
) -> None:
    before, behind = ", ".join(chain), ", ".join([*chain, proxy])
    worse = {"verified": 0, "unverifiable": 0, "unchecked": 0, "spoofed": 1}
    assert worse[crawl(behind)] <= worse[crawl(before)]


@given(st.lists(ADDRESSES, max_size=3), ADDRESSES.filter(lambda one: said(one) == "spoofed"))
def test_what_a_plain_visitor_says_of_others_is_ignored(forged: list[str], visitor: str) -> None:
    assert IDENTITY.visitor(", ".join([*forged, visitor])) == visitor


@given(st.text(string.printable, max_size=60))
def test_whatever_stands_there_gives_an_address_or_nothing(chain: str) -> None:
    found = visitor_of(chain, lambda one: not is_global(one))
    assert found == "" or parse_address(found) is not None
    assert is_chain(chain) or not found


@pytest.mark.parametrize(
    "chain", ["1.2.3.4", "banana, 1.2.3.4", "unknown", "_hidden, 1.2.3.4", "-", "for=_x"]
)
def test_what_is_a_chain(chain: str) -> None:
    assert is_chain(chain)


@pytest.mark.parametrize("chain", ["", "1.2.3", "banana", "300.1.1.1, x", "for=banana", ",,"])
def test_what_is_none(chain: str) -> None:
    assert not is_chain(chain)


@given(st.ip_addresses())
def test_global_addresses_are_those_that_the_registries_call_so(
    address: IPv4Address | IPv6Address,
) -> None:
    parsed = parse_address(str(address))
    assert parsed
    if is_global(parsed):
        assert address.is_global or (isinstance(address, IPv6Address) and address.ipv4_mapped)
        assert not address.is_multicast


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_what_an_address_without_its_end_may_be(address: IPv4Address, bits: int) -> None:
    number = int(address) >> bits << bits
    last = anonymised((4, number))
    assert (last is None) == (number % 256 > 0)
    assert last is None or (last[1] >= number | 255 and last[1] & number == number)
