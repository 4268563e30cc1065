"""Purges: pages that are to be rendered anew at once, whoever asks for it."""

from collections import defaultdict
from collections.abc import Iterable

from crawlight.database.engine import Database
from crawlight.domains import wanted
from crawlight.domains.sites import load_sites
from crawlight.ids import DomainId


async def purge(database: Database, asked: Iterable[tuple[DomainId, str]]) -> list[tuple[DomainId, str]]:
    """Have pages rendered anew, given as domain and canonical path; returns which pages these are, each once.

    A domain may have several paths for one page, for it says which parameters of a query mean nothing.
    """
    asked = list(asked)
    sites = await load_sites(database, {domain_id for domain_id, _ in asked})
    pages: dict[DomainId, dict[str, None]] = defaultdict(dict)
    for domain_id, path in asked:
        site = sites.get(domain_id)
        pages[domain_id][(site.page(path) if site else None) or path] = None
    for domain_id, paths in pages.items():
        await wanted.want(database, domain_id, sorted(paths), "purge")
    return [(domain_id, path) for domain_id, paths in pages.items() for path in paths]
