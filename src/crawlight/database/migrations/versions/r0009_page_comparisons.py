"""The latest comparison of each page with what a browser shows of it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "page_comparisons",
        sa.Column("domain_id", sa.Integer(), primary_key=True),
        sa.Column("digest", sa.LargeBinary(16), primary_key=True),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("whole", sa.Boolean()),
        sa.Column("found", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id", "digest"],
            ["pages.domain_id", "pages.digest"],
            name="fk_page_comparisons_page",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_page_comparisons_time", "page_comparisons", ["domain_id", "compared_at"])
