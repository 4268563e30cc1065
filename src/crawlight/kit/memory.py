"""How much memory this process may have: the machine's, or what its control groups leave of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psutil

_GROUPS: Final = Path("/sys/fs/cgroup")


def memory_limit(groups: Path = _GROUPS, own: Path = Path("/proc/self/cgroup")) -> int:
    """Bytes. ``groups`` is where the control groups are, ``own`` a file that says which of them are this process's."""
    machine = psutil.virtual_memory().total
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return machine
    return min([machine, *(limit for line in lines for limit in _limits(line, groups))])


def _limits(line: str, groups: Path) -> Iterator[int]:
    """The limits of a group and those above it: ``0::/a/b`` in version 2, ``4:memory:/a/b`` in version 1."""
    _, controllers, path = line.split(":", 2)
    if not controllers:
        top, name = groups, "memory.max"
    elif "memory" in controllers.split(","):
        top, name = groups / "memory", "memory.limit_in_bytes"
    else:
        return
    folder = top / path.lstrip("/")
    for one in (folder, *folder.parents):
        if one.is_relative_to(top):
            yield from _limit(one / name)


def _limit(file: Path) -> Iterator[int]:
    try:
        told = file.read_text().strip()
    except OSError:  # A container does not see the groups around it.
        return
    if told.isdecimal():
        yield int(told)
