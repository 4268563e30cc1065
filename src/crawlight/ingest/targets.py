"""The domains that an import is for, and the log format that is kept for them."""

from datetime import datetime

from crawlight.accounts.people import find_account
from crawlight.accounts.scope import scope_of
from crawlight.database.engine import Database
from crawlight.domains.log_formats import save_log_format, saved_log_format
from crawlight.domains.registry import find_domain
from crawlight.domains.robots_versions import in_force
from crawlight.domains.sites import load_sites
from crawlight.errors import UserError
from crawlight.ids import NO_DOMAIN, DomainId
from crawlight.ingest.importing import FUTURE
from crawlight.ingest.order import FORGET, Order
from crawlight.ingest.staged import Target
from crawlight.kit import clock


async def saved_format(database: Database, target: Target) -> str:
    """The format that an earlier import of the one domain was told."""
    return await saved_log_format(database, target.hostless) if target.hostless else ""


async def keep_format(database: Database, order: Order, target: Target) -> None:
    """Keep the format that was said, or forget an earlier one, once it has read a log."""
    if order.said and target.hostless and not order.dry_run:
        await save_log_format(database, target.hostless, "" if order.said == FORGET else order.said)


async def target_of(database: Database, order: Order, months: int) -> Target:
    """The domains that are meant; numbers are kept for ``months``. Raises UserError where there are none."""
    oldest, newest = _times(months)
    domains, hostless = await (_domain if order.host is not None else _domains)(database, order)
    sites = await load_sites(database, domains.values())
    named = {number: frozenset(site.settings.ignored_parameters) for number, site in sites.items()}
    ignored = {number: parameters for number, parameters in named.items() if parameters}
    robots = await in_force(database, domains.values(), max(oldest, order.since).timestamp())
    return Target(domains, oldest, newest, order.since, order.until, hostless, ignored, robots)


async def _domain(database: Database, order: Order) -> tuple[dict[str, DomainId], DomainId]:
    """The one domain, which lines without a host are of, too."""
    domain = await find_domain(database, order.host or "")
    return {domain.host: domain.id}, domain.id


async def _domains(database: Database, order: Order) -> tuple[dict[str, DomainId], DomainId]:
    """The domains that the account owns or manages."""
    account = await find_account(database, order.email or "")
    scope = await scope_of(database, account.id)
    domains = {domain.host: domain.id for domain in scope.domains if domain.role != "viewer"}
    if not domains:
        raise UserError(
            f"{account.email} neither owns nor manages a domain; see `crawlight domain add --help`"
        )
    return domains, NO_DOMAIN


def _times(months: int) -> tuple[datetime, datetime]:
    """The oldest moment whose rollups are still kept, from its month's first day, and the newest allowed."""
    now = clock.now()
    month = now.year * 12 + now.month - 1 - months
    oldest = now.replace(
        year=month // 12, month=month % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0
    )
    return oldest, now + FUTURE
