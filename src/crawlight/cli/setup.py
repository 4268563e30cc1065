"""``crawlight setup``: makes this machine serve, as a service that starts with it."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import typer

from crawlight.accounts.people import MIN_PASSWORD, fit_password, largest, normal_email
from crawlight.cli.context import context_of
from crawlight.cli.first_account import asked, asked_password
from crawlight.domains.hosts import domain_origin, new_domain_host
from crawlight.errors import UserError
from crawlight.settings import Settings, load_settings
from crawlight.setup import machine, work
from crawlight.setup.answers import DATA, Answers, check_ours, fit_data
from crawlight.setup.files import settings_before
from crawlight.setup.left import what_is_left

app = typer.Typer(add_completion=False)

_QUESTIONS: Final[dict[str, tuple[str, Callable[[str], str]]]] = {
    "email": ("E-mail address of the first account", normal_email),
    "password": (
        f"Its password, {MIN_PASSWORD} characters or more (Enter: a link will set it)",
        fit_password,
    ),
    "name": (
        "This server's name, such as crawlight.example.com (Enter: none, reached by SSH)",
        new_domain_host,
    ),
    "site": ("The site to prerender, such as example.com (Enter: none yet)", new_domain_host),
    "origin": (
        "Where that site itself is, such as https://my-app.example.net (Enter: visitors do not come through here)",
        domain_origin,
    ),
}


@app.command()
def setup(
    ctx: typer.Context,
    email: Annotated[str | None, typer.Option(help="E-mail address of the first account.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read its password from the first line of stdin.")
    ] = False,
    name: Annotated[
        str | None, typer.Option(help="This server's own name, for dashboard and API; none if not given.")
    ] = None,
    site: Annotated[
        str | None, typer.Option(metavar="HOST", help="The site to prerender; none if not given.")
    ] = None,
    origin: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Where that site itself is, if its DNS will point here; none if not given."
        ),
    ] = None,
    front: Annotated[
        bool, typer.Option("--front/--no-front", help="Whether to run Caddy on ports 80 and 443.")
    ] = True,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; leave out what is not given.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Remove the services, units and command.")] = False,
    remove_data: Annotated[
        bool, typer.Option("--remove-data", help="With --undo: also remove the data directory and the user.")
    ] = False,
) -> None:
    """Set up this Debian or Ubuntu machine as a server: packages, user, settings, systemd units, account, Caddy."""
    data = fit_data(context_of(ctx).data_dir or DATA)
    if remove_data or not undo:
        check_ours(data)
    machine.system()
    if undo:
        _undo(data, remove_data, yes)
        return
    if remove_data:
        raise typer.BadParameter("--remove-data belongs to --undo")
    if not yes and not sys.stdin.isatty():
        raise UserError("there is no terminal to ask at: give --yes and the answers as options")
    settings_before(data / "crawlight.toml")
    settings = load_settings(data_dir=data, front=front)
    work.check_ports(front, settings.port)
    work.take_over(data, _say)
    given = {
        "email": email,
        "password": _password(password_stdin),
        "name": name,
        "site": site,
        "origin": origin,
    }
    answers = _answers(given, work.accounts(data), settings, ask=not yes)
    links = work.set_up(answers, data, settings.port, _say)
    left = what_is_left(answers, settings.port, links, started=machine.has_systemd())
    text = "\n".join(["What is left:", *(f" {number}. {line}" for number, line in enumerate(left, 1))])
    context_of(ctx).say(text, {"data": str(data), "left": left, "links": links})


def _answers(given: dict[str, str | None], known: list[str], settings: Settings, *, ask: bool) -> Answers:
    """What was given, and what is asked for beside that. Raises UserError where it does not fit."""
    said: dict[str, Any] = {"front": settings.front, "plan": largest(settings.plans)}
    if known and given["email"] is None:
        _say(f"Accounts are there already: {', '.join(known)}")
        said |= {"email": known[0], "password": ""}
    if settings.public_url and given["name"] is None:
        said["name"] = urlsplit(settings.public_url).hostname
    for question, (_, check) in _QUESTIONS.items():
        if question not in said:
            said[question] = _answer(question, given[question], check, ask and _applies(question, said))
    if not said["email"]:
        raise UserError("say whose the first account is: --email you@example.org")
    answers = Answers(**said)
    answers.check()
    return answers


def _applies(question: str, said: dict[str, Any]) -> bool:
    """Whether a question is one, after the answers before it."""
    needs = {"password": ("email",), "site": ("email",), "origin": ("front", "site")}
    return all(said[one] for one in needs.get(question, ()))


def _answer(question: str, given: str | None, check: Callable[[str], str], ask: bool) -> str:
    if given is not None or not ask:
        return check(given) if given else ""
    text, maybe = _QUESTIONS[question][0], {"default": "", "show_default": False}
    return asked_password(text, **maybe) if question == "password" else asked(text, check, **maybe)


def _password(from_stdin: bool) -> str | None:
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else None


def _undo(data: Path, remove_data: bool, yes: bool) -> None:
    what = f"services, units and command{f', AND ALL DATA in {data}' if remove_data else ''}"
    if not yes and not sys.stdin.isatty():
        raise UserError("there is no terminal to ask at: say --yes, too")
    if not yes and not typer.confirm(f"Remove {what}?", err=True):
        raise typer.Abort
    work.take_back(data, with_data=remove_data, say=_say)
    _say(
        "Packages stay; `apt autoremove caddy chromium-headless-shell` removes them where nothing else needs them"
    )


def _say(line: str) -> None:
    typer.echo(line, err=True)
