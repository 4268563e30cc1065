"""Hosted files that are made of a domain's pages: its sitemap and its llms.txt."""

import asyncio
from collections.abc import Mapping
from typing import Final

import msgspec
from sqlalchemy import func, select

from crawlight.database.engine import Database
from crawlight.database.tables import HostedFile, Page, PageAudit, PageText
from crawlight.domains import hosting, llms_file, robots_versions, sitemap_files
from crawlight.domains.hosted import LLMS, SITEMAP
from crawlight.domains.llms_file import Described
from crawlight.domains.site_pages import SitePages, site_pages
from crawlight.domains.sites import Site
from crawlight.errors import ConflictError, UserError
from crawlight.ids import DomainId

MADE: Final = (SITEMAP, LLMS)


class Made(msgspec.Struct, frozen=True):
    """The files that one is made as, by path, and the pages that were looked at."""

    files: Mapping[str, bytes]
    pages: SitePages


async def preview(database: Database, site: Site, name: str) -> Made:
    """A file as it would be made now. Raises UserError for one that is not made of pages."""
    if name not in MADE:
        raise UserError(f"{name[:40]} is not made of pages; {' and '.join(MADE)} are")
    pages = await site_pages(database, site)
    return Made(await asyncio.to_thread(_written, site, name, pages), pages)


async def host_made(database: Database, site: Site, name: str) -> Made:
    """Have a file made of the pages, now and whenever they change. Raises UserError where no page would be in it."""
    made = await preview(database, site, name)
    if not made.pages.listed:
        raise ConflictError(f"no page of {site.host} is known that would be in it yet")
    async with database.write() as session:
        await hosting.keep(session, site.id, name, "made", "")
        await hosting.send(session, site.id, name, made.files)
    return made


async def make_anew(database: Database, site: Site) -> None:
    """Make the files of a domain anew that are made; where no page would be in one, what is sent stays."""
    async with database.read() as session:
        of_domain = select(HostedFile.name).where(HostedFile.domain_id == site.id, HostedFile.mode == "made")
        names = list(await session.scalars(of_domain))
    for name in names:
        made = await preview(database, site, name)
        if made.pages.listed:
            async with database.write() as session:
                row = await session.get(HostedFile, (site.id, name))
                if row is not None and row.mode == "made":
                    await hosting.send(session, site.id, name, made.files)


async def state_of(database: Database, site: Site) -> tuple[object, ...]:
    """What the files of a domain depend on, in short: while it is the same, they would come out the same."""
    of_pages = select(func.count(), func.count(Page.gone_at), func.max(Page.rendered_at))
    of_texts = select(func.count(), func.max(PageText.changed_at)).where(PageText.domain_id == site.id)
    of_audits = select(func.count(), func.max(PageAudit.audited_at)).where(PageAudit.domain_id == site.id)
    of_files = select(HostedFile.name, HostedFile.mode, HostedFile.saved_at)
    async with database.read() as session:
        found = [
            (await session.execute(query)).all()
            for query in (
                of_pages.where(Page.domain_id == site.id, Page.first_seen_at.is_not(None)),
                of_texts,
                of_audits,
                of_files.where(HostedFile.domain_id == site.id),
            )
        ]
    robots = await robots_versions.text_in_force(database, site.id)
    return (*map(tuple, found), robots, site.settings, site.routing, site.page_host)


async def domains_with_made(database: Database) -> list[DomainId]:
    """Domains that have a file made of their pages, by id."""
    query = select(HostedFile.domain_id).where(HostedFile.mode == "made").distinct()
    async with database.read() as session:
        return list(await session.scalars(query.order_by(HostedFile.domain_id)))


def _written(site: Site, name: str, pages: SitePages) -> Mapping[str, bytes]:
    base = site.page_url("")
    if name == SITEMAP:
        return sitemap_files.written(base, [(base + page.path, page.changed_at) for page in pages.listed])
    described = [Described(page.path, page.title, page.description) for page in pages.listed]
    return {f"/{LLMS}": llms_file.written(site.host, base, described)}
