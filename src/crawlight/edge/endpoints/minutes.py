"""The per-minute limit of the render endpoint, counted in the process: a crawler's answer waits for no store."""

import math
import time
from typing import Final

MINUTE: Final = 60.0
_MOST_ACCOUNTS: Final = 100_000

Header = tuple[bytes, bytes]


class Minutes:
    """Counts calls by account; a minute is 60 seconds from the first call, and every call in it counts."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._named: Header = (b"ratelimit-limit", str(limit).encode())
        self._minutes: dict[int, list[float]] = {}

    def hit(self, account_id: int) -> tuple[int, tuple[Header, ...]]:
        """Count a call. Gives 0, or the seconds after which calls are taken again, and the headers that say so."""
        moment = time.monotonic()
        minute = self._minutes.get(account_id)
        if minute is None or moment - minute[0] >= MINUTE:
            self._minutes.pop(account_id, None)
            if len(self._minutes) >= _MOST_ACCOUNTS:
                del self._minutes[next(iter(self._minutes))]  # The one that began first.
            minute = self._minutes[account_id] = [moment, 0]
        minute[1] += 1
        left = self._limit - int(minute[1])
        reset = max(math.ceil(minute[0] + MINUTE - moment), 1)
        headers = (
            self._named,
            (b"ratelimit-remaining", b"%d" % max(left, 0)),
            (b"ratelimit-reset", b"%d" % reset),
        )
        return (reset if left < 0 else 0), headers
