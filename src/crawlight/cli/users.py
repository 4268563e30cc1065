"""``crawlight user``: accounts of people."""

import sys
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
import typer

from crawlight.accounts import people
from crawlight.cli.context import context_of
from crawlight.database.engine import Database
from crawlight.database.tables import Account
from crawlight.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False)


class ListedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """One account as the operator sees it."""

    email: str
    uuid: UUID
    plan: str
    password: bool
    created_at: datetime


@app.callback()
def group() -> None:
    """Accounts of people."""


@app.command()
def add(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(help="E-mail address; its case does not count.")],
    plan: Annotated[
        str | None, typer.Option(help="Plan of the settings; the first one if not given.")
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read a password from the first line of stdin.")
    ] = False,
) -> None:
    """Make an account. Without a password it has API keys, but nobody can sign in to it."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None

    async def work(database: Database, settings: Settings) -> Account:
        return await people.create_account(database, settings.plans, email, plan=plan, password=password)

    account = context_of(ctx).run(work, existing=False)
    context_of(ctx).say(f"Added {account.email} on plan {account.plan}.", _listed(account))


@app.command("list")
def list_users(ctx: typer.Context) -> None:
    """List all accounts."""

    async def work(database: Database, _: Settings) -> list[ListedAccount]:
        return [_listed(account) for account in await people.list_accounts(database)]

    context_of(ctx).emit(context_of(ctx).run(work), "email", "plan", "password", "created_at", "uuid")


def _listed(account: Account) -> ListedAccount:
    return ListedAccount(
        email=account.email,
        uuid=account.uuid,
        plan=account.plan,
        password=account.password_hash is not None,
        created_at=account.created_at,
    )
