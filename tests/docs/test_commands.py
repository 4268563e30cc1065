"""Commands in the docs can be called as they stand there, and every command is in the docs."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

import pytest
import typer

from crawlight.cli.main import COMMANDS, app
from tests.docs.pages import FOR_USERS, commands, rows, text, words

CALLS = sorted({(page.name, *call) for page in FOR_USERS for call in commands(page.read_text("utf-8"))})


@cache
def command(name: str) -> Any:
    module, _, attribute = COMMANDS[name][0].partition(":")
    return typer.main.get_command(getattr(import_module(f"crawlight.cli.{module}"), attribute or "app"))


def options_of(one: Any) -> set[str]:
    return {name for parameter in one.params for name in (*parameter.opts, *parameter.secondary_opts)}


def leaf(words: list[str]) -> tuple[Any, list[str]]:
    """The command that words lead to, and its name."""
    found, path = command(words[0]), [words[0]]
    for word in words[1:]:
        inner = getattr(found, "commands", {})
        if not inner:
            break
        if word not in inner:
            assert not word.islower() or word.startswith("-"), f"there is no {' '.join([*path, word])}"
            break
        found, path = inner[word], [*path, word]
    return found, path


def global_options() -> set[str]:
    return options_of(typer.main.get_command(app)) | {"--help"}


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_a_call_in_the_docs_is_one_that_can_be_made(call: tuple[str, ...]) -> None:
    words = [word.strip("[]…") for word in call[2:]]
    while words and words[0].startswith("-"):  # options before the command, and their values
        assert words[0].partition("=")[0] in global_options()
        words = words[2:] if words[0] == "--data" else words[1:]
    if not words or not words[0].islower():
        return
    assert words[0] in COMMANDS, f"there is no command {words[0]}"
    found, path = leaf(words)
    given = {word.partition("=")[0] for word in words if word.startswith("--") and len(word) > 2}
    assert given <= options_of(found) | global_options(), path


def leaves() -> Iterator[tuple[str, Any]]:
    """All commands, each with those it leads to."""
    for name in COMMANDS:
        inner = getattr(command(name), "commands", {})
        yield from ((f"{name} {one}", its) for one, its in inner.items())
        if not inner:
            yield name, command(name)


def test_the_list_has_every_command_and_its_help() -> None:
    told = {words(row[0])[0]: row[1] for row in rows(text("docs/commands.md"), "command")}
    without_arguments = {
        " ".join(word for word in call.split() if word.islower()): its for call, its in told.items()
    }
    assert without_arguments == {f"crawlight {name}": one.get_short_help_str(300) for name, one in leaves()}
