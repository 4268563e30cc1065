"""Recognises crawlers that no list knows, by the way in which they introduce themselves.

The signs, strongest first: a product word such as ``…bot`` or ``…crawler``; the phrase ``compatible; Name``
where Name is no browser; a contact address; and, in strings that do not pose as a browser, a word of the trade
such as ``monitor`` or ``validator``. Phones and in-app browsers whose names contain such words are people.
No pattern here can backtrack over the string, and the string is bounded.
"""

import re
import string
from collections.abc import Callable

from ahocorasick_rs import AhoCorasick, MatchKind

from crawlight.bots.browsers import BROWSER_WORDS, BROWSERS
from crawlight.bots.catalogue import Agent
from crawlight.bots.patterns import (
    CONTACT,
    PHRASE,
    SITE,
    TRADE,
    WORD,
    Hit,
    Match,
    finder,
)

Search = Callable[[str], list[str]]


def _any_of(words: str) -> Search:
    """Lists which of the words, given with a bar between them, are in a string: ``re`` takes ten times as long."""
    automaton = AhoCorasick(words.split("|"), matchkind=MatchKind.LeftmostLongest)
    return automaton.find_matches_as_strings


LEAST_INTRODUCED = 8
"""Characters that a name at the very end of a string must have, space included, to be taken for a whole name."""

MOST_NAMED = 40
"""Characters that a stranger's name is cut to."""

FAR = 300
"""Characters that are looked back for the start of a URL or a bracket."""

_POSES = ("mozilla/", "mozilla ", "opera/", "opera ", "user-agent: mozilla", "user-agent:mozilla")
_DEVICE_MARKS = ("android", "adr ", "tizen", "kaios", "harmony", "windows phone", "iphone", "ipad")
_PHONES = _any_of(  # and other devices, and browsers for terminals
    "midp|up.browser|up.link|ucweb|ucbrowser|symbian|series60|nokia|blackberry|samsung|sonyericsson|docomo|kddi-"
    "|j-phone|vodafone/|softbank/|opera mini|obigo|netfront|teleca|dolfin|windows ce|(iphone|(ipad|android|mobile"
    "|;ios|; ios|watchos|maui|mre/|wap browser|elinks|mosaic/|links (|xbmc"
    + "".join(f"|ios{digit}|ios/{digit}" for digit in string.digits)
)
_PHONE_MAKER = re.compile(
    r"(?:lg|mot|sie|htc|zte|sec|sgh|alcatel|huawei|panasonic|philips|sharp|sanyo|palm)\b"
)
_EMAIL = re.compile(r"@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}\.[a-z]{2}")
_SITE_HERE = re.compile(
    r"(?:^|(?<=[\s(+;,]))(?:www\.)?[a-z0-9][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63}){0,3}"
    r"\.(?:com|net|org|io|info|ai|co|de|fr|ru|eu|jp|pt)(?![\w.])"
)
_NAME = re.compile(r"[^/(;,:+\[\]<>{}|]{1,60}")
_PRODUCT = re.compile(r"[A-Za-z][\w.!&'-]{0,60}")
_HOST = re.compile(r"(?:https?://|www\.|@)([a-z0-9.-]{1,80})", re.IGNORECASE)
_TRADES = _any_of(
    "fetch|check|monitor|valid|scan|archiv|index|feed|rss|search|agent|download|preview|probe|uptime|audit|analy"
    "|harvest|survey|extract|link|site|proxy|http|client|libwww|perl|image|screenshot|thumbnail|seo|test|loader"
    "|collect|track|inspect|optimi|finder|ping|verif|synthetic|bench|lookup|recon"
)
_CLOSERS = re.compile(
    r"[\w-]{0,40}(?:scanner|scan|checker|monitor|validator|analy[sz]er|inspector|auditor|harvester|extractor|archiver"
    r"|indexer|grabber|collector|tester|prober|optimizer|agent|fetcher|finder|screenshot|thumbnail)(?![a-z])"
)
_URL_END = re.compile(r"[\s;,()<>\[\]\"']")
_BARE_HOST = re.compile(r"[a-z0-9-]+\.[a-z]{2,}[^\s;,()<>\[\]\"']*$")
_BEFORE_WORDS = " \t;,:(){}[]<>|'\"+*!^`"
_WORD_SIGNS = string.ascii_letters + string.digits + "_-.!"


