"""Numbered schema steps: ``NNNN_name.sql``, each applied once, each safe to apply again after a crash."""

import re
from collections.abc import Callable, Iterable
from importlib.resources import files

from crawlight.bots.keys import BOT_KEYS

_PER_KEY = re.compile(r"/\*KEYS: (.*?)\*/")
_ENGINE = re.compile(r"/\*ENGINE: (\w+)((?:\(\w+\))?)\*/")


def steps() -> list[tuple[int, str, list[str]]]:
    """Every step as (number, name, statements), in order."""
    return [(number, name[5:-4], statements(name)) for number, name in _names()]


def _names() -> list[tuple[int, str]]:
    found = sorted(f.name for f in files(__name__).iterdir() if f.name.endswith(".sql"))
    return [(int(name[:4]), name) for name in found]


def statements(name: str) -> list[str]:
    """The statements of one file, with ``/*KEYS: ...*/`` written out once for each of the 25 bot keys.

    ``/*ENGINE: SummingMergeTree(n)*/`` stands for an engine of this family.
    """
    text = files(__name__).joinpath(name).read_text(encoding="utf-8")
    text = _ENGINE.sub(lambda found: engine(found[1], found[2]), for_each_key(text))
    return [part.strip() for part in text.split(";\n") if part.strip()]


def engine(name: str, arguments: str = "") -> str:
    """The engine of a table, as every statement writes it: the one place to say that tables are replicated."""
    return f"{name}{arguments}"


def is_newest(applied: Iterable[int]) -> bool:
    """Whether all steps are applied."""
    return {number for number, _ in _names()} <= set(applied)


def for_each_key(sql: str) -> str:
    """Write out ``/*KEYS: pattern*/`` as a comma-separated list, ``{key}`` replaced by each bot key."""
    return _PER_KEY.sub(lambda m: ", ".join(m[1].replace("{key}", key) for key in BOT_KEYS), sql)


STEPS_TABLE = f"""CREATE TABLE IF NOT EXISTS schema_steps (
    step UInt32, name String, applied_at DateTime('UTC') DEFAULT now()
) ENGINE = {engine("MergeTree")} ORDER BY step"""

HASH_KEY_TABLE = f"""CREATE TABLE IF NOT EXISTS schema_hash_key (
    high UInt64, low UInt64
) ENGINE = {engine("MergeTree")} ORDER BY high"""


def apply_missing(command: Callable[..., object], applied: Iterable[int], secret: tuple[int, int]) -> None:
    """Run the steps that are not in ``applied`` and note each one. ``secret`` keys the hashes of paths."""
    done = set(applied)
    for number, name, sql in steps():
        if number in done:
            continue
        for statement in sql:
            command(statement.replace("/*SECRET*/", f"(toUInt64({secret[0]}), toUInt64({secret[1]}))"))
        command(
            "INSERT INTO schema_steps (step, name) VALUES ({n:UInt32}, {name:String})",
            {"n": number, "name": name},
        )
