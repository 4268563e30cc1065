"""``--rehearse``: what a change would have done to recorded crawls, printed in the place of saving it."""

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from crawlight.cli.context import Context
from crawlight.errors import UserError
from crawlight.kit.loading import loading
from crawlight.kit.periods import PERIODS

if TYPE_CHECKING:
    from crawlight.domains.rehearsal import Change, Crawls
    from crawlight.settings import Settings

Rehearse = Annotated[
    str | None,
    typer.Option(
        "--rehearse",
        metavar="PERIOD",
        help="Save nothing; say what it would have done to the crawls of 1d, 7d, 30d or 90d.",
    ),
]


class Row(msgspec.Struct, frozen=True):
    """One effect as people read it."""

    what: str
    agent: str
    crawls: int
    pages: int
    such_as: str


def rehearse(context: Context, host: str, period: str, change: "Change") -> None:
    """Print what a change would have done. Raises UserError."""
    # Settings load this module, and lists of domains stand beside them: those load nothing that is slow.
    import asyncio

    from crawlight.domains.rehearsal import effects

    if period not in PERIODS:
        raise UserError(f"{period!r} is no period; there are {', '.join(PERIODS)}")
    crawls = asyncio.run(_crawls(context.settings(existing=True), host, period))
    found = effects(crawls, change)
    if context.json:
        context.say("", found)
    else:
        rows = [Row(one.what, one.agent, one.crawls, one.pages, ", ".join(one.examples)) for one in found]
        if rows:
            context.emit(rows, "what", "agent", "crawls", "pages", "such_as")
        total = sum(one.crawls for one in crawls)
        typer.echo(f"{sum(one.crawls for one in found):,} of {total:,} crawls. Nothing was saved.")


async def _crawls(settings: "Settings", host: str, period: str) -> "list[Crawls]":
    from crawlight.control import ask
    from crawlight.domains.rehearsal import Crawls

    answer = await ask(settings.data_dir, "crawls", host=host, period=period)
    if answer is not None:
        return msgspec.json.decode(answer, type=list[Crawls])
    # Loads slowly, and a running server has it already.
    with loading():
        from crawlight.analytics.rehearsal import recorded_crawls
        from crawlight.domains.registry import find_domain
        from crawlight.kit.clock import now
        from crawlight.kit.periods import window
        from crawlight.runtime.stores import open_stores

    async with open_stores(settings) as stores:
        domain = await find_domain(stores.database, host)
        events = stores.events
        return await events.run(recorded_crawls, events, domain.id, window(period, now()))
