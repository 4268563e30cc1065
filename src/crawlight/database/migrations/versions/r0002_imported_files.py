"""The ledger of imported log files."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the ledger."""
    op.create_table(
        "imported_files",
        sa.Column(
            "domain_id",
            sa.Integer(),
            sa.ForeignKey("domains.id", name="fk_imported_files_domain_id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("fingerprint", sa.String(80), primary_key=True),
        sa.Column("format", sa.String(32), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("tail", sa.String(64), nullable=False),
        sa.Column("run", sa.String(16), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
