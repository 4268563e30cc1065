"""Says step by step how a user agent and an address come to their verdict."""

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from crawlight.bots.addresses import parse_address
from crawlight.bots.catalogue import Agent, load
from crawlight.bots.identity import Identity, Verdict
from crawlight.bots.lists import LoadedList
from crawlight.bots.matcher import plain, recognise
from crawlight.bots.patterns import finder
from crawlight.bots.visitors import anonymised


class Step(msgspec.Struct, frozen=True):
    """One step: what was looked at, and what came of it."""

    looked_at: str
    found: str


class Explanation(msgspec.Struct, frozen=True):
    """The steps in order, the agent (None for a person) and the verdict on its identity, if it was asked for."""

    steps: list[Step]
    agent: Agent | None
    verdict: Verdict | None


async def explain(user_agent: str, address: str, when: float, identity: Identity) -> Explanation:
    """Explain a visit. ``address`` may be empty, or a chain (`visitors`); ``when`` is its time in Unix seconds."""
    agent = recognise(user_agent)
    steps = [*_naming(user_agent), Step("agent", _described(agent))]
    if agent is None:
        return Explanation(steps, None, None)
    visitor = identity.visitor(address)
    steps += _proving(agent, address, visitor, when, identity)
    verdict = await identity.check(agent, visitor, when)
    steps.append(Step("identity", f"{verdict.identity}: {verdict.reason}"))
    return Explanation(steps, agent, verdict)


def _naming(user_agent: str) -> Iterator[Step]:
    text = plain(user_agent)
    yield Step("user agent as compared", text or "(empty)")
    low = text.lower().encode() + b" "
    known = finder()
    hits, _ = known.sort_out(known.find(low, True), low)
    named = [known.agents[hit[4]].name if hit[4] >= 0 else low[hit[2] : -hit[3]].decode() for hit in hits]
    yield Step("tokens that hold, best first", ", ".join(named) or "none")


def _described(agent: Agent | None) -> str:
    if agent is None:
        return "none: a person or an unknown program"
    listed = "in the catalogue" if agent.tokens or agent.name == "(empty)" else "unknown, by its own words"
    operator = f", operator {agent.operator}" if agent.operator else ""
    return f"{agent.name} ({listed}), key {agent.key or '-'}, category {agent.category}{operator}"


def _proving(agent: Agent, told: str, visitor: str, when: float, identity: Identity) -> Iterator[Step]:
    sources = load().source
    source = sources.get(agent.sources.get("verification", ""))
    where = f" ({source.url}, read {source.read})" if source else ""
    yield Step("ways to verify", f"{agent.verification}{where}")
    if not told:
        return
    parsed = parse_address(visitor)
    yield Step("address", _addressed(told, visitor, identity))
    for loaded in identity.ranges.named(agent.ranges) if parsed else []:
        inside = parsed in loaded.addresses if parsed else False
        yield Step(f"list {loaded.listing.name}", _list_found(loaded, inside, when, identity))
    if agent.dns or agent.dns_seen:
        yield Step("host names", "must end in " + " or ".join(agent.dns + agent.dns_seen))


def _addressed(told: str, visitor: str, identity: Identity) -> str:
    parsed = parse_address(visitor)
    if parsed is None:
        return f"{told}: who was before the last proxy is hidden"
    proxy = ": a proxy's, or none of the public network" if identity.is_proxy(parsed) else ""
    cut = (
        ": its end was cut off, so it stands for a whole network" if anonymised(parsed) and not proxy else ""
    )
    return f"{visitor}{', of ' + told if told != visitor else ''}{proxy or cut}"


def _list_found(loaded: LoadedList, inside: bool, when: float, identity: Identity) -> str:
    day = loaded.dated or "an unknown day"
    age = identity.clock() - loaded.confirmed
    state = "fresh" if age <= identity.fresh_for else "stale: it verifies, but cannot refute"
    if state == "fresh" and when < loaded.since:
        state = f"younger than the crawl of {datetime.fromtimestamp(when, UTC).date()}: it cannot refute"
    shared = "" if loaded.listing.exclusive else ", shared with other traffic"
    return f"{'holds' if inside else 'lacks'} the address; of {day}, {state}{shared}"
