"""Files that go on growing: which of them have something new, over rotation, truncation and a new start."""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

LEAVING_SECONDS: Final = 60.0
"""How long a rotated file is looked at: its server writes to it until it opens the new one."""

State = tuple[int, int, int, int]
"""Device, inode, size and time of the last change: what differs where there is something new."""


class _Held(msgspec.Struct):
    """An open file. What becomes of its name does not matter to it."""

    name: str
    file: BinaryIO
    seen: State | None = None
    until: float = float("inf")

    @property
    def path(self) -> str:
        """The way to the file, whatever its name is by now."""
        return f"/proc/self/fd/{self.file.fileno()}"

    def state(self) -> State:
        """The file as it is now."""
        found = os.fstat(self.file.fileno())
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


class Following:
    """Looks at the files that ``files`` names, each time anew. How far each was read, the ledger knows."""

    def __init__(
        self, files: Callable[[], Iterable[str]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._files = files
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self._leaving: list[_Held] = []

    def changed(self) -> dict[str, str]:
        """Paths of what has changed since it was looked at the last time, oldest first, and their names."""
        for name in self._files():
            self._hold(name)
        self._let_go()
        changed = {}
        for held in [*self._leaving, *self._held.values()]:
            if (state := held.state()) != held.seen and state[2]:
                held.seen = state
                changed[held.path] = held.name
        return changed

    def again(self, paths: Iterable[str]) -> None:
        """Take files as not looked at: they could not be read."""
        for held in [*self._leaving, *self._held.values()]:
            if held.path in paths:
                held.seen = None

    def close(self) -> None:
        """Close all files."""
        for held in [*self._leaving, *self._held.values()]:
            held.file.close()
        self._leaving, self._held = [], {}

    def _hold(self, name: str) -> None:
        """Open a file that is new under its name; the one that was there before is leaving."""
        try:
            file = Path(name).open("rb")  # noqa: SIM115 - held as long as it is followed
        except OSError:
            return  # It is not there yet, or no more.
        new, old = _Held(name, file), self._held.get(name)
        if old is not None:
            if old.state()[:2] == new.state()[:2]:
                file.close()
                return
            old.until = self._clock() + LEAVING_SECONDS
            self._leaving.append(old)
        self._held[name] = new

    def _let_go(self) -> None:
        gone = [held for held in self._leaving if held.until < self._clock() and held.state() == held.seen]
        for held in gone:
            held.file.close()
            self._leaving.remove(held)
