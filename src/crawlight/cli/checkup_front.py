"""What ``crawlight doctor`` says of the domains on the front: what the server saw of them last."""

from sqlalchemy.exc import DBAPIError

from crawlight.database.engine import Database
from crawlight.database.sqlite_files import is_newest, sqlite_file
from crawlight.domains.front_states import FrontState, states
from crawlight.errors import UserError
from crawlight.kit.finding import Finding
from crawlight.settings import Settings


async def front_domains(settings: Settings) -> list[Finding]:
    """Domains on the front point here, and have certificates."""
    file = sqlite_file(settings.database_url)
    if file is not None and not is_newest(file):
        return []
    try:
        store = await Database.open(settings.database_url)
    except (UserError, DBAPIError, OSError):
        return []  # The check of the database says it.
    try:
        found = await states(store)
    finally:
        await store.close()
    wrong = [_fronted(one) for one in found if one.checked_at and not one.is_well]
    if wrong or not found:
        return wrong
    unseen = sum(one.checked_at is None for one in found)
    told = f"{len(found) - unseen} of {len(found)} domains point here, with valid certificates"
    return [
        Finding("front domains", "ok", told if unseen == 0 else f"{told}; {unseen} were not looked at yet")
    ]


def _fronted(one: FrontState) -> Finding:
    seen = f", as of {one.checked_at:%Y-%m-%d %H:%M} UTC" if one.checked_at else ""
    advice = f"`crawlight front check {one.host}` says more"
    if one.here_since is None or one.missing:
        return Finding("front domains", "warning", f"{one.missing or one.host}{seen}", advice)
    told = f"{one.host} has no valid certificate: {one.certificate_problem}{seen}"
    return Finding("front domains", "problem", told, advice)
