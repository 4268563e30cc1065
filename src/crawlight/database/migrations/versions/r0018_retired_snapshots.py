"""When a snapshot left the history of its page."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add the column."""
    op.add_column("snapshots", sa.Column("retired_at", sa.DateTime(timezone=True)))
