"""What a page lacks that has something to read: its API failed, or a script of it did not come."""

from typing import Final

import msgspec

from crawlight.rendering.contract import RenderError

_BLUR: Final = 0.005
"""Seconds that two clocks may differ."""
_FOR_NOW: Final = frozenset({408, 425, 429})


class Failure(msgspec.Struct, frozen=True):
    """A request that content was hoped of, and how it failed: ``status`` is 0 where there was no answer."""

    url: str
    type: str
    at: float
    status: int = 0
    text: str = ""

    @property
    def passes(self) -> bool:
        """Say whether it may go better the next time."""
        return self.status == 0 or self.status >= 500 or self.status in _FOR_NOW

    def error(self) -> RenderError:
        """The failure as the reason why there is no page."""
        told = (
            f"answered {self.status}" if self.status else f"did not come ({self.text.removeprefix('net::')})"
        )
        message = f"the page lacks a part: {self.url[:200]} {told}"
        if self.status >= 500 or self.status in _FOR_NOW:
            return RenderError("upstream_5xx", message)
        return RenderError("empty", message)


def lacks(failure: Failure, *, hollow: int, sorry: bool, changed: float) -> bool:
    """Say whether a page lacks what a failed request was to bring.

    ``hollow`` is 2 where a place for content is empty that must not be, 1 where one may be empty; ``sorry`` says that
    the page tells of a failure, ``changed`` when it last changed.
    """
    if failure.type == "Script":
        return hollow >= (1 if failure.passes else 2)
    # Where nothing happened after the answer, nothing has taken the place of what did not come.
    return failure.passes and (hollow > 0 or sorry or changed < failure.at - _BLUR)
