"""``crawlight domain set`` and ``show``: how a domain is rendered and served, the operator's own settings included."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import typer

from crawlight.cli.context import Context, context_of
from crawlight.cli.rehearsing import Rehearse, rehearse
from crawlight.errors import UserError

if TYPE_CHECKING:
    from crawlight.database.engine import Database
    from crawlight.database.tables import Domain
    from crawlight.domains.settings import DomainSettings
    from crawlight.settings import Settings

Host = Annotated[str, typer.Argument(help="The domain.")]


class Shown(msgspec.Struct, frozen=True):
    """The settings of one domain."""

    host: str
    origin: str | None
    settings: "DomainSettings"


def change(
    ctx: typer.Context,
    host: Host,
    freshness: Annotated[
        str | None, typer.Option(metavar="DURATION", help="How long pages stay fresh: 30m, 24h, 7d.")
    ] = None,
    rules: Annotated[
        list[str] | None,
        typer.Option("--rule", metavar="'PATTERN DURATION'", help="The same for some paths: '/blog/* 7d'."),
    ] = None,
    ignored: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore", metavar="NAME", help="A query parameter to ignore, as it does not change the page."
        ),
    ] = None,
    blocked: Annotated[
        list[str] | None,
        typer.Option("--block", metavar="PATTERN", help="Paths for which crawlers get no snapshot."),
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="What the browser asks the site for, such as de-CH; '' for any.")
    ] = None,
    identity: Annotated[
        Literal["strict", "standard", "off"] | None,
        typer.Option(help="Who gets snapshots: proven crawlers, all but spoofed ones, everybody."),
    ] = None,
    allowed: Annotated[
        list[str] | None,
        typer.Option("--allow", metavar="NETWORK", help="A private network that rendering may reach."),
    ] = None,
    private_pages: Annotated[
        Literal["pass", "keep"] | None,
        typer.Option(help="Pages that the origin calls private or no-store: hand on, or keep as any other."),
    ] = None,
    front: Annotated[
        Literal["on", "off"] | None,
        typer.Option(help="Whether the front serves the domain: its DNS points here."),
    ] = None,
    origin: Annotated[
        str | None, typer.Option(metavar="URL", help="Where the site itself is: http[s]://host[:port].")
    ] = None,
    revalidation: Annotated[
        Literal["on", "off"] | None,
        typer.Option(help="Whether unchanged pages are fresh again without a render."),
    ] = None,
    render_within: Annotated[
        str | None,
        typer.Option(metavar="DURATION", help="How old the last render of such a page may be: 7d."),
    ] = None,
    content_security_policy: Annotated[
        str | None,
        typer.Option("--csp", metavar="POLICY", help="Content-Security-Policy of all answers on the front."),
    ] = None,
    robots_header: Annotated[
        Literal["origin", "lift"] | None,
        typer.Option(help="Whether X-Robots-Tag of the origin stays, or is lifted except on blocked paths."),
    ] = None,
    rehearsed: Rehearse = None,
    origin_host: Annotated[
        Literal["domain", "origin"] | None,
        typer.Option(help="The name that the origin is asked for: the domain's, or its own."),
    ] = None,
    origin_certificate: Annotated[
        Literal["verify", "ignore"] | None,
        typer.Option(help="Whether the origin's certificate must be good for the domain or the origin."),
    ] = None,
) -> None:
    """Change what is given and leave the rest.

    --rule, --ignore, --block and --allow can be given several times; together they replace what was there,
    and '' alone leaves none. A domain that comes to the front asks its origin for the origin's own name, unless
    --origin-host says otherwise.
    """
    from crawlight.domains.durations import rule, seconds

    given = {
        "freshness_seconds": None if freshness is None else seconds(freshness),
        "path_rules": None if rules is None else tuple(map(rule, filter(None, rules))),
        "ignored_parameters": _texts(ignored),
        "blocked_paths": _texts(blocked),
        "language": language,
        "identity_policy": identity,
        "allowed_networks": _texts(allowed),
        "private_pages": private_pages,
        "revalidation": revalidation,
        "render_within_seconds": None if render_within is None else seconds(render_within),
        "content_security_policy": content_security_policy,
        "robots_header": robots_header,
        "origin_host": origin_host,
        "origin_certificate": origin_certificate,
        "front": None if front is None else front == "on",
    }
    changes = {name: chosen for name, chosen in given.items() if chosen is not None}
    if rehearsed is not None:
        from crawlight.domains.rehearsal import of_blocked

        if changes.keys() != {"blocked_paths"} or origin is not None:
            raise UserError("only --block can be rehearsed")
        rehearse(context_of(ctx), host, rehearsed, of_blocked(_texts(blocked) or ()))
        return
    if not changes and origin is None:
        raise UserError("nothing to set; `crawlight domain set --help` lists what there is")

    async def work(database: "Database", _: "Settings") -> Shown:
        from crawlight.domains import fronting, registry
        from crawlight.domains.settings import change_settings

        domain = await registry.find_domain(database, host)
        at = await _origin(database, domain, origin, changes)
        settings = await change_settings(database, domain.id, **changes)
        if at != domain.origin and at is not None:
            await fronting.set_origin(database, domain.id, at)
        return Shown(domain.host, at, settings)

    shown = context_of(ctx).run(work)
    _say(context_of(ctx), shown)
    if content_security_policy:
        from crawlight.domains.content_policy import ignored as ignored_in

        for text in ignored_in(shown.settings.content_security_policy):
            typer.echo(f"crawlight: {text}", err=True)


async def _origin(
    database: "Database", domain: "Domain", origin: str | None, changes: dict[str, Any]
) -> str | None:
    """Where the domain is to be fetched, checked before anything is changed. Raises UserError."""
    from crawlight.domains.fronting import checked_origin
    from crawlight.domains.hosts import domain_origin
    from crawlight.domains.settings import read_settings

    before = await read_settings(database, domain.id)
    if changes.get("front", before.front):
        if not before.front:
            changes.setdefault("origin_host", "origin")
        return await checked_origin(database, domain, origin)
    return domain.origin if origin is None else domain_origin(origin)


def show(ctx: typer.Context, host: Host) -> None:
    """Show the settings of a domain."""

    async def work(database: "Database", _: "Settings") -> Shown:
        from crawlight.domains import registry
        from crawlight.domains.settings import read_settings

        domain = await registry.find_domain(database, host)
        return Shown(domain.host, domain.origin, await read_settings(database, domain.id))

    _say(context_of(ctx), context_of(ctx).run(work))


def _texts(given: list[str] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(filter(None, given))


def _say(context: Context, shown: Shown) -> None:
    from crawlight.domains.durations import written, written_rule

    settings = shown.settings
    rows = {
        "freshness": [written(settings.freshness_seconds)],
        "rule": [written_rule(one) for one in settings.path_rules],
        "ignore": settings.ignored_parameters,
        "block": settings.blocked_paths,
        "language": [settings.language] if settings.language else [],
        "identity": [settings.identity_policy],
        "allow": settings.allowed_networks,
        "private-pages": [settings.private_pages],
        "front": ["on" if settings.front else "off"],
        "revalidation": [settings.revalidation],
        "render-within": [written(settings.render_within_seconds)],
        "csp": [settings.content_security_policy] if settings.content_security_policy else [],
        "robots-header": [settings.robots_header],
    }
    if shown.origin:
        rows |= {
            "origin": [shown.origin],
            "origin-host": [settings.origin_host],
            "origin-certificate": [settings.origin_certificate],
        }
    width = max(map(len, rows)) + 1
    lines = [f"{name:<{width}}{text}" for name, texts in rows.items() for text in texts or ["-"]]
    context.say("\n".join([shown.host, *lines]), shown)
