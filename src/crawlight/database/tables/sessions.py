"""Tables of signing in: the server's secret, sessions, and one-time links."""

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from crawlight.database.base import Base, Moment
from crawlight.database.tables.domains import Role
from crawlight.ids import DomainId

LinkPurpose = Literal["setup", "reset", "join"]


class Secret(Base):
    """A random value that all processes of one installation share, such as the key that signs cookies."""

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary(32))


class Session(Base):
    """One browser in which somebody is signed in: never its token, only the token's SHA-256."""

    __tablename__ = "sessions"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    user_agent: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)


class Link(Base):
    """A link that works once and for a while: the first account, a new password, an invitation.

    ``account_id`` is whose password a ``reset`` sets. A ``join`` is for the account of ``email`` (null: for
    whoever holds the link); it gives ``role`` for the domain where one is named, and was made by ``made_by``.
    """

    __tablename__ = "links"
    __table_args__ = (
        CheckConstraint("purpose IN ('setup', 'reset', 'join')", name="purpose"),
        CheckConstraint("role IN ('manager', 'viewer')", name="role"),
    )

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    purpose: Mapped[LinkPurpose] = mapped_column(String(8))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    email: Mapped[str | None] = mapped_column(String(254))
    domain_id: Mapped[DomainId | None] = mapped_column(
        ForeignKey("domains.id", ondelete="CASCADE"), index=True
    )
    role: Mapped[Role | None] = mapped_column(String(7))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
