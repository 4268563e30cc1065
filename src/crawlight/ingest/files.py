"""Which log files are meant, and in which order: patterns, and rotated sets from the oldest to the one in use."""

import re
from collections.abc import Iterable, Iterator
from glob import glob
from pathlib import Path
from typing import NamedTuple

from crawlight.errors import UserError

_COMPRESSED = re.compile(r"\.(?:gz|zst|bz2|xz)$")
_DATE = r"(\d{4}-?\d\d-?\d\d(?:[-_T.]?[\d.-]+)?)"
# logrotate's numbers and dateext, and what puts them before the last ending: Caddy, and dateformat with extension.
_NUMBERED = re.compile(r"(.+)\.(\d{1,4})(\.[a-z]+)?")
_DATED = re.compile(rf"(.+?)[-._]{_DATE}(\.[a-z]+)?")


class _Place(NamedTuple):
    """Where a file stands among those of its set: dated ones, then numbered ones, then the one in use."""

    kind: int
    number: int = 0
    date: str = ""


def log_files(given: Iterable[str]) -> list[str]:
    """The files that are meant, each once; of a rotated set the oldest first, as its lines were written.

    Sets stay in the order in which their first file was given. Raises UserError for a pattern without a match.
    """
    return log_order(dict.fromkeys(file for one in given for file in _expanded(one)))


def log_order(names: Iterable[str]) -> list[str]:
    """The names of files in the order in which their lines were written; sets stay as their first files are."""
    files = list(names)
    order = {base: number for number, base in reversed(list(enumerate(_placed(file)[0] for file in files)))}
    return sorted(files, key=lambda file: (order[_placed(file)[0]], _placed(file)[1]))


def _expanded(given: str) -> Iterator[str]:
    """The matches of a pattern that the shell left alone; a file may also be named like one."""
    if not any(sign in given for sign in "*?[") or Path(given).exists():
        yield given
        return
    found = glob(given, recursive=True)  # noqa: PTH207 - Path.glob takes no absolute patterns
    matches = sorted(path for path in found if Path(path).is_file())
    if not matches:
        raise UserError(f"no file matches {given}")
    yield from matches


def _placed(file: str) -> tuple[str, _Place]:
    """The name of the set, which is that of its file in use, and the place in it."""
    folder, name = str(Path(file).parent), _COMPRESSED.sub("", Path(file).name)
    if match := _DATED.fullmatch(name):
        return f"{folder}/{match[1]}{match[3] or ''}", _Place(0, date=re.sub(r"\D", "", match[2]))
    if match := _NUMBERED.fullmatch(name):
        return f"{folder}/{match[1]}{match[3] or ''}", _Place(1, number=-int(match[2]))
    return f"{folder}/{name}", _Place(2)
