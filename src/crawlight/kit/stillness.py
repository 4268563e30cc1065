"""Whether files were left alone since they were last looked at: asking the file system costs less than any store.

For those who look several times a second for what others may have written.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

_SETTLED_NANOSECONDS: Final = 200_000_000
"""Two changes may get the same time: clocks of file systems tick some hundred times a second, some less often."""


class Stillness:
    """Remembers what files and folders looked like. One for each who looks.

    ``longest`` is after how many seconds one looks again whatever the files say.
    """

    def __init__(
        self, paths: Sequence[Path], longest: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._paths = paths
        self._longest = longest
        self._clock = clock
        self._seen: object = None
        self._until = 0.0

    def __call__(self) -> bool:
        """Say whether nothing has changed since the last call that said no."""
        state = tuple(map(_state, self._paths))
        moment = self._clock()
        if state == self._seen and moment < self._until:
            return True
        newest = max((one[0] for one in state if one is not None), default=0)
        # What has changed a moment ago may change once more without looking different.
        self._seen = state if time.time_ns() - newest > _SETTLED_NANOSECONDS else None
        self._until = moment + self._longest
        return False

    def forget(self) -> None:
        """Look the next time, whatever the files say."""
        self._seen = None


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
