"""The server's secret, sessions, and one-time links."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.LargeBinary(32), nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("account_id", sa.Integer(), _parent("sessions", "accounts"), nullable=False),
        sa.Column("user_agent", sa.String(300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"])
    _links()


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("purpose", sa.String(8), nullable=False),
        sa.Column("account_id", sa.Integer(), _parent("links", "accounts")),
        sa.Column("email", sa.String(254)),
        sa.Column("domain_id", sa.Integer(), _parent("links", "domains", "domain_id")),
        sa.Column("role", sa.String(7)),
        sa.Column("made_by", sa.Integer(), _parent("links", "accounts", "made_by")),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('setup', 'reset', 'join')", name="ck_links_purpose"),
        sa.CheckConstraint("role IN ('manager', 'viewer')", name="ck_links_role"),
    )
    for column in ("account_id", "domain_id", "made_by"):
        op.create_index(f"ix_links_{column}", "links", [column])


def _parent(table: str, parent: str, column: str = "account_id") -> sa.ForeignKey:
    return sa.ForeignKey(f"{parent}.id", name=f"fk_{table}_{column}", ondelete="CASCADE")
