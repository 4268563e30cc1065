"""When pages are complete: what is learned of each domain, and how long each snapshot took."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the table, and add the column."""
    op.create_table(
        "late_content",
        sa.Column("domain_id", sa.Integer(), primary_key=True),
        sa.Column("pattern", sa.String(512), primary_key=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("calm", sa.Integer(), nullable=False),
        sa.Column("needed_at", sa.DateTime(timezone=True)),
        sa.Column("fixed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domains.id"], name="fk_late_content_domain_id_domains", ondelete="CASCADE"
        ),
    )
    op.add_column("snapshots", sa.Column("complete", sa.Integer(), nullable=False, server_default="0"))
