"""The tables of each domain's robots.txt: its versions, and from when on each of them was in force."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crawlight.database.base import Base, Moment
from crawlight.ids import DomainId


class RobotsVersion(Base):
    """What a domain answered for its robots.txt at least once, numbered from 1 on.

    ``hash`` is of status and content. ``size`` is in bytes; ``content`` is compressed (zlib), and empty unless the
    status is 200. ``saved_at`` is when it was last saved here, null where it was only seen.
    """

    __tablename__ = "robots_versions"
    __table_args__ = (UniqueConstraint("domain_id", "hash"),)

    domain_id: Mapped[DomainId] = mapped_column(
        ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    first_seen_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    saved_at: Mapped[datetime | None] = mapped_column(Moment)


class RobotsPeriod(Base):
    """From ``since`` on a version was in force, until the next period of its domain begins."""

    __tablename__ = "robots_periods"
    __table_args__ = (
        ForeignKeyConstraint(
            ["domain_id", "number"],
            ["robots_versions.domain_id", "robots_versions.number"],
            name="fk_robots_periods_version",
            ondelete="CASCADE",
        ),
    )

    domain_id: Mapped[DomainId] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    number: Mapped[int]
