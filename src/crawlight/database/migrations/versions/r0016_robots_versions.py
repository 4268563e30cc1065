"""The versions of each domain's robots.txt, and from when on each was in force."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "robots_versions",
        sa.Column("domain_id", sa.Integer(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domains.id"], name="fk_robots_versions_domain_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("domain_id", "hash", name="uq_robots_versions_domain_id_hash"),
    )
    op.create_table(
        "robots_periods",
        sa.Column("domain_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("since", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id", "number"],
            ["robots_versions.domain_id", "robots_versions.number"],
            name="fk_robots_periods_version",
            ondelete="CASCADE",
        ),
    )
