"""How a domain's origin is asked: under which name, and whether its certificate has to be good."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_BEFORE = {"origin_host": "domain", "origin_certificate": "verify"}


def upgrade() -> None:
    """Add the columns."""
    for name, default in _BEFORE.items():
        op.add_column(
            "domain_settings", sa.Column(name, sa.String(8), nullable=False, server_default=default)
        )
