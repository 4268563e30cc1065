"""What a domain's pages ask for in vain, as far as this process has seen: known, it is not waited for again."""

import time
from collections import OrderedDict
from collections.abc import Collection
from typing import Final

import msgspec

_MOST_DOMAINS: Final = 2_000
_MOST_SHAPES: Final = 200
_REMEMBERED: Final = 24 * 3600.0
"""Seconds for which what was never answered is not waited for."""
_FAILED_FOR: Final = 24 * 3600.0
"""Seconds after which an API that has failed all the time is taken for one that is gone."""
_TIMES: Final = 3

Key = tuple[object, int]
"""Account and domain."""


class _Known(msgspec.Struct):
    silent: dict[str, float] = {}
    hung: dict[str, float] = {}
    failing: dict[str, float] = {}


class Habits:
    """Shapes of requests by domain of an account."""

    def __init__(self) -> None:
        self._known: OrderedDict[Key, _Known] = OrderedDict()

    def silent(self, key: Key) -> frozenset[str]:
        """Shapes that were never answered in the time that a page has."""
        now = time.monotonic()
        return frozenset(shape for shape, at in self._of(key).silent.items() if now - at < _REMEMBERED)

    def gone(self, key: Key) -> frozenset[str]:
        """Shapes that have failed for so long that pages are taken as they are without them."""
        now = time.monotonic()
        return frozenset(shape for shape, at in self._of(key).failing.items() if now - at > _FAILED_FOR)

    def note(
        self,
        key: Key,
        *,
        answered: Collection[str] = (),
        unanswered: Collection[str] = (),
        hung: Collection[str] = (),
        failed: Collection[str] = (),
    ) -> None:
        """Note how the requests of one page fared. What left a hole in it is taken for silent the third time."""
        known, now = self._of(key), time.monotonic()
        for shape in answered:
            for shapes in (known.silent, known.hung, known.failing):
                shapes.pop(shape, None)
        for shape in hung:
            _put(known.hung, shape, known.hung.get(shape, 0) + 1)
        for shape in {*unanswered, *(one for one in hung if known.hung[one] >= _TIMES)}:
            _put(known.silent, shape, now)
        for shape in failed:
            _put(known.failing, shape, known.failing.get(shape, now))

    def _of(self, key: Key) -> _Known:
        known = self._known.setdefault(key, _Known())
        self._known.move_to_end(key)
        while len(self._known) > _MOST_DOMAINS:
            self._known.popitem(last=False)
        return known


def _put(shapes: dict[str, float], shape: str, at: float) -> None:
    shapes[shape] = at
    while len(shapes) > _MOST_SHAPES:
        del shapes[min(shapes, key=lambda one: shapes[one])]
