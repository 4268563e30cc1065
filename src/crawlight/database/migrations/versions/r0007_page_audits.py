"""The latest audit of each page."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "page_audits",
        sa.Column("domain_id", sa.Integer(), primary_key=True),
        sa.Column("digest", sa.LargeBinary(16), primary_key=True),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("audited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("indexable", sa.Boolean(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("across", sa.Text(), nullable=False),
        sa.Column("title_digest", sa.LargeBinary(8)),
        sa.Column("description_digest", sa.LargeBinary(8)),
        sa.Column("alternates", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id", "digest"],
            ["pages.domain_id", "pages.digest"],
            name="fk_page_audits_page",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_page_audits_title", "page_audits", ["domain_id", "title_digest"])
    op.create_index("ix_page_audits_description", "page_audits", ["domain_id", "description_digest"])
    op.create_index("ix_page_audits_version", "page_audits", ["version"])
