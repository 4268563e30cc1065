"""What a domain says about uses of its content: for search, as input of AI models, to train them.

``Content-Signal`` is https://contentsignals.org/; ``Content-Usage`` has the words of draft-ietf-aipref-vocab-05, which
has none for input.
"""

from collections.abc import Mapping
from typing import Final, Literal, get_args

import msgspec

from crawlight.errors import UserError

Said = Literal["yes", "no", ""]
Name = Literal["search", "ai-input", "ai-train"]

NAMES: Final[tuple[Name, ...]] = get_args(Name)
_USAGE: Final[Mapping[Name, str]] = {"ai-train": "train-ai", "search": "search"}
FIELDS: Final = ("content-signal", "content-usage")
"""The header fields, which are also those of a robots.txt."""


class Signals(msgspec.Struct, frozen=True, rename="kebab"):
    """Each signal, or nothing where the domain says nothing about that use."""

    search: Said = ""
    ai_input: Said = ""
    ai_train: Said = ""

    def __getitem__(self, name: Name) -> Said:
        said: Said = getattr(self, name.replace("-", "_"))
        return said

    @property
    def said(self) -> dict[Name, Literal["yes", "no"]]:
        """The signals that say something."""
        chosen: dict[Name, Literal["yes", "no"]] = {}
        for name in NAMES:
            if word := self[name]:
                chosen[name] = word
        return chosen

    @property
    def headers(self) -> dict[str, str]:
        """Header fields by name in lower case; none where nothing is said."""
        said = self.said
        signal = ", ".join(f"{name}={word}" for name, word in said.items())
        usage = ", ".join(f"{word}={said[name][0]}" for name, word in _USAGE.items() if name in said)
        return {name: text for name, text in zip(FIELDS, (signal, usage), strict=True) if text}


UNSAID: Final = Signals()


def checked(given: Mapping[str, str]) -> Signals:
    """Signals by name, those that are missing unsaid. Raises UserError for names and words that are none."""
    for name, word in given.items():
        if name not in NAMES:
            raise UserError(f"{name[:40]!r} is no signal; there are {', '.join(NAMES[:-1])} and {NAMES[-1]}")
        if word not in get_args(Said):
            raise UserError(f"{name} is yes, no or unsaid, not {word[:40]!r}")
    return msgspec.convert(dict(given), Signals)
