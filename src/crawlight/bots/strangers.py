"""Recognises crawlers that no list knows, by the way in which they introduce themselves.

Four signs, strongest first: a product word such as ``…bot`` or ``…crawler``; a contact address; the phrase
``compatible; Name`` where Name is no browser; and, in strings that do not pose as a browser, a word of the
trade such as ``monitor`` or ``validator``. Phones and in-app browsers whose names contain such words are people.
Every search here is a single pass: no pattern can backtrack over the string.
"""

import re

from crawlight.bots.catalogue import Agent
from crawlight.bots.patterns import Hit, in_url

_STRONG = re.compile(r"bot|crawl|spider|slurp|scrap(?:e|p|y|ing)")
_WORD = re.compile(r"[\w.!-]+")
_POSES = re.compile(r"mozilla/|opera[/ ]|user-agent: ?mozilla/")
_PHONE = re.compile(
    r"profile/midp|midp-|up\.browser|up\.link|ucweb|ucbrowser|symbian|series60|nokia|blackberry|samsung|sonyericsson"
    r"|docomo|kddi-|j-phone|vodafone/|softbank/|opera mini|obigo|netfront|teleca|dolfin|windows ce|\(iphone|\(ipad"
    r"|\(android|android [\d.]+;|ios/?\d|^(?:lg|mot|sie|htc|zte|sec|sgh|alcatel|huawei|panasonic|philips|sharp|sanyo|palm)\b"
)
_DEVICE_MARKS = ("android", "adr ", "tizen", "kaios", "harmony", "windows phone", "iphone", "ipad")
_PEOPLE = re.compile(r"bsalsa\.com|googleimageproxy|yahoomailproxy|hbbtv|googleweblight")
"""Browser controls, televisions and mail proxies whose strings carry addresses or feature lists."""

_CONTACT = re.compile(
    r"https?:/?/|\bhttp:|\+www\.|\+ ?[a-z][a-z0-9-]*\.[a-z]{2}|mailto:|@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}\.[a-z]{2}|\[at\]"
)
_SITE = re.compile(
    r"(?<![\w./@:-])(?:www\.)?[a-z0-9][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63}){0,3}"
    r"\.(?:com|net|org|io|info|biz|co|ai|de|fr|ru|eu|uk|jp|cz|it|nl|ch|pl|se|at|be|es|dk|si|cn|pt|to|me|app|dev)(?![\w.])"
)
_COMPATIBLE = re.compile(r"(?<![a-z])compatible[;,](?=([^;(),]*))")
_BROWSERS = re.compile(
    r"\s*$|\s*(?:ms\w*ie|dplus|mmef|playstation|nintendo|windows|konqueror|opera|netscape|icab|netpositive|webtv|omniweb|ibrowse|acorn|macintosh|mac_|linux"
    r"|x11|u$|u;|iemobile|khtml|gecko|mozilla|firefox|chrome|safari|elinks|links|w3m|lynx|dillo|avant|aol|msn|amiga|beos"
    r"|os/2|sunos|freebsd|ms ?ie|microsoft|internet explorer|ie |bytedance|blackberry|nokia|android|iphone|ipad|ios"
    r"|epiphany|chr0me|galeon|netfront|palm|symbian|maxthon|tablet|unix|wget)"
)
_TRADE = re.compile(
    r"fetch|check|monitor|valid|scan|archiv|index|feed|rss|search|agent|download|preview|probe|uptime|audit|analy"
    r"|harvest|research|survey|extract|link|site|proxy|http|client|libwww|perl|image|screenshot|thumbnail|seo|test"
    r"|loader|collect|nutch|headless|track"
)
_PRODUCT = re.compile(r"[A-Za-z][\w.!&'-]*")
_BEFORE_CONTACT = re.compile(r"([A-Za-z][\w.!-]{0,60})(?:/[\w.-]{0,30})?[\s;,:(+-]{0,5}https?://", re.IGNORECASE)
_HOST = re.compile(r"(?:https?://|www\.|@)([a-z0-9.-]{1,80})", re.IGNORECASE)
_BROWSER_WORDS = frozenset(
    (
        "mozilla applewebkit khtml gecko chrome safari version mobile firefox compatible windows nt linux x11 macintosh "
        "intel mac os x opera msie trident like u android iphone ipad via http https www user-agent edge edg from by at "
        "contact build ubuntu fedora x86_64 chromium presto headlesschrome phantomjs the"
    ).split()
)


