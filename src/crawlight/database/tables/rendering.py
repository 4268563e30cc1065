"""Tables of rendering: a domain's settings, its snapshots, its sitemaps, and the refresh of all its pages."""

from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from crawlight.database.base import Base, Moment
from crawlight.ids import DomainId

IdentityPolicy = Literal["strict", "standard", "off"]
PrivatePages = Literal["pass", "keep"]
OriginHost = Literal["domain", "origin"]
OriginCertificate = Literal["verify", "ignore"]
Revalidation = Literal["on", "off"]
RobotsHeader = Literal["origin", "lift"]
ChangeKind = Literal["account", "domain", "all"]


class DomainSettings(Base):
    """What the people of a domain chose; a domain without a row has the defaults of `domains.settings`.

    The lists are JSON: ``path_rules`` of ``{"pattern", "freshness_seconds"}``, all others of texts.
    ``allowed_networks`` and the two of the origin are the operator's alone to change. ``front``: DNS points here.
    """

    __tablename__ = "domain_settings"
    __table_args__ = (
        CheckConstraint("identity_policy IN ('strict', 'standard', 'off')", name="identity_policy"),
    )

    domain_id: Mapped[DomainId] = mapped_column(
        ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True
    )
    freshness_seconds: Mapped[int]
    path_rules: Mapped[list[Any]] = mapped_column(JSON)
    ignored_parameters: Mapped[list[Any]] = mapped_column(JSON)
    blocked_paths: Mapped[list[Any]] = mapped_column(JSON)
    language: Mapped[str] = mapped_column(String(64))
    allowed_networks: Mapped[list[Any]] = mapped_column(JSON)
    identity_policy: Mapped[IdentityPolicy] = mapped_column(String(8))
    private_pages: Mapped[PrivatePages] = mapped_column(String(8))
    origin_host: Mapped[OriginHost] = mapped_column(String(8))
    origin_certificate: Mapped[OriginCertificate] = mapped_column(String(8))
    front: Mapped[bool] = mapped_column(default=False)
    revalidation: Mapped[Revalidation] = mapped_column(String(8))
    render_within_seconds: Mapped[int]
    content_security_policy: Mapped[str] = mapped_column(Text, default="")
    robots_header: Mapped[RobotsHeader] = mapped_column(String(8), default="origin")


