"""When a page is done: its content is there, nothing changes, nothing runs, and nothing new is on its way.

Silence of the network alone proves nothing: between "the script is here" and "the script asks for its data" there is
silence too, and the longer, the busier the machine. And noise proves nothing either: pages poll, stream, and ask for
what never comes. So each look at the page weighs both against what there is to read.
"""

import time
from typing import Final, Literal

import msgspec

from crawlight.rendering.contract import RenderError
from crawlight.rendering.lacking import Failure, lacks
from crawlight.rendering.navigation import Navigation
from crawlight.rendering.requests import Waiting

QUIET: Final = 0.03
"""Seconds without a change of the document, and two frames and an idle moment within them."""
_CONSEQUENCE: Final = 0.3
"""Seconds that an answer may take to change something: until then it was not yet understood, but compiled, say."""
_BLUR: Final = 0.005
"""Seconds that two clocks may differ."""
_PATIENCE: Final = 0.5
"""Seconds of silence after which a page that has its content does not wait for what is still in flight."""
_EXTRA: Final = 2.0
"""Seconds after its start that a script of a strange host is waited for, which may be a part of the page."""
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
_MOVING: Final = 3.0
"""Seconds that what fades, slides or is typed in may take."""
_HIDDEN: Final = 6.0
"""Seconds that a page may hide itself: what does so for a test gives up after four or five."""
_FRAMES: Final = 0.1
_FOR_EVER: Final = 60.0
_TICK: Final = 20
"""Characters by which a clock or a counter may change what there is to read."""
_RESTLESS: Final = 1.0
"""Seconds of changes that add nothing: a clock, a carousel."""


class Look(msgspec.Struct, rename="camel"):
    """What our script sees of the page.

    ``flag`` is prerenderReady; ``calm`` says that the main thread had nothing to do, ``quiet`` is seconds since the
    last change. ``expects`` says that a timer, a socket or a worker may bring more, ``soon`` that a timer of a moment
    runs. ``hollow`` is 2 where a place of content is empty, 1 where one may be; ``sorry`` says that the page tells of
    a failure, ``moving`` that something fades or slides in, ``hidden`` that what matters cannot be seen yet.
    ``unheeded`` are URLs whose answers nobody waits for, ``reading`` those
    whose bodies somebody wants whole.
    """

    flag: bool | None
    changes: int
    calm: bool
    main: int
    enough: bool
    expects: bool
    soon: bool
    hollow: int
    sorry: bool
    busy: bool
    moving: bool
    hidden: bool
    unheeded: list[str]
    reading: list[str]
    any: int
    size: int
    height: int
    state: Literal["loading", "interactive", "complete"]
    quiet: float


NOTHING: Final = Look(
    None, 0, False, 0, False, False, False, 0, False, False, False, False, [], [], 0, 0, 0, "loading", 0.0
)
"""Of a page that is gone before anybody looked."""


class Verdict(msgspec.Struct, frozen=True):
    """Ready and why, or how many seconds more to wait unless something happens."""

    ready: str = ""
    wait: float = 0.0


