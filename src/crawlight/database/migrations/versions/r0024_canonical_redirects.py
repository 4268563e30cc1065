"""Whether crawlers that come for AI training are led to canonical pages."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Add the column."""
    op.add_column(
        "agent_settings",
        sa.Column("canonical_redirects", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
