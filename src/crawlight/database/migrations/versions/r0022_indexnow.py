"""Which pages are told to search engines by IndexNow."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Create the tables, and the key of a domain."""
    op.add_column(
        "agent_settings", sa.Column("indexnow_key", sa.String(32), nullable=False, server_default="")
    )
    domain = sa.ForeignKey("domains.id", ondelete="CASCADE")
    op.create_table(
        "indexnow",
        sa.Column("domain_id", sa.Integer(), domain, primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True)),
        sa.Column("failure", sa.String(200), nullable=False),
    )
    op.create_table(
        "indexnow_pages",
        sa.Column("domain_id", sa.Integer(), primary_key=True),
        sa.Column("digest", sa.LargeBinary(16), primary_key=True),
        sa.Column("content_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(16)),
        sa.Column("changed_at", sa.DateTime(timezone=True)),
        sa.Column("submitted_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["domain_id", "digest"],
            ["pages.domain_id", "pages.digest"],
            name="fk_indexnow_pages_page",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_indexnow_pages_changed", "indexnow_pages", ["domain_id", "changed_at"])
    op.create_index("ix_indexnow_pages_submitted", "indexnow_pages", ["domain_id", "submitted_at"])
