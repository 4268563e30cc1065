"""What an edge process has counted, told to the server in a file: who shares a port cannot be asked alone.

The file is written over in its place: a full disk, of all things, must not hide how many records were lost. That of a
process that has died stays, for what it counted has happened; the server begins with none.
"""

import fcntl
import os
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

import msgspec

FOLDER: Final = "edges"
"""Name of the folder in the data directory."""

_SUFFIX: Final = ".counts"
_BYTES: Final = 8_192
"""More than all statuses and outcomes take."""


class Counts(msgspec.Struct, frozen=True):
    """``answers`` of the render endpoint by status and outcome, and records ``lost``: since the process began.

    Now: pages that crawlers are ``waiting`` for, snapshots ``held`` in memory, and their bytes.
    """

    answers: list[tuple[int, str, int]] = []
    lost: int = 0
    waiting: int = 0
    held: int = 0
    held_bytes: int = 0

    def past(self) -> Self:
        """What stays true when the process is gone."""
        return type(self)(self.answers, self.lost)


def total(counts: Iterable[Counts]) -> Counts:
    """The sum of several processes."""
    several = list(counts)
    answers: Counter[tuple[int, str]] = Counter()
    for one in several:
        for status, outcome, number in one.answers:
            answers[status, outcome] += number
    return Counts(
        [(*what, number) for what, number in answers.items()],
        *(sum(getattr(one, name) for one in several) for name in ("lost", "waiting", "held", "held_bytes")),
    )


def write(folder: Path, counts: Counts) -> None:
    """Tell what this process has counted."""
    folder.mkdir(exist_ok=True)
    file = os.open(folder / f"{os.getpid()}{_SUFFIX}", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)  # Nobody reads the half of it.
        os.pwrite(file, msgspec.json.encode(counts).ljust(_BYTES), 0)
    finally:
        os.close(file)


def read(folder: Path) -> list[Counts]:
    """What every process has told, the dead ones too."""
    found = []
    for path in folder.glob(f"*{_SUFFIX}"):
        with suppress(OSError, msgspec.MsgspecError):
            told = _read(path)
            found.append(told if _lives(int(path.stem)) else told.past())
    return found


def _read(path: Path) -> Counts:
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        return msgspec.json.decode(file.read(), type=Counts)


def clear(folder: Path) -> None:
    """Forget the processes of a server that has ended."""
    for path in folder.glob("*"):
        path.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True
