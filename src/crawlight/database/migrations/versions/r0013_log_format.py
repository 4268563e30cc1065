"""The format of a domain's access log, as it was said to an import."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the column."""
    op.add_column("domains", sa.Column("log_format", sa.Text()))
