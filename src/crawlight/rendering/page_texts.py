"""Looks at the pages of domains that have a sitemap or llms.txt made of them, and makes these anew."""

import json
from hashlib import blake2b
from typing import Final

import structlog

from crawlight.database.engine import Database
from crawlight.domains import page_texts
from crawlight.domains.made_files import domains_with_made, make_anew, state_of
from crawlight.domains.page_texts import Due, Looked
from crawlight.domains.sites import Site, load_sites
from crawlight.kit.confined import TooMuchError
from crawlight.rendering.bodies import SnapshotStoreError
from crawlight.rendering.snapshots import Snapshots

EVERY_SECONDS: Final = 300.0

log = structlog.get_logger(__name__)


class MadeFiles:
    """Keeps files up to date that are made of pages."""

    def __init__(self, database: Database, snapshots: Snapshots) -> None:
        self._database = database
        self._snapshots = snapshots
        self._made_of: dict[int, tuple[object, ...]] = {}

    async def make(self) -> None:
        """Look at the pages that are new or have changed, and make the files of all domains anew."""
        made = await domains_with_made(self._database)
        for site in (await load_sites(self._database, made)).values() if made else ():
            try:
                await self._make(site)
            except Exception as error:  # One site's pages must not keep the others from theirs.
                log.exception("files_not_made", host=site.host, reason=repr(error))

    async def _make(self, site: Site) -> None:
        await self.look(site)
        state = await state_of(self._database, site)
        if self._made_of.get(site.id) != state:
            await make_anew(self._database, site)
            self._made_of[site.id] = state

    async def look(self, site: Site, most: int | None = None) -> None:
        """Look at the pages of a site that are new or have changed, all of them or the first ones."""
        while pages := await page_texts.due(self._database, site.id, most or page_texts.MOST_LOOKED_AT):
            for page in pages:
                await page_texts.note(self._database, site.id, page, await self._looked(site, page))
            if most is not None:
                return

    async def _looked(self, site: Site, page: Due) -> Looked:
        from crawlight.markdown.sparing import markdown_confined  # Only where a domain needs it.

        try:
            html = await self._snapshots.body(page.content_hash)
            markdown = await markdown_confined(html, site.page_url(page.path)) if html is not None else None
        except (SnapshotStoreError, TooMuchError) as error:
            log.info("page_not_read", host=site.host, path=page.path, reason=str(error))
            markdown = None
        if markdown is None:  # It says nothing, and so nothing of it has changed.
            return Looked(page.known or b"", "", "")
        front, _, text = markdown.text.partition("\n---\n")
        digest = blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
        return Looked(digest, _said(front, "title"), _said(front, "description"))


def _said(front_matter: str, name: str) -> str:
    """A member of the front matter, whose texts are JSON."""
    start = f"{name}: "
    lines = (line for line in front_matter.split("\n") if line.startswith(start))
    return next((str(json.loads(line[len(start) :])) for line in lines), "")
