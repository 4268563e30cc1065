"""Small downloads for the bots room: bounded in size and time, off the event loop."""

import asyncio
import urllib.error
import urllib.request
from http.client import HTTPException

MOST_BYTES = 4 * 1024 * 1024
SECONDS = 20.0


class DownloadError(Exception):
    """The document could not be had; the message says why."""


async def download(url: str, *, seconds: float = SECONDS) -> bytes:
    """The body of a 200 answer to a GET of an http(s) URL. Raises DownloadError for anything else."""
    return await asyncio.to_thread(_download, url, seconds)


def _download(url: str, seconds: float) -> bytes:
    if not url.startswith(("https://", "http://")):
        raise DownloadError("not an http(s) URL")
    request = urllib.request.Request(url, headers={"User-Agent": "Crawlight", "Accept": "*/*"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310 (scheme checked above)
            body: bytes = answer.read(MOST_BYTES + 1)
            status = answer.status
    except (urllib.error.URLError, HTTPException, OSError, ValueError) as error:
        raise DownloadError(str(error) or type(error).__name__) from None
    if status != 200:
        raise DownloadError(f"status {status}")
    if len(body) > MOST_BYTES:
        raise DownloadError("larger than 4 MiB")
    return body
