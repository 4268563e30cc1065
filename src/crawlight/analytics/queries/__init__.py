"""One named SQL file per question."""

from functools import cache
from importlib.resources import files

from crawlight.events.schema import for_each_key


@cache
def query(name: str) -> str:
    """The SQL of ``name.sql``, with the bot keys written out."""
    return for_each_key(files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8"))
