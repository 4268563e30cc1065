"""What a check of ``crawlight doctor`` found."""

from typing import Literal

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """What one check found. A ``problem`` keeps something from working; ``advice`` says what to do."""

    check: str
    state: Literal["ok", "warning", "problem"]
    found: str
    advice: str = ""
