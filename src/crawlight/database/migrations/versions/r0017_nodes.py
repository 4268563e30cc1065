"""What nodes share: work that is done once, origins that asked for a pause, the pages that are in hand."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables and the index."""
    op.create_table(
        "jobs",
        sa.Column("name", sa.String(24), primary_key=True),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("lease", sa.String(96)),
        sa.Column("lease_until", _MOMENT),
        sa.Column("runs", sa.Integer(), nullable=False),
    )
    domain = sa.ForeignKey("domains.id", name="fk_origin_pauses_domain_id", ondelete="CASCADE")
    op.create_table(
        "origin_pauses",
        sa.Column("domain_id", sa.Integer(), domain, primary_key=True),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
    )
    leased = sa.text("lease IS NOT NULL")
    op.create_index("ix_pages_leased", "pages", ["domain_id"], sqlite_where=leased, postgresql_where=leased)
