"""Numbered schema steps: ``NNNN_name.sql``, each applied once, each safe to apply again after a crash."""

import re
from collections.abc import Callable, Iterable
from importlib.resources import files

from crawlight.bots.keys import BOT_KEYS

_PER_KEY = re.compile(r"/\*KEYS: (.*?)\*/")

STEPS_TABLE = """CREATE TABLE IF NOT EXISTS schema_steps (
    step UInt32, name String, applied_at DateTime('UTC') DEFAULT now()
) ENGINE = MergeTree ORDER BY step"""


def steps() -> list[tuple[int, str, list[str]]]:
    """Every step as (number, name, statements), in order."""
    found = sorted(f.name for f in files(__name__).iterdir() if f.name.endswith(".sql"))
    return [(int(name[:4]), name[5:-4], statements(name)) for name in found]


def statements(name: str) -> list[str]:
    """The statements of one file, with ``/*KEYS: ...*/`` written out once for each of the 25 bot keys."""
    text = files(__name__).joinpath(name).read_text(encoding="utf-8")
    return [part.strip() for part in for_each_key(text).split(";\n") if part.strip()]


def for_each_key(sql: str) -> str:
    """Write out ``/*KEYS: pattern*/`` as a comma-separated list, ``{key}`` replaced by each bot key."""
    return _PER_KEY.sub(lambda m: ", ".join(m[1].replace("{key}", key) for key in BOT_KEYS), sql)


HASH_KEY_TABLE = """CREATE TABLE IF NOT EXISTS schema_hash_key (
    high UInt64, low UInt64
) ENGINE = MergeTree ORDER BY high"""


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
