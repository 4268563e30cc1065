"""Tables beside the events store: ids of reported events, and domains whose records are to go."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from crawlight.database.base import Base, Moment
from crawlight.ids import DomainId


class EventId(Base):
    """An id under which an event of a domain was reported, by digest; a repetition is left out.

    ``owner`` names the very record in the spool that has it, so that reading that one again is no repetition.
    """

    __tablename__ = "event_ids"

    domain_id: Mapped[DomainId] = mapped_column(
        ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)


class ForgottenDomain(Base):
    """A domain that is gone and whose records must go from the events store; the row goes after them."""

    __tablename__ = "forgotten_domains"

    domain_id: Mapped[DomainId] = mapped_column(primary_key=True, autoincrement=False)
    host: Mapped[str] = mapped_column(String(253))
    forgotten_at: Mapped[datetime] = mapped_column(Moment)
