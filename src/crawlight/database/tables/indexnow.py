"""What was told to search engines by IndexNow, and what is to be told."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from crawlight.database.base import Base, Moment
from crawlight.ids import DomainId


class IndexNow(Base):
    """A domain that tells search engines of changes; one without a row tells nothing.

    Snapshots up to the id ``seen`` were looked at. After a ``failure`` nothing is sent until ``paused_until``.
    """

    __tablename__ = "indexnow"

    domain_id: Mapped[DomainId] = mapped_column(
        ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True
    )
    since: Mapped[datetime] = mapped_column(Moment)
    seen: Mapped[int]
    paused_until: Mapped[datetime | None] = mapped_column(Moment)
    failure: Mapped[str] = mapped_column(String(200))


class IndexNowPage(Base):
    """A page as it was looked at last: the hash of its HTML, and of its main text where that was needed.

    ``changed_at`` stands until the change was told.
    """

    __tablename__ = "indexnow_pages"
    __table_args__ = (
        ForeignKeyConstraint(
            ["domain_id", "digest"],
            ["pages.domain_id", "pages.digest"],
            name="fk_indexnow_pages_page",
            ondelete="CASCADE",
        ),
        Index("ix_indexnow_pages_changed", "domain_id", "changed_at"),
        Index("ix_indexnow_pages_submitted", "domain_id", "submitted_at"),
    )

    domain_id: Mapped[DomainId] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    text_hash: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    changed_at: Mapped[datetime | None] = mapped_column(Moment)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
