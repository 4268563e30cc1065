"""Forward-confirmed reverse DNS against a real name server on this machine."""

import asyncio

import pytest

from crawlight.bots import reverse_dns
from crawlight.bots.reverse_dns import ReverseDns, is_under
from tests.bots.nameserver import NameServer

pytestmark = pytest.mark.anyio
ENDS = (".zorg.example", ".zorg.test")


def test_names_are_compared_on_a_dot() -> None:
    assert is_under("crawl.zorg.example", ENDS)
    assert is_under("zorg.test", ENDS)
    assert not is_under("evilzorg.example", ENDS)
    assert not is_under("zorg.example.evil.test", ENDS)


@pytest.mark.parametrize("address", ["192.0.2.9", "2001:db8::9"])
async def test_confirmed(nameserver: NameServer, address: str) -> None:
    nameserver.add(address, "A.Zorg.Example", "192.0.2.77", "2001:db8::77")
    nameserver.records[("a.zorg.example.", "AAAA" if ":" in address else "A")] = [address, "192.0.2.8"][:1]
    found = await nameserver.client().confirm(address, ENDS)
    assert (found.outcome, found.host) == ("confirmed", "a.zorg.example")


async def test_name_must_lead_back(nameserver: NameServer) -> None:
    nameserver.add("192.0.2.9", "a.zorg.example", "192.0.2.10")
    found = await nameserver.client().confirm("192.0.2.9", ENDS)
    assert (found.outcome, found.host) == ("mismatch", "a.zorg.example")


async def test_name_without_addresses(nameserver: NameServer) -> None:
    nameserver.add("192.0.2.9", "a.zorg.example")
    assert (await nameserver.client().confirm("192.0.2.9", ENDS)).outcome == "mismatch"


async def test_second_name_counts(nameserver: NameServer) -> None:
    nameserver.add("192.0.2.9", "www.other.test", "192.0.2.9")
    nameserver.add("192.0.2.9", "a.zorg.test", "192.0.2.9")
    assert (await nameserver.client().confirm("192.0.2.9", ENDS)).host == "a.zorg.test"


async def test_no_name(nameserver: NameServer) -> None:
    found = await nameserver.client().confirm("192.0.2.9", ENDS)
    assert (found.outcome, found.host) == ("mismatch", "")


async def test_outages(nameserver: NameServer) -> None:
    nameserver.failing = True
    assert (await nameserver.client().confirm("192.0.2.9", ENDS)).outcome == "outage"
    nameserver.failing, nameserver.delay = False, 0.5
    assert (await nameserver.client(limit=0.2).confirm("192.0.2.9", ENDS)).outcome == "outage"


async def test_the_limit_holds_for_both_look_ups_together(nameserver: NameServer) -> None:
    nameserver.add("192.0.2.9", "a.zorg.example", "192.0.2.9")
    nameserver.delay = 0.15
    assert (await nameserver.client(limit=0.2).confirm("192.0.2.9", ENDS)).outcome == "outage"
    assert (await nameserver.client(limit=0.6).confirm("192.0.2.9", ENDS)).outcome == "confirmed"


async def test_asked_once_by_many_and_remembered(nameserver: NameServer) -> None:
    nameserver.add("192.0.2.9", "a.zorg.example", "192.0.2.9")
    nameserver.delay = 0.05
    client = nameserver.client()
    found = await asyncio.gather(*(client.confirm("192.0.2.9", ENDS) for _ in range(50)))
    found.append(await client.confirm("192.0.2.9", ENDS))
    assert {lookup.outcome for lookup in found} == {"confirmed"}
    assert len(nameserver.asked) == 2


async def test_one_who_gives_up_does_not_stop_the_others(nameserver: NameServer) -> None:
    nameserver.add("192.0.2.9", "a.zorg.example", "192.0.2.9")
    nameserver.delay = 0.05
    client = nameserver.client()
    waiting = [asyncio.create_task(client.confirm("192.0.2.9", ENDS)) for _ in range(2)]
    await asyncio.sleep(0.02)
    waiting[0].cancel()
    assert (await waiting[1]).outcome == "confirmed"


async def test_outages_are_forgotten_sooner(nameserver: NameServer) -> None:
    now = [0.0]
    nameserver.failing = True
    client = nameserver.client(clock=lambda: now[0])
    assert (await client.confirm("192.0.2.9", ENDS)).outcome == "outage"
    nameserver.failing = False
    assert (await client.confirm("192.0.2.9", ENDS)).outcome == "outage"
    now[0] = reverse_dns.KEEP_OUTAGE + 1
    assert (await client.confirm("192.0.2.9", ENDS)).outcome == "mismatch"


async def test_memory_is_bounded(nameserver: NameServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reverse_dns, "MOST_KEPT", 2)
    client = nameserver.client()
    for last in (1, 2, 3, 1):
        await client.confirm(f"192.0.2.{last}", ENDS)
    assert len(nameserver.asked) == 4


async def test_a_system_resolver_that_denies_everything_is_an_outage(
    nameserver: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = nameserver.client()
    system = ReverseDns()
    monkeypatch.setattr(system, "_resolver", chosen._resolver)
    assert (await system.confirm("192.0.2.9", ENDS)).outcome == "outage"
    assert nameserver.asked[-1] == (".", "NS")
    nameserver.records[(".", "NS")] = ["a.root.test."]
    assert (await system.confirm("192.0.2.10", ENDS)).outcome == "mismatch"
    assert (await system.confirm("192.0.2.11", ENDS)).outcome == "mismatch"
    assert nameserver.asked.count((".", "NS")) == 2


async def test_no_resolver_at_all_is_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    client = ReverseDns()
    monkeypatch.setattr(client, "_resolver", None)
    assert (await client.confirm("192.0.2.9", ENDS)).outcome == "outage"
