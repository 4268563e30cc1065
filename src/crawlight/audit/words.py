"""Counting words, also of languages that put no spaces between them."""

import re
from dataclasses import dataclass
from typing import Final

_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese letters."""
_SIGNS_A_WORD: Final = 2
"""The usual length of a word in them, in letters."""

_OTHERS: Final = bytes(set(range(256)) - {0xE0, 0xE1, *range(0xE3, 0xEA), 0xEF})
"""All bytes but those with which these letters begin in UTF-8."""
_SHAPE: Final = bytes(0x20 if chr(octet).isspace() else 0x78 for octet in range(128)) + bytes(128)
"""Turns white space into spaces, and all other ASCII into an x."""


@dataclass(frozen=True)
class Words:
    """What stands between spaces, and letters of languages without: counts of texts can be added up."""

    spaced: int
    unspaced: int

    @property
    def number(self) -> int:
        """The number of words."""
        return self.spaced + self.unspaced // _SIGNS_A_WORD

    def __add__(self, other: "Words") -> "Words":
        return Words(self.spaced + other.spaced, self.unspaced + other.unspaced)


def count_words(text: str) -> Words:
    """Count the words of a text. Most text is in ASCII, where no word has to be cut out to be counted."""
    octets = text.encode("utf-8", "replace")
    if text.isascii():
        return Words((b" " + octets.translate(_SHAPE)).count(b" x"), 0)
    unspaced = octets.translate(None, _OTHERS) != b""
    return Words(len(text.split()), len(_UNSPACED.findall(text)) if unspaced else 0)
