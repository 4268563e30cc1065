"""Asks whoever starts the first server at a terminal for the first account."""

import sys

import typer

from crawlight.accounts.people import MIN_PASSWORD, create_account, largest
from crawlight.accounts.plans import Plans
from crawlight.database.engine import Database
from crawlight.errors import UserError


def can_ask() -> bool:
    """Say whether somebody sits at a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


async def ask_for_first_account(database: Database, plans: Plans) -> bool:
    """Ask until an account is made, and answer True; False where no address is given."""
    typer.echo(
        "There is no account yet. Name the first one, or press Enter to make it in the browser.", err=True
    )
    while email := typer.prompt("E-mail address", default="", show_default=False, err=True):
        password = typer.prompt(
            f"Password, {MIN_PASSWORD} characters or more",
            hide_input=True,
            confirmation_prompt="The same again",
            err=True,
        )
        try:
            account = await create_account(database, plans, email, plan=largest(plans), password=password)
        except UserError as error:
            typer.echo(f"{error}; try again", err=True)
        else:
            typer.echo(f"Account {account.email} is made, on plan {account.plan}.", err=True)
            return True
    return False
