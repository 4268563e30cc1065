"""Headers of a domain's answers: a policy of content, and whether the origin's X-Robots-Tag stays."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Add the columns."""
    policy = sa.Column("content_security_policy", sa.Text(), nullable=False, server_default="")
    op.add_column("domain_settings", policy)
    header = sa.Column("robots_header", sa.String(8), nullable=False, server_default="origin")
    op.add_column("domain_settings", header)
