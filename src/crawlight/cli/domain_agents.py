"""``crawlight domain agents``: what AI agents get of a domain, and what it says about uses of its content."""

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import typer

from crawlight.cli.context import context_of
from crawlight.errors import UserError

if TYPE_CHECKING:
    from crawlight.database.engine import Database
    from crawlight.domains.agents import AgentSettings
    from crawlight.settings import Settings


class Shown(msgspec.Struct, frozen=True):
    """What one domain has chosen, and where robots.txt says otherwise."""

    host: str
    settings: "AgentSettings"
    contradictions: list[str]


def agents(
    ctx: typer.Context,
    host: Annotated[str, typer.Argument(help="The domain.")],
    markdown: Annotated[
        Literal["on", "off"] | None, typer.Option(help="Whether agents that ask for Markdown get it.")
    ] = None,
    no_markdown_for: Annotated[
        list[str] | None, typer.Option(metavar="AGENT", help="An agent that gets HTML all the same.")
    ] = None,
    canonical_redirects: Annotated[
        Literal["on", "off"] | None,
        typer.Option(help="Whether crawlers for AI training are led to the canonical page."),
    ] = None,
    indexnow: Annotated[
        Literal["on", "off"] | None, typer.Option(help="Whether search engines are told of changed pages.")
    ] = None,
    signal: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=yes|no", help="search, ai-input or ai-train; NAME= says nothing about it."
        ),
    ] = None,
) -> None:
    """Show what agents get of a domain, or change what is given and leave the rest.

    --no-markdown-for and --signal can be given several times. The agents together replace those that were
    there, and '' alone leaves none.
    """

    async def work(database: "Database", _: "Settings") -> Shown:
        from crawlight.domains import registry, robots_versions, uses
        from crawlight.domains.agents import read_agents
        from crawlight.domains.hosting import change_agents
        from crawlight.domains.indexnow import switch

        domain = await registry.find_domain(database, host)
        settings = await read_agents(database, domain.id)
        if changes := _changes(settings, markdown, canonical_redirects, no_markdown_for, signal):
            settings = await change_agents(database, domain.id, **changes)
        if indexnow is not None:
            await switch(database, domain.id, indexnow == "on")
            settings = await read_agents(database, domain.id)
        robots_txt = await robots_versions.text_in_force(database, domain.id)
        told = uses.contradictions(settings.signals, robots_txt) if robots_txt is not None else []
        return Shown(domain.host, settings, told)

    shown = context_of(ctx).run(work)
    context_of(ctx).say(_lines(shown), shown)


def _changes(
    before: "AgentSettings",
    markdown: str | None,
    canonical_redirects: str | None,
    except_for: list[str] | None,
    signal: list[str] | None,
) -> dict[str, object]:
    from crawlight.domains import signals

    changes: dict[str, object] = {}
    if markdown is not None:
        changes["markdown"] = markdown == "on"
    if canonical_redirects is not None:
        changes["canonical_redirects"] = canonical_redirects == "on"
    if except_for is not None:
        changes["no_markdown_for"] = tuple(filter(None, except_for))
    if signal is not None:
        changes["signals"] = signals.checked(before.signals.said | dict(map(_pair, filter(None, signal))))
    return changes


def _pair(given: str) -> tuple[str, str]:
    name, sign, word = given.partition("=")
    if not sign:
        raise UserError(f"{given[:40]!r} is no signal with a word, such as ai-train=no")
    return name, word


def _lines(shown: Shown) -> str:
    settings = shown.settings
    signal = [f"{name}={word}" for name, word in settings.signals.said.items()]
    rows = {
        "markdown": ["on" if settings.markdown else "off"],
        "no-markdown-for": settings.no_markdown_for,
        "signal": signal,
        "canonical-redirects": ["on" if settings.canonical_redirects else "off"],
        "indexnow": [f"on, key file /{settings.indexnow_key}.txt" if settings.indexnow_key else "off"],
    }
    lines = [f"{name:<20}{text}" for name, texts in rows.items() for text in texts or ["-"]]
    return "\n".join([shown.host, *lines, *shown.contradictions])
