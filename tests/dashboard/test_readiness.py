"""Whether AI agents can read a domain stands among its settings, from what is known without asking."""

import html
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawlight.audit import PageInputs, audit
from crawlight.domains import audits, robots_versions
from crawlight.domains.agents import change_agents
from crawlight.domains.pages import learn
from crawlight.kit import clock
from tests.dashboard.conftest import House
from tests.records import Record, insert

pytestmark = pytest.mark.anyio

PATH = "/domains/example.com/settings/readiness"
START = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
SHELL = b"<!doctype html><title>Shop</title><div id=root></div>"
FULL = (
    b"<!doctype html><title>Shop</title><main>" + b"<p>Bread that was baked this morning. " * 40 + b"</main>"
)


async def domain_id(house: House) -> int:
    return (await house.scope("owner")).domains[0].id


async def checks(house: House) -> dict[str, dict[str, Any]]:
    found = (await house.get("viewer", f"{PATH}.json")).json()
    return {one["check"]: one for one in found["checks"]}


def fetch(domain: int, agent: str, status: int, path: str = "/", **members: Any) -> Record:
    given = {"kind": "crawl", "category": "ai_training", "source": "render", **members}
    return Record(domain_id=domain, ts=START, agent=agent, status=status, path=path, **given)


async def test_nothing_known_yet(house: House) -> None:
    found = await checks(house)
    assert {name: one["ok"] for name, one in found.items()} == {
        "text": None,
        "markdown": True,
        "robots": None,
        "signals": False,
        "llms-txt": None,
        "reachable": None,
    }
    page = (await house.get("viewer", PATH)).text
    assert "No crawler has asked for it yet." in page
    assert "AI agents that were refused" not in page


async def test_pages_whose_text_needs_scripts(house: House) -> None:
    domain, database = await domain_id(house), house.services.database
    await learn(database, domain, ["/a", "/b"])
    for path, raw in (("/a", SHELL), ("/b", FULL)):
        inputs = PageInputs(url=f"https://example.com{path}", status=200, html=FULL, raw_html=raw)
        await audits.record(database, domain, path, audit(inputs))
    text = (await checks(house))["text"]
    assert text["ok"] is False
    assert text["found"].startswith("On 1 of 2 pages")


async def test_who_reads_llms_txt(house: House) -> None:
    domain = await domain_id(house)
    rows = [
        fetch(domain, "GPTBot", 200, "/llms.txt", kind="robots"),
        fetch(domain, "GPTBot", 404, "/docs/llms.txt", kind="robots"),
        fetch(domain, "CCBot", 404, "/llms-full.txt", kind="robots"),
        fetch(domain, "Bytespider", 200, "/llms.txt", kind="robots", identity="spoofed"),
        fetch(domain, "bingbot", 200, "/robots.txt", kind="robots"),
    ]
    insert(house.services.store, rows)
    found = (await house.get("viewer", f"{PATH}.json")).json()
    assert [(one["agent"], one["fetches"], one["served"]) for one in found["llmsReaders"]] == [
        ("CCBot", 1, 0),
        ("GPTBot", 2, 1),
    ]
    assert (await checks(house))["llms-txt"]["found"] == "GPTBot read llms.txt, once in all."


async def test_llms_txt_that_nobody_found(house: House) -> None:
    insert(house.services.store, [fetch(await domain_id(house), "CCBot", 404, "/llms.txt", kind="robots")])
    found = (await checks(house))["llms-txt"]
    assert (found["ok"], found["found"]) == (False, "Crawlers asked for llms.txt once and found none.")


async def test_agents_that_the_site_refused(house: House) -> None:
    domain = await domain_id(house)
    rows = [
        fetch(domain, "GPTBot", 403),
        fetch(domain, "GPTBot", 200),
        fetch(domain, "CCBot", 200),
        fetch(domain, "ClaudeBot", 403, outcome="blocked"),
        fetch(domain, "PerplexityBot", 403, identity="spoofed"),
        fetch(domain, "bingbot", 403, category="search"),
    ]
    insert(house.services.store, rows)
    found = (await checks(house))["reachable"]
    assert found["ok"] is False
    assert found["found"] == "1 of 3 fetches by AI agents were refused (401, 403, 406, 429 or 503): GPTBot."
    page = (await house.get("viewer", PATH)).text
    assert "AI agents that were refused" in page
    assert "CCBot" not in page


async def test_markdown_asked_and_got(house: House) -> None:
    domain = await domain_id(house)
    rows = [
        fetch(domain, "GPTBot", 200, asked_markdown=True, format=got)._replace(
            ts=clock.now() - timedelta(hours=1)
        )
        for got in ("markdown", "markdown", "html")
    ]
    insert(house.services.store, rows)
    found = (await checks(house))["markdown"]
    assert (found["ok"], found["found"]) == (True, "Agents asked for Markdown 3 times, and got it 2 times.")
    await change_agents(house.services.database, domain, markdown=False)
    assert (await checks(house))["markdown"]["ok"] is False


async def test_robots_txt_that_keeps_agents_out(house: House) -> None:
    domain, database = await domain_id(house), house.services.database
    text = b"User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nContent-Signal: ai-train=no\nAllow: /\n"
    await robots_versions.keep(database, domain, 200, text, START)
    found = await checks(house)
    assert found["robots"]["ok"] is False
    assert "GPTBot" in found["robots"]["found"]
    assert found["signals"]["ok"] is True
    lines = (await house.get("viewer", f"{PATH}.csv")).text.splitlines()
    assert lines[0] == "check,ok,found,fix"
    assert "GPTBot" in html.unescape((await house.get("viewer", PATH)).text)
