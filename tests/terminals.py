"""A terminal with a program on the other end."""

import fcntl
import os
import re
import selectors
import subprocess
import termios
import time
from collections.abc import Callable

import psutil


class Terminal:
    """The person's end of a terminal at which ``crawlight serve`` was started."""

    def __init__(self, person: int, process: "subprocess.Popen[str]") -> None:
        self.shown = ""
        self.process = process
        self._person = person
        self._read = 0

    def expect(self, pattern: str) -> re.Match[str]:
        """Read on until what was shown since the last match fits."""
        while not (found := re.compile(pattern).search(self.shown, self._read)):
            assert self._there(), f"{pattern} did not come after {self.shown}"
            self.shown += os.read(self._person, 4096).decode()
        self._read = found.end()
        return found

    def _there(self) -> bool:
        """Wait for something to read; False if nothing comes."""
        with selectors.DefaultSelector() as selector:  # select(2) knows no descriptor above 1023.
            selector.register(self._person, selectors.EVENT_READ)
            return bool(selector.select(120))

    def type(self, line: str) -> None:
        os.write(self._person, f"{line}\n".encode())

    def type_hidden(self, line: str) -> None:
        """Type once the terminal shows nothing of it: what comes before that is thrown away."""
        until = time.monotonic() + 60
        while termios.tcgetattr(self._person)[3] & termios.ECHO:
            assert time.monotonic() < until, "what is typed is shown"
            time.sleep(0.01)
        self.type(line)

    def press(self, key: str) -> None:
        """Press a key once the program waits for one: a signal just before it does is noticed at the next key only."""
        until = time.monotonic() + 60
        while psutil.Process(self.process.pid).status() != psutil.STATUS_SLEEPING:
            assert time.monotonic() < until, "the program waits for no key"
            time.sleep(0.01)
        os.write(self._person, key.encode())


def own_terminal(program: int) -> Callable[[], None]:
    """Make the terminal the one of a session of its own, so that its Ctrl-C reaches the command."""

    def leads() -> None:
        os.setsid()
        fcntl.ioctl(program, termios.TIOCSCTTY, 0)

    return leads