def unknown(text: str, low: str, signs: list[Match]) -> Agent | None:
    """The crawler that a string introduces by any of the signs, or None. ``low`` is ``text`` in lower case."""
    kinds = {sign[0] for sign in signs}
    name = (
        (WORD in kinds and _product_word(text, low, signs))
        or (PHRASE in kinds and _introduced(text, low, signs))
        or ((CONTACT in kinds or SITE in kinds) and _contact(text, low, signs))
        or _trade(text, low, signs)
    )
    return _agent(name) if name else None


def declared(text: str, low: str, signs: list[Match]) -> Agent | None:
    """The crawler named by a product word only: the rule for strings that other signs would mislead."""
    name = _product_word(text, low, signs)
    return _agent(name) if name else None


def carrier(text: str, low: str, found: list[Hit], signs: list[Match]) -> Agent | None:
    """Another product beside tokens that others carry along, such as ``OnPageBot (compatible; Googlebot 2.1; …)``."""
    name = _product_word(text, low, _outside(signs, found))
    if name:
        return _agent(name)
    hosts = finder().agents[found[0][4]].hosts
    host = _HOST.search(low)
    if hosts and host and not any(known in host.group(1) for known in hosts):
        return _agent(host.group(1).strip(".-").removeprefix("www."))
    if found[0][2] and text[0].isalpha() and not _poses(low) and not _is_phone(low):
        return _agent(_first_name(text))
    return None


def user_of_library(text: str, low: str, found: list[Hit], signs: list[Match]) -> Agent | None:
    """The crawler that names itself beside the library it is built with."""
    outside = _outside(signs, found)
    name = (
        _product_word(text, low, outside) or _introduced(text, low, outside) or _contact(text, low, outside)
    )
    if name is None and all(hit[2] for hit in found):
        name = _trade(text, low, outside)
    libraries = {finder().agents[hit[4]].name.lower() for hit in found}
    if not name or any(name.lower() in library or library in name.lower() for library in libraries):
        return None
    return _agent(name)


def word_at(text: str, position: int) -> str:
    """The product word that ends at or reaches over the position, without its version."""
    return _whole_word(text, position - 1, position)


def _agent(name: str) -> Agent:
    shown = name[:MOST_NAMED]
    if not shown.isprintable():
        shown = "".join(sign for sign in shown if sign.isprintable())
    shown = shown.strip()
    return Agent(name=shown or "unnamed", category="other")


def _poses(low: str) -> bool:
    return low.startswith(_POSES)


def _is_phone(low: str) -> bool:
    return bool(_PHONES(low) or _PHONE_MAKER.match(low))


def _outside(signs: list[Match], found: list[Hit]) -> list[Match]:
    """The signs that are no part of a token found."""
    if len(found) == 1:
        first, last = found[0][2], -found[0][3]
        return [sign for sign in signs if not first <= sign[1] < last]
    covered = {position for hit in found for position in range(hit[2], -hit[3])}
    return [sign for sign in signs if sign[1] not in covered]


def _product_word(text: str, low: str, signs: list[Match]) -> str | None:
    for kind, start, end in signs:
        if kind == WORD and _is_product(text, low, start, end) and not _in_url(low, start):
            word = _whole_word(text, start, end)
            if word and not word.lower().startswith("cubot") and not _is_device(low, start, end):
                return _full_name(text, low, word)
    return None


def _is_product(text: str, low: str, start: int, end: int) -> bool:
    """Whether ``bot`` closes a word: Bottle and Botswana are none, but BotPoke is; the other stems may go on."""
    after = low[end]
    if after == "@":
        return False
    if end - start > 3 or not after.isalpha():
        return True
    if after == "s" and not low[end + 1].isalpha():
        return True
    return text[end].isupper() and text[end - 1].islower()


def _whole_word(text: str, start: int, end: int) -> str:
    head = text[max(0, start - 40) : start]
    tail = text[end : end + 40]
    begin = start - len(head) + len(head.rstrip(_WORD_SIGNS))
    if text[begin - 1] == "@":
        return ""
    return text[begin : end + len(tail) - len(tail.lstrip(_WORD_SIGNS))].strip("._-!")


