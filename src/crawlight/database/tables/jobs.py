"""What nodes share while they work on one database: who does what is done once, and which origins ask for a pause."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crawlight.database.base import Base, Moment
from crawlight.ids import DomainId


class Job(Base):
    """Work that one node does for all, again and again: when it is due next.

    ``lease`` names who has it in hand until ``lease_until``. ``runs`` counts how often it was begun.
    """

    __tablename__ = "jobs"

    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(Moment)
    lease: Mapped[str | None] = mapped_column(String(96))
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    runs: Mapped[int] = mapped_column(default=0)


class OriginPause(Base):
    """An origin that asked for a pause at ``asked_at``: it has it to ``until``.

    ``seconds`` is how long the pause would be by itself; it doubles as long as the origin keeps asking.
    """

    __tablename__ = "origin_pauses"

    domain_id: Mapped[DomainId] = mapped_column(
        ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True
    )
    asked_at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime] = mapped_column(Moment)
    seconds: Mapped[int]
