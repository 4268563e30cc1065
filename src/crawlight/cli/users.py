"""``crawlight user``: accounts of people."""

import sys
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from crawlight.accounts.addresses import normal_email
from crawlight.accounts.listing import ListedAccount, all_accounts
from crawlight.cli.context import context_of

if TYPE_CHECKING:
    from crawlight.database.engine import Database
    from crawlight.database.tables import Account
    from crawlight.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False)

_MOST: Final = 2**31 - 1
"""What the database's columns hold."""

Email = Annotated[str, typer.Argument(help="E-mail address, in upper or lower case.")]


def Own(what: str) -> Any:  # noqa: N802 - stands where a class would
    """An option for a limit of the account's own."""
    return typer.Option(min=-1, max=_MOST, help=f"{what}; -1 for the plan's.")


@app.callback()
def group() -> None:
    """Manage accounts."""


@app.command()
def add(
    ctx: typer.Context,
    email: Email,
    plan: Annotated[
        str | None, typer.Option(help="Plan of the settings; the first one if not given.")
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read a password from the first line of stdin.")
    ] = False,
) -> None:
    """Create an account. Without a password it can have API keys, but nobody can sign in until `user reset`."""
    password = _password() if password_stdin else None

    async def work(database: "Database", settings: "Settings") -> "Account":
        from crawlight.accounts import people

        return await people.create_account(database, settings.plans, email, plan=plan, password=password)

    account = context_of(ctx).run(work, existing=False)
    context_of(ctx).say(f"Added {account.email} on plan {account.plan}.", _listed(account))


@app.command("list")
def list_users(ctx: typer.Context) -> None:
    """List all accounts."""
    listed = all_accounts(context_of(ctx).settings(existing=True).database_url)
    context_of(ctx).emit(listed, "email", "plan", "password", "created_at", "uuid")


@app.command("set")
def change(
    ctx: typer.Context,
    email: Email,
    plan: Annotated[str | None, typer.Option(help="Plan of the settings.")] = None,
    api_keys: Annotated[int | None, Own("API keys that may be valid at a time")] = None,
    calls_per_month: Annotated[int | None, Own("Calls of the API in a month")] = None,
    calls_per_minute: Annotated[int | None, Own("Calls of the API in a minute")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read a new password from the first line of stdin.")
    ] = False,
) -> None:
    """Change an account: its plan, its own limits, or its password."""
    own = {"api_keys": api_keys, "calls_per_month": calls_per_month, "calls_per_minute": calls_per_minute}
    changes: dict[str, object] = {
        name: None if value < 0 else value for name, value in own.items() if value is not None
    }
    if plan is not None:
        changes["plan"] = plan
    password = _password() if password_stdin else None
    if not changes and password is None:
        raise typer.BadParameter("say what to change; --help lists it")

    async def work(database: "Database", settings: "Settings") -> "Account":
        from crawlight.accounts import people
        from crawlight.accounts.plans import plan_named
        from crawlight.accounts.sessions import end_sessions

        if plan is not None:
            plan_named(plan, settings.plans)
        if password is not None:
            await people.set_password(database, email, password)
            account = await people.find_account(database, email)
            await end_sessions(database, account.id)
        return await people.change_account(database, email, changes)

    account = context_of(ctx).run(work)
    context_of(ctx).say(f"Changed {account.email}, on plan {account.plan}.", _listed(account))


@app.command()
def remove(ctx: typer.Context, email: Email) -> None:
    """Remove an account with its keys. It must not own any domains."""

    async def work(database: "Database", _: "Settings") -> None:
        from crawlight.accounts import people

        await people.remove_account(database, email)

    context_of(ctx).run(work)
    context_of(ctx).say(f"Removed {normal_email(email)}.", {"email": normal_email(email)})


@app.command()
def reset(ctx: typer.Context, email: Email) -> None:
    """Print a link that sets the account's password, once, within a day."""

    async def work(database: "Database", settings: "Settings") -> tuple[str, bool]:
        from crawlight.accounts import people
        from crawlight.accounts.links import OPERATOR_RESET_LASTS, make_link

        account = await people.find_account(database, email)
        token = await make_link(database, "reset", OPERATOR_RESET_LASTS, account_id=account.id)
        return f"{settings.people_url}/reset/{token}", bool(settings.public_url)

    link, public = context_of(ctx).run(work)
    context_of(ctx).say(link, {"email": normal_email(email), "link": link})
    typer.echo("Whoever opens this link sets the password; it works once, within a day.", err=True)
    if not public:
        typer.echo("Is the server reached under another address? CRAWLIGHT_PUBLIC_URL says which.", err=True)


def _password() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _listed(account: "Account") -> ListedAccount:
    return ListedAccount(
        email=account.email,
        uuid=account.uuid,
        plan=account.plan,
        password=account.password_hash is not None,
        created_at=account.created_at,
    )
