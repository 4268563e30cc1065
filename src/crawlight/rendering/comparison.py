"""Whether crawlers get what people see: two views of one page, compared."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import msgspec

MOST_MISSING: Final = 1.0
"""Percent of the words, links or pictures that a whole page may lack: some change by chance."""
MOST_ADDED: Final = 5.0
"""Percent of the words that only crawlers may get."""
_FEW: Final = 3
"""Words that may differ on any page: a clock, a counter."""
_SHOWN: Final = 20
_LONGEST: Final = 200
"""Pieces of each kind that are named, and characters of each."""

# Scripts that write no spaces between words count by characters.
_WORD = re.compile(
    r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u0e00-\u0e7f\u3040-\u9fff\uac00-\ud7af]+"
)


class Seen(msgspec.Struct, frozen=True):
    """One view of a page. ``text`` has a piece for each block; ``loaded`` are the pictures that have come."""

    url: str
    status: int
    done: bool
    height: int
    head: Mapping[str, list[str]]
    text: list[str]
    links: list[str]
    pictures: list[str]
    loaded: list[str]


class Difference(msgspec.Struct, frozen=True, rename="camel"):
    """A part of the head that differs, as people's browsers and as crawlers have it."""

    name: str
    people: tuple[str, ...]
    crawlers: tuple[str, ...]


class Change(msgspec.Struct, frozen=True, rename="camel"):
    """What is missing or added: the share in percent, how many, and the first of them."""

    percent: float
    count: int
    first: tuple[str, ...]


class Comparison(msgspec.Struct, frozen=True, rename="camel"):
    """What people see of a page beside what crawlers get.

    ``failure`` says why there is nothing to compare; else it is empty. Words of text are counted, and blocks of text
    named; links and pictures are addresses.
    """

    url: str
    whole: bool
    failure: str
    people_words: int
    crawler_words: int
    text_missing: Change
    text_added: Change
    head: tuple[Difference, ...]
    links_missing: Change
    links_added: Change
    pictures_missing: Change


def compare(url: str, people: Seen, later: Seen, crawlers: Seen) -> Comparison:
    """Compare what a browser shows, of which only that counts which was there at both moments, with crawlers' page."""
    steady = _words(people.text) & _words(later.text)
    shown, given = _words(later.text), _words(crawlers.text)
    missing, added = steady - given, given - shown
    links = [one for one in people.links if one in set(later.links)]
    pictures = [one for one in people.loaded if one in set(later.loaded)]
    text_missing = _change(missing, steady, _blocks(later.text, missing))
    text_added = _change(added, given, _blocks(crawlers.text, added))
    head = tuple(_head(later.head, crawlers.head))
    links_missing = _gone(links, crawlers.links)
    pictures_missing = _gone(pictures, crawlers.pictures)
    few = text_missing.count <= _FEW or text_missing.percent <= MOST_MISSING
    alike = few and (text_added.count <= _FEW or text_added.percent <= MOST_ADDED)
    kept = max(links_missing.percent, pictures_missing.percent) <= MOST_MISSING
    return Comparison(
        url=url,
        whole=alike and kept and not head,
        failure="",
        people_words=steady.total(),
        crawler_words=given.total(),
        text_missing=text_missing,
        text_added=text_added,
        head=head,
        links_missing=links_missing,
        links_added=_gone(crawlers.links, later.links),
        pictures_missing=pictures_missing,
    )


def failed(url: str, failure: str) -> Comparison:
    """A page that crawlers do not get at all."""
    return redirect(url, failure)


def redirect(url: str, failure: str) -> Comparison:
    """A page that leads elsewhere: there is nothing to compare, and it is whole where nothing is wrong with that."""
    none = Change(0.0, 0, ())
    return Comparison(url, not failure, failure, 0, 0, none, none, (), none, none, none)


def _words(text: Iterable[str]) -> Counter[str]:
    return Counter(word for piece in text for word in _WORD.findall(piece.casefold()))


def _blocks(text: Iterable[str], wanted: Counter[str]) -> list[str]:
    """Blocks of text that consist mostly of wanted words, each word as often as it is wanted."""
    left, found = Counter(wanted), []
    for piece in text:
        words = _words([piece])
        if 2 * (words & left).total() > words.total():
            found.append(piece)
            left -= words
    return found


def _change(some: Counter[str], of: Counter[str], blocks: list[str]) -> Change:
    return Change(_percent(some.total(), of.total()), some.total(), _first(blocks or list(some)))


def _gone(these: Collection[str], those: Collection[str]) -> Change:
    known = set(those)
    gone = [one for one in these if one not in known]
    return Change(_percent(len(gone), len(these)), len(gone), _first(gone))


def _first(pieces: list[str]) -> tuple[str, ...]:
    return tuple(piece[:_LONGEST] for piece in pieces[:_SHOWN])


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def _head(people: Mapping[str, list[str]], crawlers: Mapping[str, list[str]]) -> Iterable[Difference]:
    for name, values in people.items():
        ours = crawlers.get(name, [])
        if sorted(map(_plain, values)) != sorted(map(_plain, ours)):
            yield Difference(name, _first(values), _first(ours))


def _plain(value: str) -> str:
    """A value without what makes no difference: white space, and the order of names in JSON."""
    try:
        data: Any = msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return " ".join(value.split())
    return msgspec.json.encode(data, order="sorted").decode()
