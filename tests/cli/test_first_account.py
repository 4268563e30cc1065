"""Who starts the first server at a terminal is asked for the first account; a real terminal is on the other end."""

import os
import pty
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.processes import Crawlight
from tests.terminals import Terminal, own_terminal

PASSWORD = "a long enough password"


@contextmanager
def serving(crawlight: Crawlight) -> Iterator[Terminal]:
    person, program = pty.openpty()
    streams = {"stdin": program, "stdout": subprocess.DEVNULL, "stderr": program}
    with crawlight.start("serve", "--port", "0", preexec_fn=own_terminal(program), **streams) as process:
        os.close(program)
        try:
            yield Terminal(person, process)
        finally:
            process.terminate()
            os.close(person)


def test_it_is_asked_for_until_it_can_be_made(tmp_path: Path) -> None:
    crawlight = Crawlight(tmp_path / "data")
    with serving(crawlight) as terminal:
        terminal.expect("no account yet")
        terminal.expect("E-mail address")
        terminal.type("me")
        terminal.expect("'me' is no e-mail address; try again")
        terminal.expect("E-mail address")
        terminal.type("me@example.org")
        terminal.expect("Password")
        terminal.type_hidden("short")
        terminal.expect("12 to 1024 characters; try again")
        terminal.expect("Password")
        terminal.type_hidden(PASSWORD)
        terminal.expect("Repeat the password")
        terminal.type_hidden(PASSWORD)
        terminal.expect("Account me@example.org created")
        terminal.expect("listens on http")
        assert PASSWORD not in terminal.shown
        assert "me@example.org" in crawlight.run("user", "list")
    with serving(crawlight) as terminal:
        terminal.expect("listens on http")
        assert "account" not in terminal.shown


def test_who_names_none_gets_a_link(tmp_path: Path) -> None:
    with serving(Crawlight(tmp_path / "data")) as terminal:
        terminal.expect("E-mail address")
        terminal.type("")
        terminal.expect("/setup/")


@pytest.mark.parametrize("question", ["E-mail address", "Password", "Repeat the password"])
def test_ctrl_c_ends_it_at_every_question(tmp_path: Path, question: str) -> None:
    with serving(Crawlight(tmp_path / "data")) as terminal:
        terminal.expect("E-mail address")
        if question != "E-mail address":
            terminal.type("me@example.org")
            terminal.expect("Password")
        if question == "Repeat the password":
            terminal.type_hidden(PASSWORD)
            terminal.expect("Repeat the password")
        terminal.press("\x03")
        terminal.expect("Aborted")
        assert terminal.process.wait(60) == 1
        assert "Traceback" not in terminal.shown


@pytest.mark.parametrize("settings", [{"FIRST_EMAIL": "me@example.org", "FIRST_PASSWORD": PASSWORD}])
def test_settings_answer_for_the_person(tmp_path: Path, settings: dict[str, str]) -> None:
    with serving(Crawlight(tmp_path / "data", **settings)) as terminal:
        terminal.expect("listens on http")
        assert "E-mail" not in terminal.shown
