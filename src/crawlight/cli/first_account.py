"""Asks whoever starts the first server at a terminal for the first account."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

from crawlight.accounts.people import MIN_PASSWORD, create_account, fit_password, largest, normal_email
from crawlight.accounts.plans import Plans
from crawlight.database.engine import Database
from crawlight.errors import UserError


def can_ask() -> bool:
    """Say whether somebody sits at a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


async def ask_for_first_account(database: Database, plans: Plans) -> bool:
    """Ask until an account is made, and answer True; False where no address is given. Ctrl-C ends the command."""
    typer.echo(
        "There is no account yet. Create the first one here, or press Enter to create it in the browser.",
        err=True,
    )
    with _interruptible():
        email, password = _ask()
    if not email:
        return False
    account = await create_account(database, plans, email, plan=largest(plans), password=password)
    typer.echo(f"Account {account.email} created, on plan {account.plan}.", err=True)
    return True


def _ask() -> tuple[str, str]:
    """An address and a password that will do, or two empty texts."""
    email = asked("E-mail address", normal_email, default="", show_default=False)
    return (email, asked_password(f"Password, {MIN_PASSWORD} characters or more")) if email else ("", "")


def asked_password(question: str, **options: Any) -> str:
    """A password that was typed twice; empty where nothing is typed, and that is allowed by a default."""
    while password := asked(question, fit_password, hide_input=True, **options):
        if typer.prompt("Repeat the password", hide_input=True, err=True) == password:
            return password
        typer.echo("the passwords differ; try again", err=True)
    return ""


def asked(question: str, check: Callable[[str], str], **options: Any) -> str:
    """What is typed, as ``check`` answers it; it is asked for again where that raises a UserError."""
    while given := typer.prompt(question, err=True, **options):
        try:
            return check(given)
        except UserError as error:
            typer.echo(f"{error.at_terminal()}; try again", err=True)
    return ""


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C end a question: the event loop would wait for the answer before it takes notice."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
