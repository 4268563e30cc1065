"""``crawlight rule``: redirects of a domain, paths that are gone, and paths that another site answers."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import typer

from crawlight.cli.context import Context, context_of
from crawlight.cli.rehearsing import Rehearse, rehearse
from crawlight.errors import UserError
from crawlight.kit.disk import for_whom
from crawlight.kit.plural import plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawlight.database.engine import Database
    from crawlight.database.tables import Domain
    from crawlight.domains.rules import Met, Rule
    from crawlight.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False)

Host = Annotated[str, typer.Argument(help="The domain.")]
Type = Literal["301", "302", "307", "308", "410", "proxy"]


class Row(msgspec.Struct, frozen=True):
    """One rule, with its number in the list."""

    number: int
    source: str
    destination: str
    type: str


class Tried(msgspec.Struct, frozen=True):
    """What a request meets; ``number`` is 0 where that is no rule."""

    number: int
    type: str
    location: str


@app.callback()
def group() -> None:
    """Redirects of a domain, paths that are gone, and paths that another site answers. The first match wins."""


@app.command("list")
def list_rules(ctx: typer.Context, host: Host) -> None:
    """List the rules of a domain, in their order."""
    rules = _rules(context_of(ctx), host)
    rows = [Row(n, rule.source, rule.destination, rule.type) for n, rule in enumerate(rules, 1)]
    context_of(ctx).emit(rows, "number", "source", "destination", "type")


@app.command()
def add(
    ctx: typer.Context,
    host: Host,
    source: Annotated[str, typer.Argument(help="/page, /blog/* or /docs/:slug.")],
    destination: Annotated[str, typer.Argument(help="A path or URL, with :splat and :slug; '' of a 410.")],
    type_: Annotated[Type, typer.Option("--type", help="What is answered.")] = "301",
    first: Annotated[
        bool, typer.Option("--first", help="Before all others, instead of behind them.")
    ] = False,
) -> None:
    """Add a rule."""
    from crawlight.domains.rules import Rule

    rule = Rule(source, destination, type_)
    count = _change(context_of(ctx), host, lambda rules: [rule, *rules] if first else [*rules, rule])
    context_of(ctx).say(f"Added: {plural(count, 'rule')} now.", {"rules": count})


@app.command()
def remove(
    ctx: typer.Context, host: Host, source: Annotated[str, typer.Argument(help="The source as it is listed.")]
) -> None:
    """Remove the rules with a source."""

    def without(rules: "list[Rule]") -> "list[Rule]":
        kept = [rule for rule in rules if rule.source != source]
        if len(kept) == len(rules):
            raise UserError(f"there is no rule with the source {source}")
        return kept

    count = _change(context_of(ctx), host, without)
    context_of(ctx).say(f"Removed: {plural(count, 'rule')} now.", {"rules": count})


@app.command("import")
def import_rules(
    ctx: typer.Context,
    host: Host,
    file: Annotated[Path, typer.Argument(help="CSV: source,destination,type; - is stdin.")],
    rehearsed: Rehearse = None,
) -> None:
    """Replace all rules by those of a CSV file, or change nothing where one line is wrong."""
    from crawlight.domains.rule_lists import checked, read

    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}{for_whom(error)}") from None
    except UnicodeDecodeError:
        raise UserError(f"{file} is not UTF-8") from None
    rules = read(text)
    if rehearsed is not None:
        from crawlight.domains.hosts import domain_host
        from crawlight.domains.rehearsal import of_rules

        name = domain_host(host)
        rehearse(context_of(ctx), name, rehearsed, of_rules(name, checked(name, rules)))
        return
    count = _change(context_of(ctx), host, lambda _: rules)
    context_of(ctx).say(f"Imported {plural(count, 'rule')}.", {"rules": count})


@app.command()
def export(ctx: typer.Context, host: Host) -> None:
    """Print the rules as CSV, as import takes them."""
    from crawlight.domains.rule_lists import written

    rules = _rules(context_of(ctx), host)
    context_of(ctx).say(written(rules).rstrip("\n"), rules)


@app.command()
def test(
    ctx: typer.Context,
    host: Host,
    path: Annotated[str, typer.Argument(help="/path?query, as it is asked for.")],
) -> None:
    """Say what a request for a path gets."""
    met = context_of(ctx).run(partial(_met, host=host, path=path))
    if met is None:
        context_of(ctx).say("No rule matches.", Tried(0, "", ""))
    else:
        to = f" to {met.location}" if met.location else ""
        context_of(ctx).say(f"Rule {met.number}: {met.type}{to}", Tried(met.number, met.type, met.location))


async def _met(database: "Database", _: "Settings", *, host: str, path: str) -> "Met | None":
    from crawlight.domains.hosted import is_hosted
    from crawlight.domains.rule_lists import rules_of
    from crawlight.domains.rules import Rules

    domain = await _domain(database, host)
    rules = Rules(domain.host, await rules_of(database, domain.id))
    return rules.meet(path, by_pattern=not await is_hosted(database, domain.id, path))


def _rules(context: Context, host: str) -> "list[Rule]":
    async def work(database: "Database", _: "Settings") -> "list[Rule]":
        from crawlight.domains.rule_lists import rules_of

        return await rules_of(database, (await _domain(database, host)).id)

    return context.run(work)


def _change(context: Context, host: str, change: "Callable[[list[Rule]], list[Rule]]") -> int:
    """Change the list of a domain; answers how many there are then."""

    async def work(database: "Database", settings: "Settings") -> int:
        from crawlight.domains.rule_lists import most_rules, rules_of, save_rules

        domain = await _domain(database, host)
        rules = change(await rules_of(database, domain.id))
        most = await most_rules(database, domain.id, settings.plans)
        await save_rules(database, domain.id, domain.host, rules, most)
        return len(rules)

    return context.run(work)


async def _domain(database: "Database", host: str) -> "Domain":
    from crawlight.domains.registry import find_domain

    return await find_domain(database, host)
