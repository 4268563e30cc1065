"""How long after they are quiet the pages of a domain still change, by pattern of their paths: learned, or fixed.

Two pages of a pattern that changed late make all its renders wait as long as was seen; what was not needed for 30
days is forgotten.
"""

import re
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import delete, func, select

from crawlight.database.engine import Database, insert_into
from crawlight.database.tables import LateContent as Row
from crawlight.errors import UserError
from crawlight.ids import DomainId
from crawlight.kit.clock import now

PAGES: Final = 2
"""Pages that were seen to change late before others are waited for."""
CALM: Final = 5
"""Looks that found nothing, after which a pattern is not looked at each time."""
REMEMBERED: Final = timedelta(days=30)
LONGEST: Final = 5_000
"""Milliseconds that renders wait at most; an owner may fix up to `LONGEST_FIXED`."""
LONGEST_FIXED: Final = 10_000
_MORE: Final = 1.25
_AND: Final = 100
"""What is seen varies: renders wait a quarter and so many milliseconds longer."""
_MOST_PATTERNS: Final = 200
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[A-Za-z]{2,4})?")


class LateContent(msgspec.Struct, frozen=True):
    """What is known of a pattern. ``milliseconds`` after quiet the latest change came, ``what`` changed.

    ``pages`` were seen to change late, ``calm`` looks since then found nothing that comes after the wait;
    ``needed_at`` is when it was last needed. ``fixed``: people chose the wait, and nothing is learned.
    """

    pattern: str
    milliseconds: int = 0
    what: tuple[str, ...] = ()
    pages: int = 0
    calm: int = 0
    needed_at: datetime | None = None
    fixed: bool = False

    @property
    def wait(self) -> int:
        """Milliseconds that renders of the pattern wait after quiet."""
        if self.fixed:
            return self.milliseconds
        if self.pages < PAGES or self.needed_at is None or self.needed_at < now() - REMEMBERED:
            return 0
        return min(round(self.milliseconds * _MORE) + _AND, LONGEST)

    @property
    def settled(self) -> bool:
        """Say whether enough is known: that nothing comes after the wait."""
        return self.fixed or self.calm >= CALM


def pattern_of(path: str) -> str:
    """The pattern of a page's path: ``/product/*`` for ``/product/7``, ``/*`` for what lies at the root."""
    parts = path.partition("?")[0].strip("/").split("/")
    if parts == [""]:
        return "/"
    kept = 2 if len(parts) > 2 and _LANGUAGE.fullmatch(parts[0]) else 1
    kept = min(kept, len(parts) - 1)
    return "/" + "/".join([part[:100] for part in parts[:kept]] + ["*"] * min(len(parts) - kept, 5))


async def of_path(database: Database, domain_id: DomainId, path: str) -> LateContent:
    """What is known of the pattern of a path."""
    pattern = pattern_of(path)
    async with database.read() as session:
        row = await session.get(Row, (domain_id, pattern))
    return LateContent(pattern) if row is None else _known(row)


async def of_domain(database: Database, domain_id: DomainId) -> list[LateContent]:
    """The patterns whose pages change late, and those that people fixed."""
    of_it = select(Row).where(Row.domain_id == domain_id).order_by(Row.pattern)
    async with database.read() as session:
        rows = [_known(row) for row in await session.scalars(of_it)]
    return [one for one in rows if one.fixed or (one.pages and one.milliseconds)]


async def note(
    database: Database, domain_id: DomainId, path: str, milliseconds: int, what: tuple[str, ...]
) -> None:
    """Note a look at a page: how long after quiet it last changed (0: not at all), and what of it."""
    pattern = pattern_of(path)
    async with database.write() as session:
        row = await session.get(Row, (domain_id, pattern), with_for_update=True)
        if row is None:
            of_it = select(func.count()).select_from(Row).where(Row.domain_id == domain_id)
            if (await session.scalar(of_it) or 0) >= _MOST_PATTERNS:
                return
            row = Row(
                domain_id=domain_id, pattern=pattern, milliseconds=0, what="", pages=0, calm=0, fixed=False
            )
            session.add(row)
        if row.fixed:
            return
        if not milliseconds:
            row.calm += 1
            return
        if row.needed_at is not None and row.needed_at < now() - REMEMBERED:
            row.pages, row.milliseconds, row.what = 0, 0, ""
        known = [name for name in row.what.split(",") if name]
        row.calm = row.calm + 1 if milliseconds <= _known(row).wait else 0
        row.pages, row.needed_at = row.pages + 1, now()
        row.milliseconds = max(row.milliseconds, milliseconds)
        row.what = ",".join(dict.fromkeys([*known, *what]))


async def fix(database: Database, domain_id: DomainId, pattern: str, milliseconds: int) -> None:
    """Have renders of a pattern wait so long, whatever is seen. Raises UserError for a wait that is none."""
    if not 0 <= milliseconds <= LONGEST_FIXED:
        raise UserError(f"renders wait 0 to {LONGEST_FIXED} ms, not {milliseconds}")
    if not pattern.startswith("/") or len(pattern) > 512 or pattern_of(pattern) != pattern:
        raise UserError(f"{pattern[:60]!r} is no such pattern; it is / or /* or like /product/*")
    fixed: dict[str, Any] = {"milliseconds": milliseconds, "fixed": True}
    new = {"domain_id": domain_id, "pattern": pattern, "what": "", "pages": 0, "calm": 0, **fixed}
    async with database.write() as session:
        insert = insert_into(session, Row).values(**new)
        await session.execute(
            insert.on_conflict_do_update(index_elements=["domain_id", "pattern"], set_=fixed)
        )


async def forget(database: Database, domain_id: DomainId, pattern: str | None = None) -> None:
    """Forget what is known of a pattern, or of all of a domain: it is learned anew."""
    known = delete(Row).where(Row.domain_id == domain_id)
    async with database.write() as session:
        await session.execute(known if pattern is None else known.where(Row.pattern == pattern))


async def drop_old(database: Database) -> None:
    """Forget what was not needed for 30 days; whether it still is not is looked at again."""
    old = Row.needed_at < now() - REMEMBERED
    async with database.write() as session:
        await session.execute(delete(Row).where(old, Row.fixed.is_(False)))


def _known(row: Row) -> LateContent:
    what = tuple(name for name in row.what.split(",") if name)
    return LateContent(row.pattern, row.milliseconds, what, row.pages, row.calm, row.needed_at, row.fixed)
