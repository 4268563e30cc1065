"""Tables of sites: domains, who may see them, their pages, and the ledger of imported log files."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from crawlight.database.base import Base, Moment
from crawlight.ids import DomainId

Role = Literal["owner", "manager", "viewer"]

_VERIFIED = text("verified_at IS NOT NULL")
_WANTED = text("wanted_at IS NOT NULL")
_LEASED = text("lease IS NOT NULL")


class Domain(Base):
    """One site: a host name with and without ``www.``. ``id`` names it in the events store (UInt32).

    A host may be claimed by several accounts, each with a row of its own, but be verified for one only.
    """

    __tablename__ = "domains"
    __table_args__ = (
        Index(
            "uq_domains_verified_host",
            "host",
            unique=True,
            sqlite_where=_VERIFIED,  # In PostgreSQL too, by its migration: to name it here would import its dialect.
        ),
        # The events store keeps crawls under the id: a new domain must never inherit those of a deleted one.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[DomainId] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    host: Mapped[str] = mapped_column(String(253), index=True)
    origin: Mapped[str | None] = mapped_column(Text)
    """Where the site is fetched, ``scheme://host[:port]``; none means ``https://`` and the host."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    verified_at: Mapped[datetime | None] = mapped_column(Moment)
    retention_days: Mapped[int | None]
    """Days that single crawls are kept; none means as the settings say."""
    retention_months: Mapped[int | None]
    """Months that daily numbers are kept; none means as the settings say."""
    log_format: Mapped[str | None] = mapped_column(Text)
    """The format of its access log, as it stands in the configuration of its server; none where it was never said."""


class Membership(Base):
    """What one account may do with one domain."""

    __tablename__ = "memberships"
    __table_args__ = (CheckConstraint("role IN ('owner', 'manager', 'viewer')", name="role"),)

    domain_id: Mapped[DomainId] = mapped_column(
        ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True
    )
    # No cascade: an account that still owns domains must not vanish beneath them.
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True, index=True)
    role: Mapped[Role] = mapped_column(String(7))


class Page(Base):
    """One page of a domain, by canonical path with query.

    The primary key holds a digest of the path: a path may have 8,192 bytes, more than PostgreSQL can index.
    ``first_seen_at`` is null where a page was asked for but never crawled, rendered or in a sitemap;
    only pages that have it and no ``gone_at`` are known. ``rendered_at`` and ``status`` are of its newest snapshot.

    ``wanted_at`` is set while a render is owed, ``wanted_times`` counts how often it was asked for meanwhile.
    ``lease`` names the worker that has it in hand until ``not_before``; without a lease, ``not_before`` is when
    it may be tried again after ``attempts`` that failed, the last one for the reason in ``failure``.
    """

    __tablename__ = "pages"
    __table_args__ = (
        Index(
            "ix_pages_wanted",
            "wanted_priority",
            "wanted_at",
            sqlite_where=_WANTED,  # As above.
        ),
        Index("ix_pages_leased", "domain_id", sqlite_where=_LEASED),  # As above.
    )

    domain_id: Mapped[DomainId] = mapped_column(
        ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    path: Mapped[str] = mapped_column(Text)
    first_seen_at: Mapped[datetime | None] = mapped_column(Moment)
    seo_score: Mapped[int | None]
    seo_issues_count: Mapped[int] = mapped_column(default=0)
    gone_at: Mapped[datetime | None] = mapped_column(Moment)
    wanted_at: Mapped[datetime | None] = mapped_column(Moment)
    wanted_reason: Mapped[str | None] = mapped_column(String(16))
    wanted_priority: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    wanted_times: Mapped[int] = mapped_column(default=0, server_default="0")
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    not_before: Mapped[datetime | None] = mapped_column(Moment)
    lease: Mapped[str | None] = mapped_column(String(16))
    failure: Mapped[str | None] = mapped_column(String(24))
    rendered_at: Mapped[datetime | None] = mapped_column(Moment)
    status: Mapped[int | None] = mapped_column(SmallInteger)


class RoutingRules(Base):
    """The routing rules of a domain, as CSV (`domains.rule_lists`): they are read, changed and held as one list."""

    __tablename__ = "routing_rules"

    domain_id: Mapped[DomainId] = mapped_column(
        ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[str] = mapped_column(Text)


class SeoCounts(Base):
    """Known pages of a domain by bucket of their score, kept with every change of a page.

    The export reads these few rows instead of counting a domain's pages each time.
    """

    __tablename__ = "seo_counts"

    domain_id: Mapped[DomainId] = mapped_column(
        ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True
    )
    good: Mapped[int] = mapped_column(default=0)
    needs_work: Mapped[int] = mapped_column(default=0)
    poor: Mapped[int] = mapped_column(default=0)
    unknown: Mapped[int] = mapped_column(default=0)
    total_issues: Mapped[int] = mapped_column(default=0)


class ImportedFile(Base):
    """How far one log file was imported into one domain. ``offset`` counts bytes of uncompressed content.

    ``fingerprint`` is ``length:sha256`` of the file's start, ``tail`` the SHA-256 of the last bytes before
    ``offset``: a file that starts alike and differs there is another one. ``starts`` tells copies that are shorter
    than what the fingerprint takes: a short digest of the file up to each of its first line ends.
    ``since`` and ``until`` (Unix seconds) are the times of the lines that were wanted.
    ``run`` names the import that wrote it last:
    segments that it left prepared in the spool are the loader's, those of a run no row names are nobody's.
    """

    __tablename__ = "imported_files"

    domain_id: Mapped[DomainId] = mapped_column(
        ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True
    )
    fingerprint: Mapped[str] = mapped_column(String(80), primary_key=True)
    since: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    until: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    starts: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(String(32))
    offset: Mapped[int] = mapped_column(BigInteger)
    lines: Mapped[int] = mapped_column(BigInteger)
    tail: Mapped[str] = mapped_column(String(64))
    run: Mapped[str] = mapped_column(String(16))
    updated_at: Mapped[datetime] = mapped_column(Moment)


class Import(Base):
    """One import of one log, with what is needed to take it back.

    ``records`` counts the rows that it gave, by domain id. ``before`` holds, by domain id, the entry of
    `ImportedFile` that its own stands in for, where there was one. ``undoing`` says that it is being taken back: that
    is decided, and whoever finds it so goes on with it.
    """

    __tablename__ = "imports"
    __table_args__ = (UniqueConstraint("run", name="uq_imports_run"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    run: Mapped[str] = mapped_column(String(16))
    file: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(String(32))
    fingerprint: Mapped[str] = mapped_column(String(80))
    starts: Mapped[str] = mapped_column(Text)
    imported_at: Mapped[datetime] = mapped_column(Moment)
    lines: Mapped[int] = mapped_column(BigInteger)
    records: Mapped[dict[str, int]] = mapped_column(JSON)
    before: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSON)
    undoing: Mapped[bool] = mapped_column(default=False)