class Snapshot(Base):
    """One render of a page that is kept. The newest of a page is the one that is served.

    At ``retired_at`` it left the page's history: it is only kept as long as some crawler got nothing newer. At
    ``checked_at`` all that it was made of was last found unchanged.

    Ids grow with time, and a reader who remembers the last one it saw finds all that came since.
    ``content_hash`` and ``raw_hash`` name the bodies in the snapshot store: what crawlers get, and what the
    origin sent before any script ran. ``size`` is the former's in bytes, uncompressed. After ``complete`` milliseconds
    nothing came any more (0: not known).
    """

    __tablename__ = "snapshots"
    __table_args__ = (
        ForeignKeyConstraint(
            ["domain_id", "digest"], ["pages.domain_id", "pages.digest"], ondelete="CASCADE"
        ),
        Index("ix_snapshots_page", "domain_id", "digest", "id"),
        Index("ix_snapshots_content_hash", "content_hash"),
        Index("ix_snapshots_raw_hash", "raw_hash"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    domain_id: Mapped[DomainId]
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    taken_at: Mapped[datetime] = mapped_column(Moment)
    status: Mapped[int]
    location: Mapped[str | None] = mapped_column(Text)
    headers: Mapped[dict[str, Any]] = mapped_column(JSON)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    raw_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    size: Mapped[int]
    milliseconds: Mapped[int]
    complete: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(64))
    retired_at: Mapped[datetime | None] = mapped_column(Moment)
    checked_at: Mapped[datetime | None] = mapped_column(Moment)


_ASKABLE: Final = text("askable")
_LEASED: Final = text("lease IS NOT NULL")


class PageInputs(Base):
    """What the newest snapshot of a page was made of, as far as that can be asked for again.

    ``inputs`` is a packed `rendering.inputs.MadeOf` of the render at ``rendered_at``, which gave the body
    ``content_hash``. Where it is not ``askable``, the page is rendered: ``why_not`` says why that is so for good, or is
    empty where an input has changed. It was last asked at ``asked_at``, and is asked in idle time at ``ask_at``, then
    ``interval`` seconds later. Whoever asks holds the ``lease`` until ``lease_until``.
    """

    __tablename__ = "page_inputs"
    __table_args__ = (
        ForeignKeyConstraint(
            ["domain_id", "digest"],
            ["pages.domain_id", "pages.digest"],
            name="fk_page_inputs_page",
            ondelete="CASCADE",
        ),
        # PostgreSQL's `where` stands in the migration alone: to name it here loads that dialect for everybody.
        Index("ix_page_inputs_ask_at", "ask_at", sqlite_where=_ASKABLE),
        Index("ix_page_inputs_leased", "domain_id", sqlite_where=_LEASED),
    )

    domain_id: Mapped[DomainId] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    rendered_at: Mapped[datetime] = mapped_column(Moment)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    inputs: Mapped[bytes] = mapped_column(LargeBinary)
    why_not: Mapped[str] = mapped_column(String(24))
    askable: Mapped[bool]
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    ask_at: Mapped[datetime | None] = mapped_column(Moment)
    interval: Mapped[int]
    lease: Mapped[str | None] = mapped_column(String(16))
    lease_until: Mapped[datetime | None] = mapped_column(Moment)


class LateContent(Base):
    """How long after they are quiet pages still change, by pattern of their paths: see `domains.late_content`.

    ``what`` has names with commas between: text, head, links.
    """

    __tablename__ = "late_content"

    domain_id: Mapped[DomainId] = mapped_column(
        ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True
    )
    pattern: Mapped[str] = mapped_column(String(512), primary_key=True)
    milliseconds: Mapped[int]
    what: Mapped[str] = mapped_column(String(32))
    pages: Mapped[int]
    calm: Mapped[int]
    needed_at: Mapped[datetime | None] = mapped_column(Moment)
    fixed: Mapped[bool]


class Sitemap(Base):
    """When a domain's sitemaps are read again, and what the last reading gave."""

    __tablename__ = "sitemaps"

    domain_id: Mapped[DomainId] = mapped_column(
        ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True
    )
    next_read_at: Mapped[datetime] = mapped_column(Moment, index=True)
    read_at: Mapped[datetime | None] = mapped_column(Moment)
    pages: Mapped[int] = mapped_column(default=0)
    problems: Mapped[list[Any]] = mapped_column(JSON)


class SitemapAlternates(Base):
    """The language versions that a domain's sitemaps name for a page: ``found`` has a code and an address of each."""

    __tablename__ = "sitemap_alternates"
    __table_args__ = (
        ForeignKeyConstraint(
            ["domain_id", "digest"],
            ["pages.domain_id", "pages.digest"],
            name="fk_sitemap_alternates_page",
            ondelete="CASCADE",
        ),
    )

    domain_id: Mapped[DomainId] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    read_at: Mapped[datetime] = mapped_column(Moment)
    found: Mapped[list[Any]] = mapped_column(JSON)


class Refresh(Base):
    """The last refresh of all pages of a domain. ``total`` is how many were owed at its start."""

    __tablename__ = "refreshes"

    domain_id: Mapped[DomainId] = mapped_column(
        ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True
    )
    started_at: Mapped[datetime] = mapped_column(Moment)
    total: Mapped[int]
    paused: Mapped[bool] = mapped_column(default=False)


class Generation(Base):
    """A number that grows with each change of what edges hold in memory: keys, members, domains, settings."""

    __tablename__ = "generations"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[int]


class EdgeChange(Base):
    """At which generation the keys of an ``account`` or the members and settings of a ``domain`` changed last.

    A row stays when what it names is gone: that is a change, too. Of kind ``all`` there is one row, with the id 0.
    """

    __tablename__ = "edge_changes"

    kind: Mapped[ChangeKind] = mapped_column(String(8), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    generation: Mapped[int] = mapped_column(index=True)
