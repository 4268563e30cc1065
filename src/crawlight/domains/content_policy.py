"""A Content-Security-Policy as people write it: what is none, and what browsers would ignore of it. Pure."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

LONGEST: Final = 8_000

_DIRECTIVE: Final = re.compile(r"[a-z][a-z-]+(?: |$)")

_KNOWN: Final = """
base-uri block-all-mixed-content child-src connect-src default-src fenced-frame-src font-src form-action
frame-ancestors frame-src img-src manifest-src media-src navigate-to object-src plugin-types prefetch-src
referrer report-to report-uri require-sri-for require-trusted-types-for sandbox script-src script-src-attr
script-src-elem style-src style-src-attr style-src-elem trusted-types upgrade-insecure-requests worker-src
"""
KNOWN: Final = frozenset(_KNOWN.split())
"""Directives of CSP Level 3 (https://www.w3.org/TR/CSP3/), of what extends it, and those that browsers once read."""


def one_line(given: str) -> str:
    """A policy in one line. Raises ValueError for what is not a list of directives."""
    text = " ".join(given.split())
    if len(text) > LONGEST or not (text.isascii() and text.isprintable()):
        raise ValueError(f"a policy has up to {LONGEST:,} characters of ASCII")
    for directive in _directives(text):
        if not _DIRECTIVE.match(directive):
            raise ValueError(f"{directive[:40]!r} is not a directive such as default-src 'self'")
    if "{" in text:
        raise ValueError("a policy has no braces")
    return text


def ignored(policy: str) -> list[str]:
    """Sentences about what browsers ignore in a policy: directives that none knows, and those that come twice."""
    names = [directive.partition(" ")[0] for directive in _directives(policy)]
    unknown = [_unknown(name) for name in dict.fromkeys(names) if name not in KNOWN]
    twice = [name for name in dict.fromkeys(names) if name in KNOWN and names.count(name) > 1]
    return [*unknown, *(f"Browsers read only the first {name}." for name in twice)]


def _unknown(name: str) -> str:
    meant = get_close_matches(name, sorted(KNOWN), 1, 0.7)
    told = f"No browser knows the directive {name[:40]}, so it has no effect"
    return f"{told}; did you mean {meant[0]}?" if meant else f"{told}."


def _directives(text: str) -> Iterator[str]:
    return filter(None, map(str.strip, text.split(";")))
