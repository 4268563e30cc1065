"""The files in which an embedded store keeps the tokens of its inserts, which make a replay count once.

The engine notes a token, then moves the rows into their place, a moment later. Who dies between the two leaves a token
without rows: the replay would be taken for one that counted already, and that table would lack these rows for ever. So
tokens without rows, and what is left of a line that was cut off, are forgotten before the store is opened.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from crawlight.kit.durable import sync

_LOGS: Final = "store/*/*/deduplication_logs/*.txt"
_WRITTEN: Final = "tokens.part"
"""A log is written here and moved: the engine reads whatever lies beside its logs."""
_ADDED: Final = "1"
_LAST_LINES: Final = 64
"""Only what was inserted last can lack its rows: an insert has one line for each of its partitions."""
_LINE: Final = re.compile(rb"\d\t[!-~]+(?:\t[!-~]*)?\n")
"""A whole line. Behind a torn one, as a power cut leaves it, the engine would read none."""
_PART: Final = re.compile(r"(?P<partition>[^_]+)_(?P<first>\d+)_(?P<last>\d+)_\d+(?:_\d+)?")


def sync_tokens(folder: Path) -> None:
    """Bring to disk which inserts were made.

    The engine syncs rows and not that: after a power cut a replay would count twice.
    """
    for log in folder.glob(_LOGS):
        sync(log)
        sync(log.parent)


def forget_lost_inserts(folder: Path) -> int:
    """Forget the tokens of inserts whose rows never came to their place; answers how many.

    To be called before the engine opens the store in ``folder``.
    """
    return sum(_forget(log, folder / _WRITTEN) for log in folder.glob(_LOGS))


def _forget(log: Path, written: Path) -> int:
    whole = log.read_bytes()
    lines = whole.splitlines(keepends=True)
    parts = list(_parts(log.parent.parent))
    kept = [line for line in lines[-_LAST_LINES:] if _LINE.fullmatch(line) and not _is_lost(line, parts)]
    text = b"".join([*lines[:-_LAST_LINES], *kept])
    if text != whole:
        _rewrite(log, written, text)
    return len(lines[-_LAST_LINES:]) - len(kept)


def _rewrite(log: Path, written: Path, text: bytes) -> None:
    """Put a text in the place of a log's, at once. Owner and rights stay: root repairs what a service writes to."""
    before = log.stat()
    written.write_bytes(text)
    written.chmod(before.st_mode & 0o777)
    os.chown(written, before.st_uid, before.st_gid)
    sync(written)
    written.replace(log)
    sync(log.parent)


def _parts(table: Path) -> Iterator[re.Match[str]]:
    """The parts of a table that are in their place, also those that merges left and nobody reads any more."""
    return filter(None, (_PART.fullmatch(path.name) for path in table.iterdir()))


def _is_lost(line: bytes, parts: list[re.Match[str]]) -> bool:
    """Whether a line notes an insert whose block is in no part: merges put blocks in a row into one."""
    kind, _, rest = line.decode("ascii").partition("\t")
    added = _PART.fullmatch(rest.partition("\t")[0]) if kind == _ADDED else None
    return added is not None and not any(
        part["partition"] == added["partition"]
        and int(part["first"]) <= int(added["first"]) <= int(part["last"])
        for part in parts
    )