def unknown(text: str, low: str) -> Agent | None:
    """The crawler that a string introduces by any of the signs, or None. ``low`` is ``text`` in lower case."""
    if _PEOPLE.search(low):
        return None
    name = _product_word(text, low) or _introduced(text, low)
    if name is None and _has_contact(low):
        name = _beside_contact(text, low)
    if name is None and _speaks_of_trade(low):
        name = _first_product(text)
    return _agent(name) if name else None


def declared(text: str, low: str) -> Agent | None:
    """The crawler named by a product word only: the rule for strings that other signs would mislead."""
    name = _product_word(text, low)
    return _agent(name) if name else None


def beside(text: str, low: str, found: list[Hit]) -> Agent | None:
    """Another crawler, named beside tokens that others carry along or beside a library."""
    masked = list(text)
    for hit in found:
        masked[hit.start : hit.end] = " " * (hit.end - hit.start)
    rest = "".join(masked)
    if found[0].rank == 1:
        return declared(rest, rest.lower())
    return unknown(rest, rest.lower())


def is_shell(low: str) -> bool:
    """Whether a desktop program that is built on Electron asks: a person sits before it."""
    return " electron/" in low


def word_at(text: str, position: int) -> str:
    """The product word that ends at or reaches over the position, without its version."""
    begin = max(0, position - 60)
    for match in _WORD.finditer(text, begin, position + 60):
        if match.start() < position <= match.end():
            return match.group().strip(".-!")
    return ""


def _agent(name: str) -> Agent:
    return Agent(name=name[:40], category="other")


def _product_word(text: str, low: str) -> str | None:
    for match in _STRONG.finditer(low):
        start, end = match.span()
        if _is_product(text, low, start, end) and not (start and in_url(low, start)):
            word = _whole_word(text, start, end)
            if word and not word.lower().startswith("cubot") and not _is_device(low, start, word):
                return word
    return None


def _is_product(text: str, low: str, start: int, end: int) -> bool:
    """Whether ``bot`` closes a word: Bottle and Botswana are none, but BotPoke is; the other stems may go on."""
    after = low[end : end + 1]
    if low[start:end] != "bot" or not after.isalpha():
        return after != "@"
    return low.startswith("s", end) and not low[end + 1 : end + 2].isalpha() or text[end].isupper() and text[end - 1].islower()


def _whole_word(text: str, start: int, end: int) -> str:
    begin = start
    while begin and start - begin < 40 and (text[begin - 1].isalnum() or text[begin - 1] in "_-.!"):
        begin -= 1
    while end < len(text) and end - start < 40 and (text[end].isalnum() or text[end] in "_-."):
        end += 1
    if text[begin - 1 : begin] == "@":
        return ""
    return text[begin:end].strip("._-!")


def _is_device(low: str, position: int, word: str) -> bool:
    """Whether the word is a phone's name: inside of a mobile platform's brackets and without a version."""
    begin = low.rfind("(", 0, position)
    if begin < low.rfind(")", 0, position):
        return False
    inside = low[begin:position]
    if "compatible" in inside or not any(mark in inside for mark in _DEVICE_MARKS):
        return False
    return not re.match(re.escape(word.lower()) + r"/v?\d", low[low.rfind(word.lower()[:1], 0, position + 1) :])


def _introduced(text: str, low: str) -> str | None:
    for match in _COMPATIBLE.finditer(low):
        name = match.group(1)
        if not _BROWSERS.match(name) and not name.strip().startswith(("+", "http")):
            return _first_product(text[match.start(1) : match.end(1)])
    return None


def _has_contact(low: str) -> bool:
    contact = _CONTACT.search(low)
    if "msie " in low and not (contact and contact.group()[0] in "+@m"):
        return "+http" in low
    if contact:
        return True
    return not _PHONE.search(low) and "mobile" not in low and bool(_SITE.search(low))


def _speaks_of_trade(low: str) -> bool:
    return not _POSES.match(low) and not _PHONE.search(low) and bool(_TRADE.search(low))


def _beside_contact(text: str, low: str) -> str:
    before = _BEFORE_CONTACT.search(text)
    if before and before.group(1).lower() not in _BROWSER_WORDS:
        return before.group(1)
    if not _POSES.match(low):
        return _first_product(text) or "unnamed"
    host = _HOST.search(text)
    return host.group(1).strip(".-").removeprefix("www.") if host else _last_product(text)


def _first_product(text: str) -> str:
    for match in _PRODUCT.finditer(text):
        if match.group().lower() not in _BROWSER_WORDS:
            return match.group().rstrip(".-!&'")
    return text.strip()[:40]


def _last_product(text: str) -> str:
    words = [word for word in _PRODUCT.findall(text) if word.lower() not in _BROWSER_WORDS]
    return words[-1] if words else "unnamed"
