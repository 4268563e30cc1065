"""The groups of a robots.txt (RFC 9309, 2.2.1), told apart by whole product tokens.

Parsers that match by prefix let rules for ``Claude`` decide about ``ClaudeBot``; crawlers compare the whole token.
"""

import re
import sys
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from crawlight.audit.robots import MAX_ROBOTS_TXT, may_crawl

_FIELD: Final = re.compile(r"\s*([A-Za-z-]+)\s*:\s*([^#]*)")
_AGENT: Final = "user-agent"
_OUTSIDE: Final = frozenset({"sitemap"})
"""Fields that belong to no group and end none."""


MOST_WORK: Final = 10_000_000
"""Rules that are compared with paths at most for all the pages of one site: about ten seconds of a core."""


class TooManyRulesError(Exception):
    """A text has too many rules to ask all that about it."""


class Group(msgspec.Struct, frozen=True):
    """One group: its product tokens in lower case, the numbers of their lines from 0, and its other fields."""

    tokens: Sequence[str]
    lines: Sequence[int]
    fields: Sequence[tuple[str, str]]
    """Names in lower case, and values."""


def groups(robots_txt: str) -> list[Group]:
    """All groups in their order."""
    found: list[tuple[list[str], list[int], list[tuple[str, str]]]] = []
    for number, line in enumerate(robots_txt[:MAX_ROBOTS_TXT].lstrip("\ufeff").splitlines()):
        match = _FIELD.match(line)
        name, value = (match[1].lower(), match[2].strip()) if match else ("", "")
        if name == _AGENT:
            if not found or found[-1][2]:
                found.append(([], [], []))
            found[-1][0].append(value.partition("/")[0].strip().lower())
            found[-1][1].append(number)
        elif name and name not in _OUTSIDE and found:
            found[-1][2].append((name, value))
    return [Group(*one) for one in found]


def named(robots_txt: str, token: str) -> list[Group]:
    """The groups that name a crawler's product token."""
    return [group for group in groups(robots_txt) if token.lower() in group.tokens]


def allows(robots_txt: str, token: str, path: str = "/") -> bool:
    """Say whether robots.txt lets the crawler of a product token fetch a path: its own groups decide, else ``*``."""
    return Rules(robots_txt).allow(token, path)


class Rules:
    """The rules of a robots.txt, for many questions about it; ``most_work`` bounds the rules times paths of these."""

    def __init__(self, robots_txt: str, most_work: int = sys.maxsize) -> None:
        self._groups = groups(robots_txt)
        self._named = frozenset(token for group in self._groups for token in group.tokens)
        self._texts: dict[str, str] = {}
        self._known: dict[tuple[str, str], bool] = {}
        self._most_work = most_work
        self.work = 0

    def names(self, token: str) -> bool:
        """Say whether a group is for the crawler of a product token by name."""
        return token.lower() in self._named

    def allow(self, token: str, path: str) -> bool:
        """Say whether a crawler may fetch a path: its own groups decide, else ``*``.

        Raises TooManyRulesError where the work for all questions is used up.
        """
        name = token.lower() if self.names(token) else "*"
        if name not in self._texts:
            fields = (field for group in self._groups if name in group.tokens for field in group.fields)
            self._texts[name] = _written(fields)
        text = self._texts[name]
        if (text, path) not in self._known:  # Most crawlers share one group.
            self._count(text)
            self._known[text, path] = may_crawl(text, "any", f"https://host{path}")
        return self._known[text, path]

    def _count(self, text: str) -> None:
        work = text.count("\n")
        if self.work + work > self._most_work:
            raise TooManyRulesError
        self.work += work


def _written(fields: Iterable[tuple[str, str]]) -> str:
    rules = "\n".join(f"{name}: {value}" for name, value in fields if name in ("allow", "disallow"))
    return f"User-agent: *\n{rules}"
