"""The table of what was seen last of the DNS and certificate of domains on the front."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crawlight.database.base import Base, Moment
from crawlight.ids import DomainId


class FrontState(Base):
    """A domain as it was looked at last. ``missing`` says what its DNS lacks, ``certificate_problem`` its certificate.

    ``here_since`` is the first of the looks in a row that found it here.
    """

    __tablename__ = "front_states"

    domain_id: Mapped[DomainId] = mapped_column(
        ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True
    )
    checked_at: Mapped[datetime] = mapped_column(Moment)
    here_since: Mapped[datetime | None] = mapped_column(Moment)
    missing: Mapped[str] = mapped_column(String(500))
    certificate_until: Mapped[datetime | None] = mapped_column(Moment)
    certificate_problem: Mapped[str] = mapped_column(String(500))
