"""Verdicts: what lists and reverse DNS prove, what they disprove, and when they say nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from crawlight.bots.catalogue import Agent, by_name
from crawlight.bots.identity import Identity
from crawlight.bots.lists import AddressList, Ranges, load_ranges
from crawlight.bots.reverse_dns import ReverseDns
from tests.bots.nameserver import NameServer

pytestmark = pytest.mark.anyio
DAY = 86_400.0
LISTED = datetime(2026, 11, 1, tzinfo=UTC)
CRAWLED = (LISTED + timedelta(days=3)).timestamp()


def agent(**ways: object) -> Agent:
    return Agent(name="Zorgbot", category="search", **ways)  # type: ignore[arg-type]


def identity(
    *prefixes: str, exclusive: bool = True, age: float = 5, dns: ReverseDns | None = None, dated: bool = True
) -> Identity:
    when = LISTED if dated else None
    ranges = Ranges([AddressList("zorg", "Zorg", exclusive, "here", "", when, when, prefixes)])
    return Identity(ranges, dns, clock=(LISTED + timedelta(days=age)).timestamp)


def said(verdict: object) -> str:
    return str(getattr(verdict, "identity"))  # noqa: B009 (one accessor for all tests)


RANGES = {"ranges": ("zorg",)}


def test_listed_address_verifies_with_evidence() -> None:
    verdict = identity("192.0.66.0/24").judge(agent(**RANGES), "192.0.66.9", CRAWLED)
    assert (verdict.identity, verdict.method) == ("verified", "range")
    assert (verdict.listing, verdict.dated) == ("zorg", "2026-11-01")


def test_fresh_list_refutes() -> None:
    verdict = identity("192.0.66.0/24").judge(agent(**RANGES), "198.35.26.1", CRAWLED)
    assert (verdict.identity, verdict.listing, verdict.dated) == ("spoofed", "zorg", "2026-11-01")


def test_list_that_was_never_fetched_says_nothing() -> None:
    verdict = identity(dated=False).judge(agent(**RANGES), "198.35.26.1", CRAWLED)
    assert (verdict.identity, "not fetched yet" in verdict.reason) == ("unchecked", True)
    assert by_name("MistralAI-Index").ranges == ("mistralai-index",)  # type: ignore[union-attr]


def test_stale_list_verifies_but_does_not_refute() -> None:
    stale = identity("192.0.66.0/24", age=14.01)
    assert said(stale.judge(agent(**RANGES), "192.0.66.9", CRAWLED)) == "verified"
    assert said(stale.judge(agent(**RANGES), "198.35.26.1", CRAWLED)) == "unchecked"
    assert said(identity("192.0.66.0/24", age=14).judge(agent(**RANGES), "198.35.26.1", CRAWLED)) == "spoofed"


def test_list_does_not_refute_a_crawl_that_is_older_than_it() -> None:
    before = LISTED.timestamp() - 1
    fresh = identity("192.0.66.0/24")
    assert said(fresh.judge(agent(**RANGES), "198.35.26.1", before)) == "unchecked"
    assert said(fresh.judge(agent(**RANGES), "192.0.66.9", before)) == "verified"


def test_list_of_unknown_age_never_refutes() -> None:
    undated = identity("192.0.66.0/24", dated=False)
    assert said(undated.judge(agent(**RANGES), "198.35.26.1", CRAWLED)) == "unchecked"
    verdict = undated.judge(agent(**RANGES), "192.0.66.9", CRAWLED)
    assert (verdict.identity, verdict.dated) == ("verified", "")


def test_list_without_ipv6_says_nothing_about_ipv6() -> None:
    assert said(identity("192.0.66.0/24").judge(agent(**RANGES), "2a03:2880::1", CRAWLED)) == "unverifiable"


@pytest.mark.parametrize("address", ["", "-", "unknown", "300.1.1.1"])
def test_no_address(address: str) -> None:
    assert said(identity("192.0.66.0/24").judge(agent(**RANGES), address, CRAWLED)) == "unchecked"


def test_no_way_to_check() -> None:
    assert said(identity().judge(agent(), "192.0.66.9", CRAWLED)) == "unverifiable"
    assert (
        said(identity().judge(agent(signature="https://zorg.example"), "192.0.66.9", CRAWLED)) == "unchecked"
    )


def test_shared_network_verifies_with_the_user_agent_where_there_is_no_other_sign() -> None:
    shared = identity("192.0.66.0/24", exclusive=False)
    assert said(shared.judge(agent(**RANGES), "192.0.66.9", CRAWLED)) == "verified"
    assert said(shared.judge(agent(**RANGES), "198.35.26.1", CRAWLED)) == "spoofed"


def test_shared_network_is_not_enough_where_host_names_are_documented() -> None:
    verdict = identity("192.0.66.0/24", exclusive=False).judge(
        agent(**RANGES, dns=(".zorg.example",)), "192.0.66.9", CRAWLED
    )
    assert (verdict.identity, verdict.pending) == ("unchecked", True)


def test_shipped_catalogue_and_lists_belong_together() -> None:
    judge = Identity(load_ranges()).judge
    for name, address in [
        ("Googlebot", "66.249.66.1"),
        ("TelegramBot", "149.154.167.99"),
        ("bingbot", "40.77.167.1"),
    ]:
        known = by_name(name)
        assert known
        assert said(judge(known, address, CRAWLED)) == "verified", name
    for name in ("WhatsApp", "Apple Messages", "Slackbot", "Bytespider", "curl"):
        known = by_name(name)
        assert known
        assert said(judge(known, "198.35.26.1", CRAWLED)) == "unverifiable", name


DNS = {"dns": (".zorg.example",)}


async def test_host_name_that_leads_back_verifies(nameserver: NameServer) -> None:
    nameserver.add("192.0.66.9", "crawl-9.zorg.example", "192.0.66.9")
    verdict = await identity(dns=nameserver.client()).check(agent(**DNS), "192.0.66.9", CRAWLED)
    assert (verdict.identity, verdict.method, verdict.host) == ("verified", "dns", "crawl-9.zorg.example")


async def test_host_name_that_is_someone_elses_refutes(nameserver: NameServer) -> None:
    nameserver.add("192.0.66.9", "host.evilzorg.example", "192.0.66.9")
    verdict = await identity(dns=nameserver.client()).check(agent(**DNS), "192.0.66.9", CRAWLED)
    assert (verdict.identity, verdict.method, verdict.host) == ("spoofed", "dns", "host.evilzorg.example")


async def test_outage_is_unchecked(nameserver: NameServer) -> None:
    nameserver.silent = True
    assert (
        said(await identity(dns=nameserver.client()).check(agent(**DNS), "192.0.66.9", CRAWLED))
        == "unchecked"
    )


async def test_stale_list_goes_on_to_reverse_dns(nameserver: NameServer) -> None:
    nameserver.add("198.35.26.1", "new.zorg.example", "198.35.26.1")
    stale = identity("192.0.66.0/24", age=40, dns=nameserver.client())
    assert said(await stale.check(agent(**RANGES, **DNS), "198.35.26.1", CRAWLED)) == "verified"
    assert said(await stale.check(agent(**RANGES, **DNS), "198.35.26.2", CRAWLED)) == "spoofed"


async def test_fresh_list_decides_without_dns(nameserver: NameServer) -> None:
    fresh = identity("192.0.66.0/24", dns=nameserver.client())
    assert said(await fresh.check(agent(**RANGES, **DNS), "192.0.66.9", CRAWLED)) == "verified"
    assert said(await fresh.check(agent(**RANGES, **DNS), "198.35.26.1", CRAWLED)) == "spoofed"
    assert nameserver.asked == []


async def test_undocumented_host_names_verify_but_do_not_refute(nameserver: NameServer) -> None:
    nameserver.add("192.0.66.9", "a.zorg.example", "192.0.66.9")
    seen = agent(dns_seen=(".zorg.example",))
    asks = identity(dns=nameserver.client())
    assert said(await asks.check(seen, "192.0.66.9", CRAWLED)) == "verified"
    assert said(await asks.check(seen, "192.0.66.10", CRAWLED)) == "unverifiable"


async def test_without_dns_it_stays_unchecked() -> None:
    assert said(await identity().check(agent(**DNS), "192.0.66.9", CRAWLED)) == "unchecked"
