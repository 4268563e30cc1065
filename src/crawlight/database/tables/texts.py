"""The table of what pages say of themselves, and when that changed."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from crawlight.database.base import Base, Moment
from crawlight.ids import DomainId


class PageText(Base):
    """A page as it was looked at last, of domains with a file that is made of their pages.

    ``content_hash`` is of the snapshot, ``text_hash`` of its main text. ``changed_at`` is when a snapshot with another
    main text was first seen, null where there was none since the page was first looked at.
    """

    __tablename__ = "page_texts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["domain_id", "digest"],
            ["pages.domain_id", "pages.digest"],
            name="fk_page_texts_page",
            ondelete="CASCADE",
        ),
    )

    domain_id: Mapped[DomainId] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    text_hash: Mapped[bytes] = mapped_column(LargeBinary(16))
    changed_at: Mapped[datetime | None] = mapped_column(Moment)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
