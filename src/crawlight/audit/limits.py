"""What of a document can be given to the parser.

The parser takes time in the square of the depth of elements, and of the attributes of one element. Browsers have
limits, too: Chromium nests no deeper than 512. So documents that are not harmless by their mere number of tags and
attributes are skimmed first, and end where they overdo it.
"""

import re
from typing import Final

_FEW_TAGS: Final = 10_000
_FEW_SEPARATORS: Final = 25_000
"""Start tags, and characters that may separate attributes, with which a document cannot take a second."""
_SEPARATORS: Final = b" \n\t\r\f/\"'"
_DEEPEST: Final = 1_000
_MOST_ATTRIBUTES: Final = 1_000

_ATTRIBUTE: Final = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"?|'[^']*+'?|[^\s>"'][^\s>]*+)?+)?+"""
# Comments; elements whose content is text, with it; end tags; start tags. As HTML's tokenizer reads them:
# https://html.spec.whatwg.org/multipage/parsing.html#tokenization
_TOKEN = re.compile(
    rf"""<!--(?:>|->|.*?(?:--!?>|\Z))
    |<(?P<raw>script|style|textarea|title|xmp|iframe|noembed|noframes)(?=[\s/>])(?P<rest>(?:{_ATTRIBUTE})*+)
        [\s/]*+>?.*?(?:</(?P=raw)(?=[\s/>])|\Z)
    |</(?P<end>[a-z][^\s/>]*+)
    |<(?P<start>[a-z][^\s/>]*+)(?P<attributes>(?:{_ATTRIBUTE})*+)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_ATTRIBUTES = re.compile(_ATTRIBUTE)

# Void elements, and those that end where the next one begins: neither adds to the depth.
_FLAT = """
area base br col embed hr img input link meta param source track wbr
p li dt dd option optgroup rp rt tr td th tbody thead tfoot colgroup caption html head body
"""
FLAT: Final = frozenset(_FLAT.split())

# Shapes of SVG, which a slash at their end closes: a page of icons is not deep.
_SHAPES: Final = frozenset(
    ["path", "circle", "ellipse", "line", "polygon", "polyline", "rect", "use", "stop", "image"]
)
_CLOSED = re.compile(r"\s*/>")


def readable(text: str) -> tuple[str, str]:
    """The part of a document that a parser can be given, and why it is not all of it (empty where it is)."""
    depth = 0
    for token in _TOKEN.finditer(text):
        if (name := token["start"]) is not None:
            depth += name.lower() not in FLAT and not _is_closed_shape(text, token)
        elif token["end"] is not None:
            depth -= depth > 0 and token["end"].lower() not in FLAT
        if depth > _DEEPEST:
            return text[: token.start()], f"Elements are nested more than {_DEEPEST:,} deep"
        if token.end() - token.start() > 2 * _MOST_ATTRIBUTES and _attributes(token) > _MOST_ATTRIBUTES:
            return text[: token.start()], f"An element has more than {_MOST_ATTRIBUTES:,} attributes"
    return text, ""


def is_harmless(octets: bytes) -> bool:
    """Whether a document in UTF-8 has too few tags and attributes altogether to overdo anything."""
    if len(octets) <= _FEW_TAGS:
        return True
    starts = octets.count(b"<")
    if starts > _FEW_TAGS and starts - octets.count(b"</") > _FEW_TAGS:
        return False
    return len(octets) - len(octets.translate(None, _SEPARATORS)) <= _FEW_SEPARATORS


def _is_closed_shape(text: str, token: re.Match[str]) -> bool:
    return token["start"].lower() in _SHAPES and _CLOSED.match(text, token.end()) is not None


def _attributes(token: re.Match[str]) -> int:
    written = token["attributes"] or token["rest"] or ""
    return sum(1 for _ in _ATTRIBUTES.finditer(written))
