"""What a check found, for a person who is to do something about it."""

from typing import Literal

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """What one check found. A ``problem`` keeps something from working; ``advice`` says what to do."""

    check: str
    state: Literal["ok", "warning", "problem"]
    found: str
    advice: str = ""


_SIGNS = {"ok": "ok     ", "warning": "warning", "problem": "PROBLEM"}


def told(one: Finding) -> str:
    """A finding as lines of a terminal."""
    advice = f"\n{'':<24}-> {one.advice}" if one.advice else ""
    return f"{_SIGNS[one.state]} {one.check:<15} {one.found}{advice}"
