"""What agents get of a domain: Markdown or not, and what the domain says about uses of its content."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "agent_settings",
        sa.Column(
            "domain_id", sa.Integer(), sa.ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("markdown", sa.Boolean(), nullable=False),
        sa.Column("no_markdown_for", sa.JSON(), nullable=False),
        sa.Column("signals", sa.JSON(), nullable=False),
    )
