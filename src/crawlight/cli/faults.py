"""What a command says of a fault that is not its own: one line, as of any other mistake."""

import sqlite3

from sqlalchemy.exc import DBAPIError

from crawlight.kit.disk import refused
from crawlight.kit.logs import first_line


def told(error: Exception) -> str:
    """The line; empty for a fault of ours, which deserves its traceback."""
    if isinstance(error, OSError):
        return refused(error)
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.OperationalError):
        return f"the database refused: {first_line(cause)}"
    return ""
