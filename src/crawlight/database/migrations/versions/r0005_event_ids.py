"""Ids of reported events, and how long each domain keeps its records."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table of ids, add the two columns of domains."""
    op.create_table(
        "event_ids",
        sa.Column(
            "domain_id",
            sa.Integer(),
            sa.ForeignKey("domains.id", name="fk_event_ids_domain_id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("digest", sa.LargeBinary(16), primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_event_ids_expires_at", "event_ids", ["expires_at"])
    # Not in batch mode: SQLite would make the table anew, and drop what refers to it.
    op.add_column("domains", sa.Column("retention_days", sa.Integer()))
    op.add_column("domains", sa.Column("retention_months", sa.Integer()))
    op.create_table(
        "forgotten_domains",
        sa.Column("domain_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("host", sa.String(253), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=False),
    )
