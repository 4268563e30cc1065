"""Tables of what is known of each page's quality: its latest audit, and the latest comparison with a browser."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from crawlight.database.base import Base, Moment
from crawlight.ids import DomainId


class PageAudit(Base):
    """The latest audit of a page; its score stands in ``pages``.

    ``found`` is the JSON of what the checks of the page itself found, ``across`` of what needs other pages.
    ``title_digest`` and ``description_digest`` (8 bytes) find pages with the same ones; null where the page
    is not indexed. ``alternates`` are the digests (16 bytes each) of its other language versions' paths.
    """

    __tablename__ = "page_audits"
    __table_args__ = (
        ForeignKeyConstraint(
            ["domain_id", "digest"],
            ["pages.domain_id", "pages.digest"],
            name="fk_page_audits_page",
            ondelete="CASCADE",
        ),
        Index("ix_page_audits_title", "domain_id", "title_digest"),
        Index("ix_page_audits_description", "domain_id", "description_digest"),
    )

    domain_id: Mapped[DomainId] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, index=True)
    audited_at: Mapped[datetime] = mapped_column(Moment)
    status: Mapped[int] = mapped_column(SmallInteger)
    indexable: Mapped[bool]
    found: Mapped[str] = mapped_column(Text)
    across: Mapped[str] = mapped_column(Text)
    title_digest: Mapped[bytes | None] = mapped_column(LargeBinary(8))
    description_digest: Mapped[bytes | None] = mapped_column(LargeBinary(8))
    alternates: Mapped[bytes] = mapped_column(LargeBinary)


class PageComparison(Base):
    """The latest comparison of what people see of a page with what crawlers get.

    ``whole`` is null where no comparison could be made; ``found`` is the JSON of `rendering.comparison.Comparison`.
    """

    __tablename__ = "page_comparisons"
    __table_args__ = (
        ForeignKeyConstraint(
            ["domain_id", "digest"],
            ["pages.domain_id", "pages.digest"],
            name="fk_page_comparisons_page",
            ondelete="CASCADE",
        ),
        Index("ix_page_comparisons_time", "domain_id", "compared_at"),
    )

    domain_id: Mapped[DomainId] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    compared_at: Mapped[datetime] = mapped_column(Moment)
    whole: Mapped[bool | None]
    found: Mapped[str] = mapped_column(Text)
