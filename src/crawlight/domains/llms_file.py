"""An llms.txt written from pages: their titles and descriptions, grouped by the first part of their paths. Pure.

https://llmstxt.org/ says the form: a title, a quote, sections of links.
"""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

import msgspec

MOST_PAGES: Final = 1_000
"""Agents read the whole file at once."""

_LONGEST: Final = 300


class Described(msgspec.Struct, frozen=True):
    """A page: its path, and what it says of itself."""

    path: str
    title: str
    description: str


def written(host: str, base: str, pages: Sequence[Described]) -> bytes:
    """The file; the first pages are in it, those with short paths before others."""
    home = next((page for page in pages if page.path == "/"), Described("/", "", ""))
    chosen = sorted((page for page in pages if page.path != "/"), key=_depth)[:MOST_PAGES]
    sections: dict[str, list[str]] = {}
    for page in sorted(chosen, key=lambda page: page.path):
        sections.setdefault(_section(page.path), []).append(_link(base, page))
    parts = [f"# {_line(home.title) or host}"]
    if home.description:
        parts.append(f"> {_line(home.description)}")
    parts += ["\n".join([f"## {name}", "", *links]) for name, links in sections.items()]
    return ("\n\n".join(parts) + "\n").encode("utf-8", "replace")


def _depth(page: Described) -> tuple[int, str]:
    return page.path.count("/"), page.path


def _section(path: str) -> str:
    """Pages beneath a folder stand in its section, all others in the first one."""
    first, _, rest = path.strip("/").partition("/")
    if not rest:
        return "Pages"
    words = re.sub(r"[\W_]+", " ", unquote(first)).strip()
    return words[:1].upper() + words[1:] if words else "Pages"


def _link(base: str, page: Described) -> str:
    title = re.sub(r"[\[\]]", "", _line(page.title)) or page.path
    url = (base + page.path).replace("(", "%28").replace(")", "%29")
    about = f": {_line(page.description)}" if page.description else ""
    return f"- [{title}]({url}){about}"


def _line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]
