"""What was seen last of the DNS and certificate of domains on the front."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Create the table."""
    domain = sa.ForeignKey("domains.id", ondelete="CASCADE")
    op.create_table(
        "front_states",
        sa.Column("domain_id", sa.Integer(), domain, primary_key=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("here_since", sa.DateTime(timezone=True)),
        sa.Column("missing", sa.String(500), nullable=False),
        sa.Column("certificate_until", sa.DateTime(timezone=True)),
        sa.Column("certificate_problem", sa.String(500), nullable=False),
    )
