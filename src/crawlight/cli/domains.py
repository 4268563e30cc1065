"""``crawlight domain``: sites, and who may see them."""

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import typer

from crawlight.cli import domain_agents, domain_settings
from crawlight.cli.context import context_of
from crawlight.domains.listing import ListedDomain, all_domains

if TYPE_CHECKING:
    from crawlight.database.engine import Database
    from crawlight.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.command("set", no_args_is_help=True)(domain_settings.change)
app.command("show")(domain_settings.show)
app.command("agents")(domain_agents.agents)

Host = Annotated[str, typer.Argument(help="Host name, with or without www.")]


class Row(msgspec.Struct, frozen=True):
    """One line of the table of domains."""

    host: str
    origin: str | None
    owner: str
    shared_with: str


@app.callback()
def group() -> None:
    """Manage domains and who can see them."""


@app.command()
def add(
    ctx: typer.Context,
    host: Host,
    owner: Annotated[str, typer.Option(metavar="EMAIL", help="The account that owns it.")],
    origin: Annotated[
        str | None, typer.Option(metavar="URL", help="Where to fetch the site from, if not https://HOST.")
    ] = None,
) -> None:
    """Add a domain. It needs no proof of control, because you run this server."""

    async def work(database: "Database", _: "Settings") -> ListedDomain:
        from crawlight.domains import registry

        domain = await registry.add_domain(database, host, owner, origin=origin)
        return await registry.describe_domain(database, domain)

    domain = context_of(ctx).run(work)
    context_of(ctx).say(f"Added {domain.host}, owned by {domain.members[0].email}.", domain)


@app.command()
def share(
    ctx: typer.Context,
    host: Host,
    email: Annotated[str, typer.Option("--with", metavar="EMAIL", help="The account that gets access.")],
    role: Annotated[Literal["manager", "viewer"], typer.Option(help="A manager changes, a viewer reads.")],
) -> None:
    """Let another account see a domain, or change its role."""

    async def work(database: "Database", _: "Settings") -> ListedDomain:
        from crawlight.domains import registry

        domain = await registry.share_domain(database, host, email, role)
        return await registry.describe_domain(database, domain)

    domain = context_of(ctx).run(work)
    context_of(ctx).say(f"{email} is now {role} of {domain.host}.", domain)


@app.command()
def unshare(
    ctx: typer.Context,
    host: Host,
    email: Annotated[str, typer.Option("--with", metavar="EMAIL", help="The account that loses access.")],
) -> None:
    """Stop sharing a domain with an account."""

    async def work(database: "Database", _: "Settings") -> ListedDomain:
        from crawlight.domains import registry

        domain = await registry.unshare_domain(database, host, email)
        return await registry.describe_domain(database, domain)

    domain = context_of(ctx).run(work)
    context_of(ctx).say(f"{email} no longer sees {domain.host}.", domain)


@app.command()
def verify(
    ctx: typer.Context,
    host: Host,
    owner: Annotated[str, typer.Option(metavar="EMAIL", help="The account that added it in the dashboard.")],
) -> None:
    """Accept that a domain belongs to an account, without looking for a DNS record, file or tag."""

    async def work(database: "Database", _: "Settings") -> ListedDomain:
        from crawlight.domains import registry

        domain = await registry.verify_domain(database, host, owner)
        return await registry.describe_domain(database, domain)

    domain = context_of(ctx).run(work)
    context_of(ctx).say(f"{domain.host} is verified for {owner}.", domain)


@app.command()
def remove(
    ctx: typer.Context,
    host: Host,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a domain with its pages and settings; nobody sees its numbers any more."""
    if not yes:
        typer.confirm(f"Remove {host} for everybody?", abort=True, err=True)

    async def work(database: "Database", _: "Settings") -> str:
        from crawlight.domains import registry

        return await registry.remove_domain(database, host)

    name = context_of(ctx).run(work)
    context_of(ctx).say(f"Removed {name}.", {"host": name})


@app.command()
def keep(
    ctx: typer.Context,
    host: Host,
    days: Annotated[int | None, typer.Option(help="Days that single crawls are kept.")] = None,
    months: Annotated[
        int | None, typer.Option(help="Months that daily and monthly numbers are kept.")
    ] = None,
) -> None:
    """Set how long a domain's records are kept. Without an option, the server's setting applies."""

    async def work(database: "Database", _: "Settings") -> str:
        from crawlight.domains import registry

        return (await registry.set_retention(database, host, days, months)).host

    name = context_of(ctx).run(work)
    told = [f"crawls {days} days" if days else "", f"numbers {months} months" if months else ""]
    said = " and ".join(filter(None, told)) or "everything as the settings say"
    context_of(ctx).say(f"{name} keeps {said}.", {"host": name, "days": days, "months": months})


@app.command("list")
def list_domains(ctx: typer.Context) -> None:
    """List all domains."""
    context = context_of(ctx)
    domains = all_domains(context.settings(existing=True).database_url)
    if context.json:
        context.emit(domains)
    else:
        context.emit([_row(domain) for domain in domains], "host", "origin", "owner", "shared_with")


def _row(domain: ListedDomain) -> Row:
    owners = [member.email for member in domain.members if member.role == "owner"]
    others = [f"{member.email} ({member.role})" for member in domain.members if member.role != "owner"]
    return Row(domain.host, domain.origin, ", ".join(owners), ", ".join(others))
