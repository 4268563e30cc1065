"""What a page names that a browser loads with it: styles, scripts, images, fonts, media; pure."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

_ATTRIBUTES: Final = {
    "script": ("src",),
    "img": ("src", "srcset"),
    "source": ("src", "srcset"),
    "video": ("src", "poster"),
    "audio": ("src",),
    "track": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "link": ("href", "imagesrcset"),
}
_LOADED: Final = frozenset(
    (
        "stylesheet",
        "icon",
        "apple-touch-icon",
        "mask-icon",
        "preload",
        "modulepreload",
        "manifest",
        "prefetch",
    )
)
"""Relations of `link` that load something."""


def assets(html: bytes, url: str) -> list[str]:
    """The URLs that the page at ``url`` names, absolute, each once, in the order of the document."""
    tree = LexborHTMLParser(html)
    base = tree.css_first("base[href]")
    at = _absolute(url, (base.attributes.get("href") or "") if base else "") or url
    named = (text.strip() for node in tree.css(",".join(_ATTRIBUTES)) for text in _named(node))
    found = (_absolute(at, text).partition("#")[0] for text in named)
    return list(dict.fromkeys(one for one in found if one.startswith(("http://", "https://"))))


def _absolute(at: str, text: str) -> str:
    """The URL that a text names; empty where it is none."""
    try:
        return urljoin(at, text)
    except ValueError:
        return ""


def _named(node: LexborNode) -> Iterator[str]:
    tag, given = node.tag or "", node.attributes
    if tag == "link" and not _LOADED & set((given.get("rel") or "").lower().split()):
        return
    for name in _ATTRIBUTES[tag]:
        text = given.get(name) or ""
        if name.endswith("srcset"):
            yield from (one.split()[0] for one in text.split(", ") if one.strip())
        elif text:
            yield text
