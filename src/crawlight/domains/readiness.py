"""Whether AI agents can read a page: what its site lets them do, and what they find. Pure; it is in no score."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec

from crawlight.audit.robots_groups import allows
from crawlight.domains.robots_signals import stated_in
from crawlight.domains.uses import listed, users

CheckName = Literal["text", "markdown", "robots", "signals", "llms-txt", "reachable"]

REFUSALS: Final = (401, 403, 406, 429, 503)
"""Statuses that protection against bots answers with."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of a page and its site; ``robots_txt`` is None where nobody knows it.

    ``missing_text`` says how much of the text only scripts show, empty where that is little, None where nobody
    knows. ``unknown_agent`` is the status that a crawler gets which nobody knows; 0 where it got no answer.
    """

    url: str
    headers: Mapping[str, str]
    missing_text: str | None
    markdown: bool
    robots_txt: str | None
    llms_txt: bool
    unknown_agent: int


class AgentCheck(msgspec.Struct, frozen=True):
    """One check; ``ok`` is None where it cannot be said."""

    check: CheckName
    ok: bool | None
    found: str
    fix: str = ""


def readiness(seen: Seen) -> tuple[AgentCheck, ...]:
    """All checks in their order."""
    return (
        _text(seen),
        _markdown(seen),
        robots_check(
            seen.url,
            seen.robots_txt,
            "robots.txt could not be read; crawlers then may take all as forbidden.",
        ),
        _signals(seen),
        _llms_txt(seen),
        _reachable(seen),
    )


def _text(seen: Seen) -> AgentCheck:
    if seen.missing_text is None:
        return AgentCheck("text", None, "The page was not rendered, so there is nothing to compare.")
    if seen.missing_text:
        return AgentCheck("text", False, seen.missing_text, "Prerender the page, or render it on the server.")
    return AgentCheck("text", True, "Agents that run no JavaScript see most of the text.")


def _markdown(seen: Seen) -> AgentCheck:
    if seen.markdown:
        return AgentCheck("markdown", True, "Who asks for text/markdown gets it.")
    found = "Who asks for text/markdown gets something else."
    return AgentCheck("markdown", False, found, "Let your worker or recipe pass Accept on to Crawlight.")


def robots_check(url: str, robots_txt: str | None, unknown: str) -> AgentCheck:
    """Whether robots.txt lets the AI crawlers in that obey it; ``unknown`` is said where nobody knows it (None)."""
    if robots_txt is None:
        return AgentCheck("robots", None, unknown)
    path = urlsplit(url)._replace(scheme="", netloc="", fragment="").geturl() or "/"
    tokens = _tokens()
    out = [token for token in tokens if not allows(robots_txt, token, path)]
    if not out:
        return AgentCheck("robots", True, f"robots.txt lets all {len(tokens)} AI crawlers in that obey it.")
    found = f"robots.txt blocks {listed(out)}."
    return AgentCheck("robots", False, found, "If that is not what you want, allow them in robots.txt.")


def _signals(seen: Seen) -> AgentCheck:
    fix = "Choose signals with `crawlight domain agents HOST --signal`."
    return signals_check(seen.robots_txt, fix, on_answers="content-signal" in seen.headers)


def signals_check(robots_txt: str | None, fix: str, *, on_answers: bool) -> AgentCheck:
    """Whether the site says which uses of its content are welcome: in robots.txt, or in headers of its answers."""
    if on_answers or any(stated_in(robots_txt or "").values()):
        return AgentCheck("signals", True, "The site says which uses of its content are welcome.")
    found = "The site does not say which uses of its content are welcome."
    return AgentCheck("signals", False, found, fix)


def _llms_txt(seen: Seen) -> AgentCheck:
    if seen.llms_txt:
        return AgentCheck("llms-txt", True, "There is an llms.txt.")
    return AgentCheck(
        "llms-txt", False, "There is no llms.txt.", "Few agents read it; add one if you want to."
    )


def _reachable(seen: Seen) -> AgentCheck:
    status = seen.unknown_agent
    if status and status not in REFUSALS:
        return AgentCheck("reachable", True, f"An unknown agent is answered ({status}).")
    found = f"An unknown agent is refused ({status or 'no answer'})."
    return AgentCheck("reachable", False, found, "Look at the bot protection of your CDN or firewall.")


def _tokens() -> Sequence[str]:
    agents = [*users("ai-input"), *users("ai-train")]
    return list(dict.fromkeys(agent.robots for agent in agents if agent.robots))
