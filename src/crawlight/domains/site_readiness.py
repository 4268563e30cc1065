"""Whether AI agents can read a site, from what Crawlight knows of it without asking: audits, settings, its records.

Pure. `readiness` is the same about one page that was asked for.
"""

from collections.abc import Sequence

import msgspec

from crawlight.domains.readiness import REFUSALS, AgentCheck, robots_check, signals_check
from crawlight.domains.uses import listed


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a site. Counts of fetches are those of single crawls that are kept."""

    url: str
    audited: int
    hidden: int
    """Of the audited pages, those of which scripts show much of the text."""
    markdown: bool
    markdown_asked: int
    markdown_served: int
    robots_txt: str | None
    signals: bool
    """Whether the domain's settings state any."""
    llms_fetches: int
    llms_served: int
    llms_readers: Sequence[str]
    """Agents that found an llms.txt."""
    fetches: int
    refused: int
    refused_agents: Sequence[str]


def site_readiness(known: Known) -> tuple[AgentCheck, ...]:
    """All checks in their order."""
    return (
        _text(known),
        _markdown(known),
        robots_check(known.url, known.robots_txt, "Crawlight has not seen robots.txt yet."),
        signals_check(known.robots_txt, "Choose signals under Agents.", on_answers=known.signals),
        _llms_txt(known),
        _reachable(known),
    )


def _text(known: Known) -> AgentCheck:
    if not known.audited:
        return AgentCheck("text", None, "No page was audited yet.")
    if not known.hidden:
        return AgentCheck("text", True, "Agents that run no JavaScript see most of the text of every page.")
    found = (
        f"On {known.hidden:,} of {known.audited:,} pages, much of the text appears only once JavaScript runs."
    )
    fix = "Agents that come through Crawlight get all of it. Lead them here, or render these pages on the server."
    return AgentCheck("text", False, found, fix)


def _markdown(known: Known) -> AgentCheck:
    if not known.markdown:
        return AgentCheck("markdown", False, "Markdown is switched off.", "Switch it on under Agents.")
    if not known.markdown_asked:
        return AgentCheck("markdown", True, "Agents that ask for Markdown get it. None has asked lately.")
    found = f"Agents asked for Markdown {_times(known.markdown_asked)}, and got it {_times(known.markdown_served)}."
    return AgentCheck("markdown", known.markdown_served > 0, found)


def _llms_txt(known: Known) -> AgentCheck:
    if not known.llms_fetches:
        return AgentCheck("llms-txt", None, "No crawler has asked for llms.txt.")
    if known.llms_served:
        found = f"{listed(known.llms_readers)} read llms.txt, {_times(known.llms_served)} in all."
        return AgentCheck("llms-txt", True, found)
    found = f"Crawlers asked for llms.txt {_times(known.llms_fetches)} and found none."
    return AgentCheck("llms-txt", False, found, "Add one if you want to; few agents use it.")


def _reachable(known: Known) -> AgentCheck:
    if not known.fetches:
        return AgentCheck("reachable", None, "No AI agent has come yet whose answer is known.")
    if not known.refused:
        return AgentCheck("reachable", True, f"All {known.fetches:,} fetches by AI agents were let in.")
    statuses = f"{', '.join(map(str, REFUSALS[:-1]))} or {REFUSALS[-1]}"
    found = (
        f"{known.refused:,} of {known.fetches:,} fetches by AI agents were refused ({statuses}):"
        f" {listed(known.refused_agents)}."
    )
    return AgentCheck("reachable", False, found, "Look at the bot protection of your CDN or firewall.")


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"
