"""The catalogue is whole, its facts have sources, and the page of the documentation says the same."""

import re
from collections import Counter
from pathlib import Path

import msgspec

from crawlight.bots.catalogue import FILE, UNKNOWN, Agent, by_name, load
from crawlight.bots.catalogue import _read as read_catalogue
from crawlight.bots.docs import page
from crawlight.bots.keys import BOT_KEYS, CATEGORIES
from crawlight.bots.lists import shipped
from crawlight.bots.matcher import EMPTY
from tests.bots.corpus import ROOT

AGENTS = load().agent


def test_names_are_unique() -> None:
    assert [name for name, count in Counter(agent.name for agent in AGENTS).items() if count > 1] == []


def test_keys_and_categories_are_known() -> None:
    assert {agent.key for agent in AGENTS} == {None, *BOT_KEYS}
    assert {agent.category for agent in AGENTS} == set(CATEGORIES)


def test_every_agent_has_a_usable_token() -> None:
    for agent in AGENTS:
        assert agent.tokens or agent.name == EMPTY
        for token in agent.tokens:
            assert len(token.strip("^*/")) >= 2, agent.name
            assert token.isascii(), agent.name
            assert token.strip("^*") == token.strip("^* "), agent.name


def test_every_agent_says_who_runs_it_or_that_nobody_knows() -> None:
    for agent in AGENTS:
        assert agent.operator.strip() == agent.operator != "", agent.name
        assert "operator" not in agent.sources or agent.operator != UNKNOWN, agent.name


def test_every_fact_has_a_source() -> None:
    known = load().source
    facts = {"token", "operator", "robots", "javascript", "verification"}
    assert {fact for agent in AGENTS for fact in agent.sources} == facts
    for agent in AGENTS:
        assert "token" in agent.sources, agent.name
        assert set(agent.sources.values()) <= set(known), agent.name
        assert ("verification" in agent.sources) == (agent.verification != "none"), agent.name
        assert "javascript" in agent.sources or agent.javascript == "unknown", agent.name
        assert "robots" in agent.sources or not agent.robots, agent.name
    assert {source for agent in AGENTS for source in agent.sources.values()} == set(known)
    for source in known.values():
        assert source.url.startswith("https://")
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", source.read)


def test_lists_and_host_names_are_well_formed() -> None:
    lists = {listing.name for listing in shipped()}
    for agent in AGENTS:
        assert set(agent.ranges) <= lists, agent.name
        assert all(re.fullmatch(r"(\.[a-z0-9-]+)+", suffix) for suffix in agent.dns + agent.dns_seen), (
            agent.name
        )
        assert not agent.signature or re.fullmatch(r"https://[a-z0-9.-]+", agent.signature), agent.name


def test_every_agent_is_listed_by_its_ways() -> None:
    agent = Agent(name="Zorg", category="other", ranges=("a",), dns_seen=(".b",), signature="https://c")
    assert agent.verification == "ranges, dns, signature"
    assert by_name("Slackbot").verification == "none"  # type: ignore[union-attr]
    assert by_name("no such agent") is None


def test_the_compiled_form_is_used_and_never_stale(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.toml"
    text = '[source.x]\nurl = "https://x.example"\nread = "2026-01-01"\n[[agent]]\nname = "Zorg"\ncategory = "seo"\n'
    file.write_text(text, encoding="utf-8")
    cache = tmp_path / "cache"
    first = read_catalogue(file, cache)
    (compiled,) = cache.iterdir()
    assert read_catalogue(file, cache) == first
    compiled.write_bytes(msgspec.msgpack.encode(msgspec.structs.replace(first, agent=())))
    assert read_catalogue(file, cache).agent == ()
    compiled.write_bytes(b"damaged")
    assert read_catalogue(file, cache) == first
    file.write_text(text.replace("Zorg", "Other"), encoding="utf-8")
    assert [agent.name for agent in read_catalogue(file, cache).agent] == ["Other"]
    assert len(list(cache.iterdir())) == 1


def test_a_folder_that_takes_no_files_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert read_catalogue(FILE, tmp_path / "file" / "below") == load()


def test_the_page_is_what_the_catalogue_says() -> None:
    """Mend it by ``python -m crawlight.bots.docs``."""
    assert (ROOT / "docs/bots.md").read_text(encoding="utf-8") == page(load())
