"""What an import is told: a command says it, and carries it out itself or has a running server do so."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

FORGET: Final = "auto"
"""What is said to have no format kept any longer."""

EVER: Final = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2106, 1, 1, tzinfo=UTC))
"""Since and until where all lines are wanted: the moments that the engine can hold."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be imported: files, into a domain (``host``) or all domains of an account (``email``).

    ``names`` are the names under which files are told that have another one than their path.
    """

    files: Sequence[str]
    host: str | None = None
    email: str | None = None
    log_format: str = "auto"
    said: str = ""
    """The format as it stands in the server's configuration."""
    keys: Mapping[str, str] = msgspec.field(default_factory=dict)
    since: datetime = EVER[0]
    until: datetime = EVER[1]
    dry_run: bool = False
    anyway: bool = False
    names: Mapping[str, str] = msgspec.field(default_factory=dict)
