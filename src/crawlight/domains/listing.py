"""Domains with those who may see them, as the operator lists them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from crawlight.database.asking import ask, shaped
from crawlight.database.sqlite_files import Row


class Member(msgspec.Struct, frozen=True):
    """One account of a domain, and its role: ``owner``, ``manager`` or ``viewer``."""

    email: str
    role: str


class ListedDomain(msgspec.Struct, frozen=True, kw_only=True):
    """One domain as the operator sees it. Members are ordered by address."""

    host: str
    uuid: UUID
    origin: str | None
    created_at: datetime
    verified_at: datetime | None
    members: list[Member]


QUERY: Final = """
SELECT domains.host, domains.uuid, domains.origin, domains.created_at, domains.verified_at, domains.id,
    accounts.email, memberships.role
FROM domains
LEFT JOIN memberships ON memberships.domain_id = domains.id
LEFT JOIN accounts ON accounts.id = memberships.account_id
ORDER BY domains.host, domains.id, accounts.email
"""


class _Line(msgspec.Struct, frozen=True):
    host: str
    uuid: UUID
    origin: str | None
    created_at: datetime
    verified_at: datetime | None
    id: int
    email: str | None
    role: str | None


def all_domains(url: str) -> list[ListedDomain]:
    """All domains of the store at ``url``, by host."""
    return listed(ask(url, QUERY))


def listed(rows: Sequence[Row]) -> list[ListedDomain]:
    """The domains in the rows of `QUERY`."""
    found: dict[int, ListedDomain] = {}
    for line in shaped(rows, _Line):
        if line.id not in found:
            found[line.id] = ListedDomain(members=[], **_of_domain(line))
        if line.email is not None and line.role is not None:
            found[line.id].members.append(Member(line.email, line.role))
    return list(found.values())


def _of_domain(line: _Line) -> dict[str, Any]:
    return {name: getattr(line, name) for name in ("host", "uuid", "origin", "created_at", "verified_at")}
