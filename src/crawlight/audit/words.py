"""Counting words, also of languages that put no spaces between them."""

import re
from typing import Final

_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese letters."""
_SIGNS_A_WORD: Final = 2
"""The usual length of a word in them, in letters."""


def count_words(text: str) -> int:
    """The number of words of a text: what stands between spaces."""
    words = len(text.split())
    if text.isascii():
        return words
    unspaced = len(_UNSPACED.findall(text))
    return words + unspaced // _SIGNS_A_WORD if unspaced else words