class Judge:
    """Weighs the looks at one page."""

    def __init__(self, navigation: Navigation) -> None:
        self._navigation = navigation
        self._size = -1
        self._why = ""
        self._still = 0.0
        self._steady = time.monotonic()

    def weigh(self, look: Look) -> Verdict:
        """Say whether the page is done. Raises RenderError where it is, but has failed."""
        if look.flag is not None:
            return Verdict("flag") if look.flag else Verdict(wait=60.0)
        now = time.monotonic()
        if abs(look.size - self._size) > max(0.02 * self._size, _TICK):
            self._size, self._steady = look.size, now
        changed = now - look.quiet
        silence = now - max(changed, self._navigation.active)
        waiting = self._waiting(look, now)
        if look.busy or not look.main:
            self._size = -1
            return Verdict(wait=60.0) if waiting else self._without_content(look, silence)
        awaited = [one for one in waiting if one.hope == "content"]
        if awaited and now < self._navigation.deadline:
            return Verdict(wait=self._navigation.deadline - now)
        return self._quiet(look, changed, silence, waiting) or self._complete(look, changed, silence, awaited)

    def _quiet(self, look: Look, changed: float, silence: float, waiting: list[Waiting]) -> Verdict | None:
        """How long to wait until there was silence for long enough; None where there was."""
        weigh = self._with_content if look.enough else self._with_little
        needed = weigh(look, changed, waiting)
        self._why = ("content" if waiting else "quiet") if look.enough else "thin"
        if time.monotonic() - max(self._steady, self._navigation.active) >= max(needed, _RESTLESS):
            self._why = "steady"
        elif silence < needed or not look.calm or (look.soon and silence < _RESTLESS):
            return Verdict(wait=max(needed - silence, QUIET))
        return None

    def _complete(self, look: Look, changed: float, silence: float, awaited: list[Waiting]) -> Verdict:
        """What a page is that has come to rest."""
        if awaited:
            self._give_up(look, awaited)
        if unseen := self._unseen(look):
            return unseen
        if missing := self._missing(look, changed):
            if look.expects and silence < _THIN:
                return Verdict(wait=_THIN - silence)
            raise missing.error()
        return Verdict(self._why) if look.enough else self._final(look, self._why)

    def _unseen(self, look: Look) -> Verdict | None:
        """How long to wait for what is on its way to be seen: that much, and no longer."""
        now = time.monotonic()
        if not (look.moving or look.hidden):
            return None
        self._still = self._still or now
        if now - self._still > (_HIDDEN if look.hidden else _MOVING):
            return None
        return Verdict(wait=_FRAMES)

    def _waiting(self, look: Look, now: float) -> list[Waiting]:
        """What is in flight and somebody may make something of."""
        return [
            one
            for one in self._navigation.in_flight()
            if one.url not in look.unheeded and not _is_unread(one, look.reading, now)
        ]

    def _give_up(self, look: Look, awaited: list[Waiting]) -> None:
        """Time is up for what was never answered. A page that has a place for it is none without it."""
        self._navigation.note(f"not answered: {awaited[0].url[:200]}")
        shapes = {one.shape for one in awaited}
        if look.hollow > 1:
            self._navigation.hung |= shapes
            raise RenderError("timeout", f"the page waits for {awaited[0].url[:200]}, which does not come")
        self._navigation.unanswered |= shapes

    def _missing(self, look: Look, changed: float) -> Failure | None:
        """The failure for which the page lacks a part."""
        if self._navigation.document and self._navigation.document.status >= 400:
            return None
        navigation = self._navigation
        # What the parser puts in is no answer to a failure.
        since = changed if changed > navigation.parsed else 0.0
        failed = (
            one
            for shape, one in navigation.failures.items()
            if one.url not in look.unheeded and shape not in navigation.gone_apis
        )
        return next(
            (one for one in failed if lacks(one, hollow=look.hollow, sorry=look.sorry, changed=since)), None
        )

    def _with_content(self, look: Look, changed: float, waiting: list[Waiting]) -> float:
        """Seconds of silence after which a page is done that has its content."""
        now = time.monotonic()
        if extra := [one.since for one in waiting if one.hope == "extra"]:
            return max(_PATIENCE, min(_EXTRA - (now - max(extra)), _EXTRA))
        if waiting or look.state != "complete":
            return _PATIENCE
        navigation = self._navigation
        undigested = changed < navigation.understood - _BLUR and now - navigation.digested < _CONSEQUENCE
        return _CONSEQUENCE if undigested else QUIET

    def _with_little(self, look: Look, changed: float, waiting: list[Waiting]) -> float:
        """The same for one that has little, which may be all there is, or the frame of what comes."""
        told = self._navigation.told
        came = told and changed >= told - _BLUR
        if waiting:
            if came and all(one.since <= told for one in waiting):
                return _LEFT_OVER
            return _BUSY if look.main >= _LITTLE and not look.hollow else _FOR_EVER
        if look.expects and came:
            return _LEFT_OVER
        if look.expects or look.state != "complete" or changed < self._navigation.compiled - _BLUR:
            return _THIN
        return _PATIENCE

    def _without_content(self, look: Look, silence: float) -> Verdict:
        needed = (_THIN if look.enough else _BUSY) if look.busy else _THIN if look.any else _EMPTY
        if self._navigation.exceptions and not look.any:
            needed = _THIN / 2
        if silence < needed:
            return Verdict(wait=needed - silence)
        return self._final(look, "thin")

    def _final(self, look: Look, why: str) -> Verdict:
        """What a page is that has no more than this."""
        if self._navigation.document and self._navigation.document.status >= 400:
            return Verdict("status")
        if failed := [status for status in self._navigation.api_statuses if status >= 500 or status == 429]:
            raise RenderError("upstream_5xx", f"the page has no content: an API of it answered {failed[0]}")
        if self._navigation.broken:
            raise RenderError("empty", f"the page has no content: {self._navigation.broken[0]}")
        if not look.any:
            raise RenderError("empty", f"the page has no content{self._thrown()}")
        if look.busy and not look.enough:
            raise RenderError("empty", f"the page says that it is loading, and nothing comes{self._thrown()}")
        return Verdict(why)

    def _thrown(self) -> str:
        return f": {self._navigation.exceptions[0][:200]}" if self._navigation.exceptions else ""


def _is_unread(one: Waiting, reading: list[str], now: float) -> bool:
    """Say whether a body comes that nobody reads, or that never ends."""
    return one.begun and now - one.heard > _UNREAD and one.url not in reading
