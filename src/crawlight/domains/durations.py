"""Durations and rules of freshness as people write them: ``30m``, ``24h``, ``/blog/* 7d``."""

import re
from typing import Final

from crawlight.domains.settings import PathRule
from crawlight.errors import UserError

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"\s*([0-9]{1,9})\s*([smhd])\s*", re.IGNORECASE)


def seconds(given: str) -> int:
    """Seconds of a duration. Raises UserError for what is none."""
    match = _DURATION.fullmatch(given)
    if match is None:
        raise UserError(f"{given.strip()[:40]!r} is no duration such as 30m, 24h or 7d")
    return int(match[1]) * _UNITS[match[2].lower()]


def written(amount: int) -> str:
    """Seconds in the largest unit that needs no fraction; a day is ``24h``, as the default is spoken of."""
    unit = next(unit for unit in ("d", "h", "m", "s") if amount % _UNITS[unit] == 0)
    return "24h" if amount == _UNITS["d"] else f"{amount // _UNITS[unit]}{unit}"


def rule(given: str) -> PathRule:
    """The rule that a line says. Raises UserError for what is none."""
    pattern, _, duration = given.strip().rpartition(" ")
    if not pattern:
        raise UserError(f"{given.strip()[:60]!r} is no rule such as /blog/* 7d")
    return PathRule(pattern.strip(), seconds(duration))


def written_rule(one: PathRule) -> str:
    """A rule as `rule` reads it."""
    return f"{one.pattern} {written(one.freshness_seconds)}"
