"""The addresses that a page goes on to, compared with its own."""

from typing import Final
from urllib.parse import urlsplit

from crawlight.kit.urls import split_url

_PAGES: Final = frozenset({"http", "https", "about", "blob", "data"})


def takes_place(url: str) -> bool:
    """Say whether what is at a URL takes the place of the page; a link to an app or a mail program does not."""
    return urlsplit(url).scheme in _PAGES


def stays(old: str, new: str) -> bool:
    """Hops between http and https, www and bare are followed: they are the same page."""
    here = split_url(old)
    return here is not None and here == split_url(new)


def is_near(url: str, other: str) -> bool:
    """Say whether two pages are of one site."""
    one, two = split_url(url), split_url(other)
    return one is not None and two is not None and one[0] == two[0]


def is_elsewhere(url: str, location: str) -> bool:
    """Say whether a page that ended at ``location`` by its own script is another than the one asked for.

    What only the query or the fragment says is a state of the same page; with or without a slash at the end, in small
    or capital letters, it is the same: a redirect that we made between those could meet one of the origin's back.
    """
    asked, found = split_url(url), split_url(location)
    if asked is None or found is None:
        return False
    return asked[0] != found[0] or not is_variant(asked[1], found[1])


def is_variant(path: str, other: str) -> bool:
    """Say whether two canonical paths differ in their queries, a slash at the end, or the case of letters at most."""
    return _plain(path) == _plain(other)


def _plain(path: str) -> str:
    return path.partition("?")[0].rstrip("/").casefold()
