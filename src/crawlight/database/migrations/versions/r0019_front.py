"""Which domains are served by the front."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add the column: no domain is, so far."""
    op.add_column(
        "domain_settings", sa.Column("front", sa.Boolean(), nullable=False, server_default=sa.false())
    )
