"""One named SQL file per question."""

from functools import cache
from importlib.resources import files

from crawlight.events.schema import for_each_key


@cache
def query(name: str, facts: str = "") -> str:
    """The SQL of ``name.sql``, with the bot keys written out, and ``/*FILTER*/`` and ``/*FACTS*/`` put in.

    ``facts`` names the file that says where crawls are counted.
    """
    text = for_each_key(_read(name))
    if facts:
        text = text.replace("/*FACTS*/", _part(facts))
    return text.replace("/*FILTER*/", f"({_part('filter')})")


def _part(name: str) -> str:
    """A file without the comment at its head: it is put into the middle of others."""
    return "\n".join(line for line in _read(name).splitlines() if not line.startswith("--"))


def _read(name: str) -> str:
    return files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
