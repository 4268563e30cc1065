"""``crawlight classify`` and ``crawlight bots``: name crawlers, list the catalogue, explain a verdict."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import msgspec
import typer
from rich import box
from rich.console import Console
from rich.table import Table

from crawlight.bots.catalogue import Agent, load
from crawlight.bots.matcher import classify as classify_user_agent
from crawlight.bots.visitors import is_chain
from crawlight.cli.context import context_of
from crawlight.errors import UserError
from crawlight.kit.disk import for_whom
from crawlight.settings import Settings

app = typer.Typer(help="Explain how a visitor is identified.", add_completion=False)
classify_app = typer.Typer(add_completion=False)

_JSON_MEMBERS = ("key", "agent", "category", "operator")

_PIPE_WIDTH = 10_000
"""Characters: a pipe has no width, and nothing may be cut to fit one."""


@classify_app.command()
def classify(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="User agents, one per line; standard input if absent or -.")
    ] = None,
) -> None:
    """Name the crawler of each user agent: bot key, agent and category, tab-separated, - for none.

    With --json, one object per line, which names the operator too.
    """
    line = _json_line if context_of(ctx).json else _tab_line
    with contextlib.suppress(BrokenPipeError):
        with _opened(file) as source:
            for text in _lines(source):
                sys.stdout.buffer.write(line(classify_user_agent(text)))
        sys.stdout.buffer.flush()
        return
    # The reader has gone; the interpreter's own flush at exit must not fail on the same pipe.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@app.callback(invoke_without_command=True)
def bots(ctx: typer.Context) -> None:
    """List the catalogue."""
    if ctx.invoked_subcommand:
        return
    if context_of(ctx).json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(load().agent), indent=2).decode() + "\n")
    else:
        console = Console(highlight=False)
        if not console.is_terminal:
            console.width = _PIPE_WIDTH
        console.print(_table(load().agent))


@app.command()
def check(
    ctx: typer.Context,
    user_agent: Annotated[str, typer.Argument(help="The user agent.")],
    ip: Annotated[
        str, typer.Option("--ip", help="The visitor's address, or a list as in X-Forwarded-For.")
    ] = "",
    dns: Annotated[
        bool, typer.Option("--dns/--no-dns", help="Ask reverse DNS where lists do not decide.")
    ] = True,
) -> None:
    """Explain step by step who a visitor is."""
    if ip and not is_chain(ip):
        raise typer.BadParameter(f"{ip!r} is no IP address", param_hint="--ip")
    explanation = asyncio.run(_explain(user_agent, ip, context_of(ctx).settings(), dns))
    if context_of(ctx).json:
        sys.stdout.write(msgspec.json.encode(explanation).decode() + "\n")
        return
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for number, step in enumerate(explanation.steps, 1):
        console.print(f"{number}. {step.looked_at}: {_printable(step.found)}")


async def _explain(user_agent: str, ip: str, settings: Settings, dns: bool) -> Any:
    # Both load slowly and are needed here only.
    from crawlight.bots.explain import explain
    from crawlight.kit.clock import now
    from crawlight.runtime.identity import identity_of

    return await explain(user_agent, ip, now().timestamp(), identity_of(settings, dns=dns))


@contextlib.contextmanager
def _opened(file: Path | None) -> Iterator[BinaryIO]:
    if file is None or str(file) == "-":
        yield sys.stdin.buffer
        return
    try:
        source = file.open("rb")
    except OSError as error:
        raise UserError(f"cannot read {file}: {error.strerror}{for_whom(error)}") from None
    with source:
        yield source


def _lines(source: Iterable[bytes]) -> Iterator[str]:
    for line in source:
        yield line.rstrip(b"\r\n").decode("utf-8", "replace")


def _tab_line(agent: Agent | None) -> bytes:
    if agent is None:
        return b"-\t-\t-\n"
    return f"{agent.key or '-'}\t{agent.name}\t{agent.category}\n".encode()


def _json_line(agent: Agent | None) -> bytes:
    known = (agent.key, agent.name, agent.category, agent.operator or None) if agent else (None,) * 4
    return msgspec.json.encode(dict(zip(_JSON_MEMBERS, known, strict=True))) + b"\n"


def _table(agents: Iterable[Agent]) -> Table:
    table = Table("agent", "key", "category", "operator", "verified by", "robots.txt", box=box.SIMPLE_HEAD)
    for agent in agents:
        table.add_row(
            agent.name,
            agent.key or "-",
            agent.category,
            agent.operator or "-",
            agent.verification,
            agent.robots or "-",
        )
    return table


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text)
