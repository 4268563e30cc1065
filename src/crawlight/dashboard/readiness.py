"""``/domains/HOST/settings/readiness``: whether AI agents can read a domain, and who tried."""

import asyncio
from typing import Final

import msgspec
from fastapi import APIRouter, Response

from crawlight.accounts.scope import ScopedDomain
from crawlight.analytics.agent_reach import AI_REFUSALS, LLMS_READERS, LlmsReader, Refusals
from crawlight.analytics.formats import FORMATS, FormatRow
from crawlight.audit.checks.raw_text import CHECK as RAW_TEXT
from crawlight.dashboard.questions import about, ask
from crawlight.dashboard.tables import csv_of
from crawlight.dashboard.visits import SignedIn, Visit
from crawlight.domains import audits, robots_versions
from crawlight.domains.agents import read_agents
from crawlight.domains.readiness import AgentCheck
from crawlight.domains.site_readiness import Known, site_readiness
from crawlight.kit.urls import canonical_url

routes = APIRouter()

_TITLES: Final = {
    "text": "Text without JavaScript",
    "markdown": "Markdown",
    "robots": "robots.txt",
    "signals": "Signals",
    "llms-txt": "llms.txt",
    "reachable": "Access",
}


class Readiness(msgspec.Struct, frozen=True, rename="camel"):
    """Page and JSON twin."""

    domain: str
    checks: tuple[AgentCheck, ...]
    llms_readers: list[LlmsReader]
    refusals: list[Refusals]


@routes.get("/domains/{host}/settings/readiness")
async def show(visit: SignedIn, host: str) -> Response:
    """The page; a viewer may read it."""
    domain = visit.domain(host)
    values = {
        "title": f"Agent readiness of {domain.host}",
        "domain": domain,
        "tab": "settings",
        "section": "readiness",
        "titles": _TITLES,
        "found": await _readiness(visit, domain),
    }
    return await visit.page("readiness.html", values)


@routes.get("/domains/{host}/settings/readiness.json")
async def show_json(visit: SignedIn, host: str) -> Response:
    """The JSON twin."""
    return visit.data(await _readiness(visit, visit.domain(host)))


@routes.get("/domains/{host}/settings/readiness.csv")
async def show_csv(visit: SignedIn, host: str) -> Response:
    """The CSV twin of the checks."""
    domain = visit.domain(host)
    found = await _readiness(visit, domain)
    header = [field.encode_name for field in msgspec.structs.fields(AgentCheck)]
    return csv_of(visit, f"{domain.host}-readiness", header, map(msgspec.structs.astuple, found.checks))


async def _readiness(visit: Visit, domain: ScopedDomain) -> Readiness:
    asking = await about(visit, domain)
    readers, refusals, asked = await asyncio.gather(
        ask(visit, LLMS_READERS, asking),
        ask(visit, AI_REFUSALS, asking),
        ask(visit, FORMATS, asking),
    )
    checks = site_readiness(await _known(visit, domain, readers, refusals, asked))
    return Readiness(domain.host, checks, readers, [one for one in refusals if one.refused])


async def _known(
    visit: Visit,
    domain: ScopedDomain,
    readers: list[LlmsReader],
    refusals: list[Refusals],
    asked: list[FormatRow],
) -> Known:
    database = visit.dashboard.database
    hidden, audited = await audits.having(database, domain.id, RAW_TEXT.id)
    settings = await read_agents(database, domain.id)
    return Known(
        url=canonical_url(domain.page_host, "/"),
        audited=audited,
        hidden=hidden,
        markdown=settings.markdown,
        markdown_asked=sum(row.asked_markdown.crawls for row in asked),
        markdown_served=sum(row.asked_markdown.markdown for row in asked),
        robots_txt=await robots_versions.text_in_force(database, domain.id),
        signals=bool(settings.signals.headers),
        llms_fetches=sum(one.fetches for one in readers),
        llms_served=sum(one.served for one in readers),
        llms_readers=[one.agent for one in readers if one.served],
        fetches=sum(one.fetches for one in refusals),
        refused=sum(one.refused for one in refusals),
        refused_agents=[one.agent for one in refusals if one.refused],
    )
