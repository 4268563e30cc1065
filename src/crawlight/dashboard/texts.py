"""Small helpers for the texts of pages."""

from datetime import datetime
from typing import Final

from crawlight.kit.clock import now

_UNITS: Final = ((7 * 86_400, "w"), (86_400, "d"), (3600, "h"), (60, "min"))


def age(moment: datetime) -> str:
    """How long ago in few signs, where many stand together: ``3 d``, ``5 min``, ``now``."""
    seconds = (now() - moment).total_seconds()
    for unit, name in _UNITS:
        if seconds >= (2 * unit if unit > 86_400 else unit):
            return f"{int(seconds // unit)}\N{NO-BREAK SPACE}{name}"
    return "now"
