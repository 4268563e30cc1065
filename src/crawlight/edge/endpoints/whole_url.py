"""``GET /https://example.com/page``: a call whose path is the page's whole URL, as middleware of Prerender.io asks."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from crawlight.edge.endpoints.call import Asked
from crawlight.errors import CrawlightError
from crawlight.kit.urls import split_url

# Proxies before us may have made one slash of two, and some middleware encodes the URL.
_WHOLE: Final = re.compile(r"/(https?):/{1,2}(?=[^/])", re.IGNORECASE)
_ENCODED: Final = re.compile(r"/https?%3a", re.IGNORECASE)
_ESCAPED: Final = re.compile(r"%3f|%25[0-9a-f]{2}", re.IGNORECASE)
"""What an address has that nginx escaped as a whole: its ``rewrite`` takes the query for a part of the path."""
_KIND: Final = b"x-prerender-int-type"
"""The header in which middleware says what it is; older recipes for nginx have none."""
_FRAGMENT: Final = re.compile(r"(?<=[?&])_escaped_fragment_=?[^&]*&?")
"""What asked for the page of a crawler before crawlers ran scripts; it is no part of the page's name."""


def is_whole_url(scope: Mapping[str, Any]) -> bool:
    """Say whether the path of an ASGI scope is a whole URL."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path.startswith(f"{root}/http") and _WHOLE.match(path, len(root)) is not None


def asked_in(scope: Mapping[str, Any]) -> Asked:
    """The page that such a call is about. Raises CrawlightError 400 where there is none."""
    url = _url(scope)
    parts = split_url(url)
    if parts is None:
        raise CrawlightError(
            "invalid_request", "the path is the whole URL of a page: /https://example.com/page"
        )
    return Asked(url, *parts)


def _url(scope: Mapping[str, Any]) -> str:
    root: str = scope.get("root_path", "")
    target = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").removeprefix(root)
    if _ENCODED.match(target) or (_ESCAPED.search(target) and _may_be_nginx(scope)):
        target = unquote(target, errors="surrogateescape")
    elif query := scope["query_string"].decode("latin-1"):
        target = f"{target}?{query}"
    url = _WHOLE.sub(r"\1://", target, count=1)
    return _FRAGMENT.sub("", url).rstrip("?&") if "_escaped_fragment_" in url else url


def _may_be_nginx(scope: Mapping[str, Any]) -> bool:
    """Whether nginx may have escaped the address: it leaves no query then."""
    kind = dict(scope["headers"]).get(_KIND, b"nginx").lower()
    return not scope["query_string"] and b"nginx" in kind
