"""Which accounts and domains have changed for edges, and when, so that they read anew only those."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "edge_changes",
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("generation", sa.Integer(), nullable=False),
    )
    op.create_index("ix_edge_changes_generation", "edge_changes", ["generation"])