def _full_name(text: str, low: str, word: str) -> str:
    """The word itself, or the words before it where it says no more than *bot*."""
    if word.lower() not in ("bot", "crawler", "spider", "robot", "webbot") or _poses(low):
        return word
    return _first_name(text)


def _is_device(low: str, start: int, end: int) -> bool:
    """Whether the word is a phone's name: inside of a mobile platform's brackets, without a version of its own."""
    begin = low.rfind("(", max(0, start - FAR), start)
    if begin < 0 or begin < low.rfind(")", max(0, start - FAR), start):
        return False
    inside = low[begin + 1 : start]
    if "compatible" in inside or not any(mark in inside for mark in _DEVICE_MARKS):
        return False
    return not (low.startswith("/", end) and low[end + 1 : end + 3].strip("v")[:1].isdigit())


def _introduced(text: str, low: str, signs: list[Match]) -> str | None:
    for kind, start, end in signs:
        if kind == PHRASE and low[start - 1] in "(;, " and low[start - 2] not in "0123456789":
            name = _NAME.match(text, end)
            if name and name.end() == len(text) and name.end() - end < LEAST_INTRODUCED:
                continue  # cut off: it may have been a browser's
            if name and not BROWSERS.match(low, end, name.end()):
                return _first_name(name.group())
    return None


def _contact(text: str, low: str, signs: list[Match]) -> str | None:
    old = "msie " in low
    if any(kind == CONTACT and _is_contact(low, start, old) for kind, start, _ in signs):
        return _beside_contact(text, low)
    if old or all(sign[0] != SITE for sign in signs) or not _SITE_HERE.search(low):
        return None
    return None if _poses(low) and _is_phone(low) else _beside_contact(text, low)


def _is_contact(low: str, start: int, old: bool) -> bool:
    """Whether an e-mail or web address starts or goes on here. Old Internet Explorers carried those of add-ons."""
    if low[start] == "@":
        return bool(_EMAIL.match(low, start))
    return not old or "+" in low[max(0, start - 7) : start + 1]


def _trade(text: str, low: str, signs: list[Match]) -> str | None:
    """A word of the trade: anywhere in a program's own string, as a product's last syllable in a browser's."""
    if not _poses(low):
        return _first_name(text) if _TRADES(low) and not _is_phone(low) else None
    for kind, start, end in signs:
        if kind == TRADE and _CLOSERS.match(low, start) and not _in_url(low, start):
            return None if _is_phone(low) else _whole_word(text, start, end)
    return None


def _beside_contact(text: str, low: str) -> str:
    if not _poses(low):
        return _first_name(text)
    position = text.find("://")
    before: list[str] = _PRODUCT.findall(text[max(0, position - 80) : max(0, position)])
    if len(before) > 1 and before[-2].lower() not in BROWSER_WORDS:
        return before[-2]
    host = _HOST.search(text)
    return host.group(1).strip(".-").removeprefix("www.") if host else _last_product(text)


def _first_name(text: str) -> str:
    """The words with which a string begins, up to a version, a bracket or an address."""
    start = _NAME.search(text)
    words = start.group().split() if start else []
    name = []
    for word in words:
        if word.lower() in ("http", "https", "-") or word.lstrip("vV.")[:1].isdigit():
            break
        name.append(word)
    if name and name[0].lower() not in BROWSER_WORDS:
        return " ".join(name).strip(" .-!&'\"^")
    return next((word for word in _PRODUCT.findall(text) if word.lower() not in BROWSER_WORDS), "unnamed")


def _last_product(text: str) -> str:
    words = [word for word in _PRODUCT.findall(text) if word.lower() not in BROWSER_WORDS]
    return words[-1] if words else "unnamed"


def _in_url(low: str, position: int) -> bool:
    """Whether the position lies inside a URL, or behind a host name and a slash."""
    if low[position - 1] in _BEFORE_WORDS:
        return False
    for mark in ("//", "www."):
        begin = low.rfind(mark, max(0, position - FAR), position)
        if begin >= 0 and not _URL_END.search(low, begin, position):
            return True
    return low[position - 1] == "/" and bool(_BARE_HOST.search(low, max(0, position - 80), position))
