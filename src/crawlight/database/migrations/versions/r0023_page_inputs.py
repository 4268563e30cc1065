"""What pages were made of, when snapshots were last found unchanged, and what domains say about that."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table and add the columns."""
    op.create_table(
        "page_inputs",
        sa.Column("domain_id", sa.Integer(), primary_key=True),
        sa.Column("digest", sa.LargeBinary(16), primary_key=True),
        sa.Column("rendered_at", _MOMENT, nullable=False),
        sa.Column("content_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("inputs", sa.LargeBinary(), nullable=False),
        sa.Column("why_not", sa.String(24), nullable=False),
        sa.Column("askable", sa.Boolean(), nullable=False),
        sa.Column("asked_at", _MOMENT),
        sa.Column("ask_at", _MOMENT),
        sa.Column("interval", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(16)),
        sa.Column("lease_until", _MOMENT),
        sa.ForeignKeyConstraint(
            ["domain_id", "digest"],
            ["pages.domain_id", "pages.digest"],
            name="fk_page_inputs_page",
            ondelete="CASCADE",
        ),
    )
    askable = sa.text("askable")
    op.create_index(
        "ix_page_inputs_ask_at", "page_inputs", ["ask_at"], sqlite_where=askable, postgresql_where=askable
    )
    leased = sa.text("lease IS NOT NULL")
    op.create_index(
        "ix_page_inputs_leased", "page_inputs", ["domain_id"], sqlite_where=leased, postgresql_where=leased
    )
    op.add_column("snapshots", sa.Column("checked_at", _MOMENT))
    on = sa.Column("revalidation", sa.String(8), nullable=False, server_default="on")
    within = sa.Column("render_within_seconds", sa.Integer(), nullable=False, server_default="604800")
    for column in (on, within):
        op.add_column("domain_settings", column)
