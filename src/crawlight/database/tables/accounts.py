"""Tables of people: accounts, their API keys, and what they used of their monthly quota."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from crawlight.database.base import Base, Moment


class Account(Base):
    """One person or team. Its plan's limits hold where it has none of its own (null)."""

    __tablename__ = "accounts"
    # Without AUTOINCREMENT, SQLite gives the id of a deleted last row to the next one.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """Kept in lower case, so that the constraint does not tell cases apart."""
    password_hash: Mapped[str | None] = mapped_column(String(255))
    plan: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)
    calls_per_month: Mapped[int | None]
    calls_per_minute: Mapped[int | None]
    api_keys: Mapped[int | None]


class ApiKey(Base):
    """One API key: never the key itself, only its SHA-256 and the prefix by which people know it."""

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    prefix: Mapped[str] = mapped_column(String(16), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class Usage(Base):
    """Calls that an account used in one UTC calendar month, ``YYYY-MM``."""

    __tablename__ = "usage"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    used: Mapped[int]
