"""Whether snapshots are kept of pages that their origin calls private."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the column."""
    kept = sa.Column("private_pages", sa.String(8), nullable=False, server_default="pass")
    op.add_column("domain_settings", kept)
