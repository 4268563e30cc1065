"""JSON of what pages say, in which a text may be cut through a character: half of a pair of surrogates.

JavaScript allows that, no encoding does. As `String.prototype.toWellFormed` has it, U+FFFD takes its place.
"""

import re
from typing import Any, Final

import msgspec

_HALF: Final = re.compile(
    rb"(?<!\\)((?:\\\\)*)(?:(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
_WHOLE_DECODER: Final = msgspec.json.Decoder()


def decoded(data: bytes | str | msgspec.Raw, decoder: Any = _WHOLE_DECODER) -> Any:
    """What a decoder makes of it. Raises msgspec.DecodeError for what is no such JSON."""
    try:
        return decoder.decode(data)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        return decoder.decode(_mended(data.encode() if isinstance(data, str) else bytes(data)))


def _mended(data: bytes) -> bytes:
    return _HALF.sub(lambda found: found[1] + (found[2] or rb"\ufffd"), data)
