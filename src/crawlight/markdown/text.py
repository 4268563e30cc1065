"""What a page is as Markdown. It loads nothing of what makes it: an edge that has it stored needs no parser."""

import json
from typing import Final

import msgspec

VERSION: Final = 1
"""Raised when what is written changes: stored Markdown is then made anew."""

_CANONICAL: Final = "canonical: "
_CHARACTERS_A_TOKEN: Final = 4
"""The usual estimate: models differ, and so do languages."""


class Markdown(msgspec.Struct, frozen=True):
    """A page as markdown with front matter, ending in a line break."""

    text: str

    @property
    def canonical(self) -> str:
        """The page's address, as its front matter says it."""
        lines = self.text.partition("\n---\n")[0].split("\n")
        return next(
            (json.loads(line[len(_CANONICAL) :]) for line in lines if line.startswith(_CANONICAL)), ""
        )

    @property
    def tokens(self) -> int:
        """An estimate of the tokens that a language model reads."""
        return -(-len(self.text) // _CHARACTERS_A_TOKEN)
