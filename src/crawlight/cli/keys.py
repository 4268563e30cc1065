"""``crawlight key``: API keys."""

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from crawlight.accounts.listing import ListedKey, all_keys
from crawlight.cli.context import context_of

if TYPE_CHECKING:
    from crawlight.database.engine import Database
    from crawlight.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False)


class NewKey(msgspec.Struct, frozen=True):
    """A key that was just made, the only time that it is shown."""

    key: str
    name: str
    email: str


@app.callback()
def group() -> None:
    """API keys."""


@app.command()
def create(
    ctx: typer.Context,
    user: Annotated[str, typer.Option(metavar="EMAIL", help="The account that it is for.")],
    name: Annotated[str, typer.Option(help="What people call it.")],
) -> None:
    """Make a key and print it, this one time."""

    async def work(database: "Database", settings: "Settings") -> NewKey:
        from crawlight.accounts import keys, people

        account = await people.find_account(database, user)
        key = await keys.create_key(database, settings.plans, account.id, name)
        return NewKey(key, name, account.email)

    made = context_of(ctx).run(work)
    context_of(ctx).say(made.key, made)
    typer.echo("Keep this key now: it is stored as a hash only and cannot be shown again.", err=True)


@app.command("list")
def list_keys(
    ctx: typer.Context,
    user: Annotated[str | None, typer.Option(metavar="EMAIL", help="Only those of this account.")] = None,
) -> None:
    """List keys, revoked ones too."""
    columns = ("prefix", "name", "email", "created_at", "last_used_at", "revoked_at")
    listed = all_keys(context_of(ctx).settings(existing=True).database_url, user)
    context_of(ctx).emit(listed, *columns)


@app.command()
def revoke(
    ctx: typer.Context,
    prefix: Annotated[str, typer.Argument(help="The prefix that `key list` shows, or the whole key.")],
) -> None:
    """Revoke a key for good."""

    async def work(database: "Database", _: "Settings") -> ListedKey:
        from crawlight.accounts import keys

        return await keys.revoke_key(database, prefix)

    key = context_of(ctx).run(work)
    context_of(ctx).say(f"Revoked {key.prefix} ({key.name}) of {key.email}.", key)
