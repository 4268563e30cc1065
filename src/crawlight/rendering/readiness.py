"""When a page is done: its content is there, nothing changes, nothing runs, and nothing new is on its way.

Silence of the network alone proves nothing: between "the script is here" and "the script asks for its data" there is
silence too, and the longer, the busier the machine. And noise proves nothing either: pages poll, stream, and ask for
what never comes. So each look at the page weighs both against what there is to read.
"""

import time
from typing import Final, Literal

import msgspec

from crawlight.rendering.result import RenderError
from crawlight.rendering.visit import Visit, Waiting

QUIET: Final = 0.03
"""Seconds without a change of the document, and two frames and an idle moment within them."""
_CONSEQUENCE: Final = 0.3
"""Seconds that an answer may take to change something: until then it was not yet understood, but compiled, say."""
_BLUR: Final = 0.005
"""Seconds that two clocks may differ."""
_PATIENCE: Final = 0.5
"""Seconds of silence after which a page that has its content does not wait for what is still in flight."""
_UNREAD: Final = 1.0
"""Seconds after its last byte that an answer whose end nobody reads counts as in flight."""
_LITTLE: Final = 60
"""Characters that are more than a heading."""
_LEFT_OVER: Final = 1.0
"""Seconds of silence after which data came that was asked for with what is still in flight."""
_THIN: Final = 2.5
"""Seconds of silence after which little content is all there is, while something may still bring more."""
_BUSY: Final = 5.0
"""Seconds of silence that a page may say that it is loading, with nothing in flight."""
_EMPTY: Final = 4.0
"""Seconds of silence after which a page without any content will not get some."""
_FOR_EVER: Final = 60.0
_TICK: Final = 20
"""Characters by which a clock or a counter may change what there is to read."""
_RESTLESS: Final = 1.0
"""Seconds of changes that add nothing: a clock, a carousel."""


class Look(msgspec.Struct, rename="camel"):
    """What our script sees of the page.

    ``flag`` is prerenderReady; ``calm`` says that the main thread had nothing to do, ``quiet`` is seconds since the
    last change. ``expects`` says that a timer, a socket or a worker may bring more, ``hollow`` that there are places
    without content.
    """

    flag: bool | None
    changes: int
    calm: bool
    main: int
    enough: bool
    expects: bool
    hollow: bool
    busy: bool
    any: int
    size: int
    height: int
    state: Literal["loading", "interactive", "complete"]
    quiet: float


class Verdict(msgspec.Struct, frozen=True):
    """Ready and why, or how many seconds more to wait unless something happens."""

    ready: str = ""
    wait: float = 0.0


class Judge:
    """Weighs the looks at one page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._size = -1
        self._steady = time.monotonic()

    def weigh(self, look: Look) -> Verdict:
        """Say whether the page is done. Raises RenderError where it is, but has failed."""
        if look.flag is not None:
            return Verdict("flag") if look.flag else Verdict(wait=60.0)
        now = time.monotonic()
        if abs(look.size - self._size) > max(0.02 * self._size, _TICK):
            self._size, self._steady = look.size, now
        changed = now - look.quiet
        silence = now - max(changed, self._visit.active)
        waiting = [one for one in self._visit.in_flight() if not _is_unread(one.heard, now)]
        if look.busy or not look.main:
            self._size = -1
            return Verdict(wait=60.0) if waiting else self._without_content(look, silence)
        if look.enough:
            needed, why = self._with_content(look, changed, bool(waiting)), "content" if waiting else "quiet"
        else:
            needed, why = self._with_little(look, changed, waiting), "thin"
        if now - max(self._steady, self._visit.active) >= max(needed, _RESTLESS):
            why = "steady"
        elif silence < needed or not look.calm:
            return Verdict(wait=max(needed - silence, QUIET))
        return Verdict(why) if look.enough else self._final(look, why)

    def _with_content(self, look: Look, changed: float, waiting: bool) -> float:
        """Seconds of silence after which a page is done that has its content."""
        if waiting or look.state != "complete":
            return _PATIENCE
        visit = self._visit
        undigested = changed < visit.understood - _BLUR and time.monotonic() - visit.digested < _CONSEQUENCE
        return _CONSEQUENCE if undigested else QUIET

    def _with_little(self, look: Look, changed: float, waiting: list[Waiting]) -> float:
        """The same for one that has little, which may be all there is, or the frame of what comes."""
        told = self._visit.told
        came = told and changed >= told - _BLUR
        if waiting:
            if came and all(one.since <= told for one in waiting):
                return _LEFT_OVER
            return _BUSY if look.main >= _LITTLE and not look.hollow else _FOR_EVER
        if look.expects and came:
            return _LEFT_OVER
        if look.expects or look.state != "complete" or changed < self._visit.compiled - _BLUR:
            return _THIN
        return _PATIENCE

    def _without_content(self, look: Look, silence: float) -> Verdict:
        needed = _BUSY if look.busy else _THIN if look.any else _EMPTY
        if self._visit.exceptions and not look.any:
            needed = _THIN / 2
        if silence < needed:
            return Verdict(wait=needed - silence)
        return self._final(look, "thin")

    def _final(self, look: Look, why: str) -> Verdict:
        """What a page is that has no more than this."""
        if self._visit.document and self._visit.document.status >= 400:
            return Verdict("status")
        if failed := [status for status in self._visit.api_statuses if status >= 500 or status == 429]:
            raise RenderError("upstream_5xx", f"the page has no content: an API of it answered {failed[0]}")
        if self._visit.broken:
            raise RenderError("empty", f"the page has no content: {self._visit.broken[0]}")
        if not look.any:
            raise RenderError("empty", f"the page has no content{self._thrown()}")
        if look.busy and not look.enough:
            raise RenderError("empty", f"the page says that it is loading, and nothing comes{self._thrown()}")
        return Verdict(why)

    def _thrown(self) -> str:
        return f": {self._visit.exceptions[0][:200]}" if self._visit.exceptions else ""


def _is_unread(heard: float, now: float) -> bool:
    return bool(heard) and now - heard > _UNREAD
