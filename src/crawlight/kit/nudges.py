"""Nudges between the processes of one machine: look now, instead of looking all the time.

Each process that listens has a datagram socket in a folder, named after itself. A nudge says nothing and may get lost:
whoever waits for one looks by itself, too, now and then.
"""

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

_SUFFIX: Final = ".nudge"


class Nudges:
    """One process's ear, in the folder where the others have theirs. Where a path is too long, nobody hears."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mine = folder / f"{os.getpid()}{_SUFFIX}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._listening = False

    def listen(self, heard: Callable[[], None]) -> None:
        """Call ``heard`` soon after each nudge, or several of them, in the running loop."""
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._mine.unlink(missing_ok=True)
            self._socket.bind(str(self._mine))
            self._listening = True
            asyncio.get_running_loop().add_reader(self._socket, self._take, heard)

    def nudge(self) -> None:
        """Nudge all others that listen there."""
        for other in self._folder.glob(f"*{_SUFFIX}"):
            if other != self._mine:
                self._send(other)

    def close(self) -> None:
        """Listen no more."""
        if self._listening:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._mine.unlink(missing_ok=True)
        self._socket.close()

    def _take(self, heard: Callable[[], None]) -> None:
        with suppress(BlockingIOError):
            while self._socket.recv(1) is not None:
                pass
        heard()

    def _send(self, other: Path) -> None:
        try:
            self._socket.sendto(b"", str(other))
        except ConnectionRefusedError:  # Its process has died.
            other.unlink(missing_ok=True)
        except OSError:
            pass  # Its ear is full: it will look anyway.
