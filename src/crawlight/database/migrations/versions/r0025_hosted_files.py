"""Files that domains have hosted here, and which versions of robots.txt were saved here."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Create the tables, and add the column."""
    op.create_table(
        "hosted_files",
        sa.Column("domain_id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("mode", sa.String(4), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domains.id"], name="fk_hosted_files_domain_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "hosted_contents",
        sa.Column("domain_id", sa.Integer(), primary_key=True),
        sa.Column("path", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("hash", sa.LargeBinary(16), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domains.id"], name="fk_hosted_contents_domain_id", ondelete="CASCADE"
        ),
    )
    op.add_column("robots_versions", sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True))
