"""What is wrong with routing rules, before they are saved: each line with its reason."""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlsplit

import msgspec

from crawlight.domains.rules import LONGEST_CHAIN, REDIRECTS, TYPES, Rule, Rules, filled, is_pattern, names_of
from crawlight.kit.addresses import is_public

MOST: Final = 10_000
LONGEST: Final = 2_048

_SAMPLES: Final = ("x", "x/y")


class Wrong(msgspec.Struct, frozen=True):
    """What is wrong with one line; the first is 1."""

    line: int
    reason: str


def wrongs(host: str, rules: Sequence[Rule], most: int | None = None) -> list[Wrong]:
    """All lines that are wrong, in order; none where the rules may be saved. ``most`` is the plan's."""
    bound = MOST if most is None else min(most, MOST)
    if len(rules) > bound:
        return [Wrong(bound + 1, f"a domain has up to {bound:,} rules here")]
    found = [Wrong(line, reason) for line, rule in enumerate(rules, 1) if (reason := _reason(rule))]
    if found:
        return found
    ready = Rules(host, rules)
    return [Wrong(line, reason) for line, rule in enumerate(rules, 1) if (reason := _circle(ready, rule))]


def _reason(rule: Rule) -> str:
    """Why a rule is none by itself; empty where it is one."""
    if rule.type not in TYPES:
        return f"{str(rule.type)[:20]!r} is no type; it is {', '.join(TYPES)}"
    return _about_source(rule.source) or (
        _about_gone(rule) if rule.type == "410" else _about_destination(rule)
    )


def _about_source(source: str) -> str:
    if not source.startswith("/") or source.startswith("//"):
        return f"{source[:40]!r} is no path; a source starts with one /"
    if _unfit(source):
        return f"{source[:40]!r} has white space, or is longer than {LONGEST:,} characters"
    if "?" in source or "#" in source:
        return "a source is a path, without ? and #"
    pieces = source.split("/")
    if any("*" in piece and piece != "*" for piece in pieces):
        return "* stands for whole segments, as in /blog/*"
    if any(":" in piece and is_pattern(piece) and not re.fullmatch(r":\w+", piece) for piece in pieces):
        return "a name stands for a whole segment, as in /docs/:slug"
    names = names_of(source)
    if len(set(names)) < len(names):
        return "a source has one * and each name once"
    return ""


def _about_gone(rule: Rule) -> str:
    return "a 410 has no destination" if rule.destination else ""


def _about_destination(rule: Rule) -> str:
    destination = rule.destination
    if _unfit(destination):
        return f"{destination[:40]!r} has white space, or is longer than {LONGEST:,} characters"
    if destination.startswith("/"):
        if destination.startswith(("//", "/\\")):
            return "a path starts with one /"
        if rule.type == "proxy":
            return "a proxy leads to another site: https://host/path"
    elif reason := _about_url(destination):
        return reason
    missing = set(names_of(destination.partition("://")[2] or destination)) - set(names_of(rule.source))
    if missing:
        return f"the source has no {', '.join(f':{name}' for name in sorted(missing))}"
    return "it leads to itself" if destination == rule.source else ""


def _about_url(destination: str) -> str:
    try:
        parts = urlsplit(destination)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return f"{destination[:40]!r} is no URL"
    if parts.scheme not in ("http", "https") or not host:
        return f"{destination[:40]!r} is neither a path nor an http or https URL"
    if "@" in parts.netloc or is_pattern(host) or "*" in host:
        return "the host of a destination is fixed, without user name"
    try:
        return "" if is_public(ipaddress.ip_address(host)) else f"{host} is no public address"
    except ValueError:
        return f"{host} is no public host" if host == "localhost" or host.endswith(".localhost") else ""


def _circle(rules: Rules, rule: Rule) -> str:
    """How the chain that begins with a rule comes back; empty where it ends."""
    if rule.type not in REDIRECTS:
        return ""
    for sample in _SAMPLES if is_pattern(rule.source) else ("",):
        taken = {name: sample if name == "splat" else "x" for name in names_of(rule.source)}
        source = rule.source.replace("*", ":splat")
        way = [filled(source, taken)]
        while len(way) <= LONGEST_CHAIN and (onward := rules.next_path(way[-1])):
            if onward in way:
                return f"it goes in a circle: {' -> '.join([*way[way.index(onward) :], onward])}"
            way.append(onward)
        if len(way) > LONGEST_CHAIN:
            return f"it leads on and on: {' -> '.join(way[:4])} ..."
    return ""


def _unfit(text: str) -> bool:
    return len(text) > LONGEST or any(ord(sign) < 0x21 for sign in text) or "\x7f" in text


def told(found: Iterable[Wrong]) -> str:
    """The wrong lines for a person, the first ten of them."""
    lines = [f"line {one.line}: {one.reason}" for one in found]
    more = f"; and {len(lines) - 10} more" if len(lines) > 10 else ""
    return "; ".join(lines[:10]) + more
