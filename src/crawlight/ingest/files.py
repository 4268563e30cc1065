"""Which log files are meant, and in which order: folders, patterns, and rotated sets from the oldest on."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from glob import glob
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from crawlight.errors import UserError
from crawlight.kit.disk import for_whom

_COMPRESSED = re.compile(r"\.(?:gz|zst|bz2|xz)$")
_DATE = r"(\d{4}-?\d\d-?\d\d(?:[-_T.]?[\d.-]+)?)"
# logrotate's numbers and dateext, and what puts them before the last ending: Caddy, and dateformat with extension.
_NUMBERED = re.compile(r"(.+)\.(\d{1,4})(\.[a-z]+)?")
_DATED = re.compile(rf"(.+?)[-._]{_DATE}(\.[a-z]+)?")


# What lies beside access logs in their folder.
_NO_ACCESS_LOG = re.compile(r"(?:^|[._-])error(?:[._-]|$)|\.(?:pid|sock|state|offset|lock|swp|tmp|part)$")

_APART_SECONDS: Final = 60.0
"""Between the times of rotated files, at least: files that were copied have those of their copying."""

_TELLING: Final = 2
"""Files whose times can tell an order."""

SCHEMES: Final = ("s3://", "gs://", "az://")
"""How prefixes in object stores begin."""


def is_url(given: str) -> bool:
    """Whether a prefix in an object store is meant, and no file."""
    return given.startswith(SCHEMES)


class _Place(NamedTuple):
    """Where a file stands among those of its set: dated ones, then numbered ones, then the one in use."""

    kind: int
    number: int = 0
    date: str = ""


def log_files(given: Iterable[str]) -> list[str]:
    """The files that are meant, each once; of a rotated set the oldest first, as its lines were written.

    Sets stay in the order in which their first file was given. Raises UserError for a pattern without a match, and a
    folder without a log.
    """
    return log_order(dict.fromkeys(file for one in given for file in _expanded(one)), _written)


def log_order(names: Iterable[str], written: Callable[[str], float] | None = None) -> list[str]:
    """The names of files in the order in which their lines were written; sets stay as their first files are.

    ``written`` says when a file was written last: where numbers grow with time instead of age, times tell it.
    """
    sets: dict[str, list[str]] = {}
    for file in names:
        sets.setdefault(_placed(file)[0], []).append(file)
    return [file for files in sets.values() for file in _ordered(files, written)]


def _ordered(files: list[str], written: Callable[[str], float] | None) -> list[str]:
    """The files of a set. Times are believed only where all of them say the opposite of the names' order."""
    by_name = sorted(files, key=lambda file: _placed(file)[1])
    numbered = [file for file in by_name if _placed(file)[1].kind == 1]
    if written is None or len(numbered) < _TELLING:
        return by_name
    times = [written(file) for file in numbered]
    if all(earlier - later >= _APART_SECONDS for earlier, later in pairwise(times)):
        at = by_name.index(numbered[0])
        by_name[at : at + len(numbered)] = reversed(numbered)
    return by_name


def _written(file: str) -> float:
    """When a file was written last, in Unix seconds; 0 where that cannot be said."""
    try:
        return Path(file).stat().st_mtime
    except OSError:
        return 0.0


def _expanded(given: str) -> Iterator[str]:
    """The logs in a folder, or the matches of a pattern that the shell left alone; a file may be named like one."""
    if os.path.isdir(given):  # noqa: PTH112 - False for what may not be looked at, which its opening tells
        yield from _logs_in(Path(given))
        return
    if is_url(given) or not any(sign in given for sign in "*?[") or os.path.exists(given):  # noqa: PTH110
        yield given
        return
    found = glob(given, recursive=True)  # noqa: PTH207 - Path.glob takes no absolute patterns
    matches = sorted(path for path in found if Path(path).is_file())
    if not matches:
        raise UserError(f"no file matches {given}{_unseen(given)}")
    yield from matches


def _logs_in(folder: Path) -> list[str]:
    """The logs in a folder and those below: not what is hidden, and no error logs. Raises UserError where none is."""
    try:
        files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    except OSError as error:  # Of a folder that went away meanwhile, for one.
        raise UserError(f"cannot read {error.filename or folder}: {error.strerror}") from None
    shown = [file for file in files if not any(part[0] == "." for part in file.relative_to(folder).parts)]
    logs = [str(file) for file in shown if not _NO_ACCESS_LOG.search(file.name)]
    if not logs:
        raise UserError(f"there are no access logs in {folder}{_unseen(str(folder))}")
    return logs


def _unseen(given: str) -> str:
    """What keeps one from seeing files: a folder that the command's user may not look into."""
    folder = re.split(r"[*?[]", given)[0]
    try:
        os.listdir(folder if folder == given else os.path.dirname(folder) or ".")  # noqa: PTH120, PTH208
    except OSError as error:
        return f": {error.filename}: {error.strerror}{for_whom(error)}" if for_whom(error) else ""
    return ""


def _placed(file: str) -> tuple[str, _Place]:
    """The name of the set, which is that of its file in use, and the place in it."""
    folder, name = str(Path(file).parent), _COMPRESSED.sub("", Path(file).name)
    if match := _DATED.fullmatch(name):
        return f"{folder}/{match[1]}{match[3] or ''}", _Place(0, date=re.sub(r"\D", "", match[2]))
    if match := _NUMBERED.fullmatch(name):
        return f"{folder}/{match[1]}{match[3] or ''}", _Place(1, number=-int(match[2]))
    return f"{folder}/{name}", _Place(2)
