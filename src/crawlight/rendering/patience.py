"""Patience with origins that ask for it: after 429 or 503 only pages that a crawler waits for are rendered."""

import time
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

_ASKS: Final = frozenset({429, 503})
_FIRST_SECONDS: Final = 15.0
_LONGEST_SECONDS: Final = 3_600.0


class Patience:
    """Which domains are left alone for now. A pause doubles as long as the origin keeps asking."""

    def __init__(self) -> None:
        self._until: dict[int, float] = {}
        self._last: dict[int, float] = {}
        self._asked: dict[int, float] = {}

    def note(self, domain_id: int, status: int, retry_after: str) -> float:
        """Note how the origin answered; gives the seconds of its pause, 0 where it asks for none."""
        if status not in _ASKS:
            return 0
        longer = min(2 * self._last.get(domain_id, _FIRST_SECONDS / 2), _LONGEST_SECONDS)
        pause = min(max(longer, seconds_of(retry_after)), _LONGEST_SECONDS)
        self._last[domain_id] = longer
        self._asked[domain_id] = time.monotonic()
        self._until[domain_id] = self._asked[domain_id] + pause
        return pause

    def forget(self, domain_id: int, began: float) -> None:
        """The origin answered a render that began at ``began`` (``time.monotonic()``).

        One that began before the origin asked for a pause says nothing against it.
        """
        if began < self._asked.get(domain_id, began):
            return
        for kept in (self._until, self._last, self._asked):
            kept.pop(domain_id, None)

    def slowed(self) -> list[int]:
        """The domains that are left alone now."""
        moment = time.monotonic()
        self._until = {domain_id: until for domain_id, until in self._until.items() if until > moment}
        return list(self._until)


def seconds_of(retry_after: str) -> float:
    """The seconds that a ``Retry-After`` asks for, as a number or a date; 0 where it says nothing readable."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(moment.timestamp() - time.time(), 0)
