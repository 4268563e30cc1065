"""Search engines are told of pages whose main text changed: in batches, for domains that have IndexNow on.

The main text is that of the page's Markdown: what scripts, nonces and navigation say makes no change.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

import msgspec
import structlog

from crawlight.database.engine import Database
from crawlight.domains import indexnow
from crawlight.domains.indexnow import Fresh, Looked
from crawlight.domains.sites import Site, load_sites
from crawlight.kit.addresses import Network
from crawlight.kit.confined import TooMuchError
from crawlight.kit.net import Answer, FetchError, fetch
from crawlight.rendering.bodies import SnapshotStoreError
from crawlight.rendering.snapshots import Snapshots

EVERY_SECONDS: Final = 300.0

_HOUR: Final = 3_600.0
_DAY: Final = 86_400.0
_SECONDS: Final = 20.0
_REFUSALS: Final = {
    400: ("The search engines could not read the submission.", _DAY),
    403: ("The search engines did not find the key file.", _HOUR),
    422: ("The search engines say that the addresses do not fit the host or the key.", _DAY),
    429: ("The search engines got too many submissions.", _HOUR),
}
"""What an answer means, and how long to wait then: https://www.indexnow.org/documentation"""

log = structlog.get_logger(__name__)


class IndexNow:
    """Tells one endpoint, which tells all search engines that take part. ``allowed`` is for an endpoint inside."""

    def __init__(
        self, database: Database, snapshots: Snapshots, url: str, allowed: Iterable[Network] = ()
    ) -> None:
        self._database = database
        self._snapshots = snapshots
        self._url = url
        self._allowed = tuple(allowed)

    async def tell(self) -> None:
        """Look what changed on all domains, and tell it."""
        on = await indexnow.domains_on(self._database)
        for site in (await load_sites(self._database, on)).values() if on else ():
            await self._look(site)
            await self._tell(site)

    async def _look(self, site: Site) -> None:
        pages, seen = await indexnow.fresh(self._database, site.id)
        looked: dict[bytes, Looked] = {}
        changed: set[bytes] = set()
        for page in pages:
            if (found := await self._looked(site, page)) is None:
                continue
            looked[page.digest], differs = found
            if differs and not site.blocks(page.path):
                changed.add(page.digest)
        if pages:
            await indexnow.looked_at(self._database, site.id, seen, looked, changed)

    async def _looked(self, site: Site, page: Fresh) -> tuple[Looked, bool] | None:
        """A page as it is, and whether its main text changed; None where that cannot be said."""
        before, served = page.before, page.status == 200 and not page.location
        if before is not None and served and before.content_hash == page.content_hash:
            return before, False
        if not served:
            text: bytes | None = _hash(f"{page.status} {page.location}".encode())
        else:
            text = await self._text(site, page.path, page.content_hash)
        if text is None:
            return None
        looked = Looked(page.content_hash, text)
        if before is None:
            return looked, served and not page.known_before
        return looked, text != (before.text_hash or await self._text(site, page.path, before.content_hash))

    async def _text(self, site: Site, path: str, content_hash: bytes) -> bytes | None:
        """The hash of the main text of HTML; None where it cannot be had."""
        from crawlight.markdown.sparing import markdown_confined  # Only where a domain has it on.

        try:
            html = await self._snapshots.body(content_hash)
            markdown = await markdown_confined(html, site.page_url(path)) if html is not None else None
        except (SnapshotStoreError, TooMuchError):
            return None
        return _hash(markdown.text.partition("\n---\n")[2].encode("utf-8", "replace")) if markdown else None

    async def _tell(self, site: Site) -> None:
        while pages := await indexnow.to_tell(self._database, site.id):
            try:
                answer = await self._post(site, [path for _, path, _ in pages])
            except FetchError as error:
                await indexnow.pause(self._database, site.id, f"Not reached: {error}", _HOUR / 4)
                return
            if answer.status not in (200, 202):
                await indexnow.pause(self._database, site.id, *_refused(answer))
                return
            await indexnow.told(self._database, site.id, pages)
            log.info("indexnow_told", host=site.host, pages=len(pages), status=answer.status)

    async def _post(self, site: Site, paths: Iterable[str]) -> Answer:
        key = site.agents.indexnow_key
        body = {
            "host": site.page_host,
            "key": key,
            "keyLocation": site.page_url(f"/{key}.txt"),
            "urlList": [site.page_url(path) for path in paths],
        }
        return await fetch(
            self._url,
            method="POST",
            body=msgspec.json.encode(body),
            headers={"Content-Type": "application/json; charset=utf-8"},
            allowed=self._allowed,
            seconds=_SECONDS,
            redirects=0,
            most_bytes=64 * 1024,
        )


def _refused(answer: Answer) -> tuple[str, float]:
    """Why nothing was taken, and for how many seconds nothing is to be told."""
    failure, seconds = _REFUSALS.get(
        answer.status, (f"The search engines answered {answer.status}.", _HOUR / 4)
    )
    asked = answer.headers.get("retry-after", "")
    if answer.status == 429 and asked.isascii() and asked.isdigit():
        seconds = min(max(float(asked[:9]), 60.0), _DAY)
    return failure, seconds


def _hash(text: bytes) -> bytes:
    return blake2b(text, digest_size=16).digest()
