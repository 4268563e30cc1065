"""What operators of crawlers publish: fetched as anything from outside is, and small."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from crawlight.kit.addresses import Network
from crawlight.kit.net import FetchError, fetch

MOST_BYTES: Final = 4 * 1024 * 1024

Download = Callable[[str], Awaitable[bytes]]
"""The body of a URL. Raises FetchError."""


async def download(url: str, *, allowed: Iterable[Network] = (), most_bytes: int = MOST_BYTES) -> bytes:
    """The body of a 200 answer to a GET of a public http(s) URL, or of one in a network that is allowed.

    Raises FetchError for anything else, as `fetch` does.
    """
    answer = await fetch(url, allowed=allowed, headers={"User-Agent": "Crawlight"}, most_bytes=most_bytes)
    if answer.status != 200:
        raise FetchError(f"status {answer.status}")
    return answer.body
