"""The ledger of imported files: the times that were asked for, and how a file's first lines add up."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_KEY = ["domain_id", "fingerprint", "since", "until"]


def upgrade() -> None:
    """Add the columns; what was imported before was imported whole."""
    whole = {"since": "0", "until": "4291747200"}
    with op.batch_alter_table("imported_files") as batch:
        for name, default in whole.items():
            batch.add_column(sa.Column(name, sa.BigInteger(), nullable=False, server_default=default))
        batch.add_column(sa.Column("starts", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("imported_files") as batch:
        batch.drop_constraint("pk_imported_files", type_="primary")
        batch.create_primary_key("pk_imported_files", _KEY)
        for name in whole:
            batch.alter_column(name, existing_type=sa.BigInteger(), server_default=None)
        batch.alter_column("starts", existing_type=sa.Text(), server_default=None)
