"""Settings of domains, snapshots, sitemaps, refreshes, the wanted pages' state, the generation of what edges hold."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables and the columns."""
    _settings()
    _pages()
    _snapshots()
    op.create_table(
        "sitemaps",
        _domain("sitemaps"),
        sa.Column("next_read_at", _MOMENT, nullable=False),
        sa.Column("read_at", _MOMENT),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
    )
    op.create_index("ix_sitemaps_next_read_at", "sitemaps", ["next_read_at"])
    op.create_table(
        "refreshes",
        _domain("refreshes"),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
    )
    generations = op.create_table(
        "generations",
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("value", sa.Integer(), nullable=False),
    )
    op.bulk_insert(generations, [{"name": "edge", "value": 1}])


def _settings() -> None:
    op.create_table(
        "domain_settings",
        _domain("domain_settings"),
        sa.Column("freshness_seconds", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.JSON(), nullable=False)
            for name in ("path_rules", "ignored_parameters", "blocked_paths")
        ),
        sa.Column("language", sa.String(64), nullable=False),
        sa.Column("allowed_networks", sa.JSON(), nullable=False),
        sa.Column("identity_policy", sa.String(8), nullable=False),
        sa.CheckConstraint(
            "identity_policy IN ('strict', 'standard', 'off')", name="ck_domain_settings_identity_policy"
        ),
    )


def _pages() -> None:
    for name, kind in (
        ("wanted_priority", sa.SmallInteger()),
        ("wanted_times", sa.Integer()),
        ("attempts", sa.SmallInteger()),
    ):
        op.add_column("pages", sa.Column(name, kind, nullable=False, server_default="0"))
    for name, optional in (
        ("not_before", _MOMENT),
        ("lease", sa.String(16)),
        ("failure", sa.String(24)),
        ("rendered_at", _MOMENT),
        ("status", sa.SmallInteger()),
    ):
        op.add_column("pages", sa.Column(name, optional))
    wanted = sa.text("wanted_at IS NOT NULL")
    op.create_index(
        "ix_pages_wanted",
        "pages",
        ["wanted_priority", "wanted_at"],
        sqlite_where=wanted,
        postgresql_where=wanted,
    )


def _snapshots() -> None:
    op.create_table(
        "snapshots",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("domain_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(16), nullable=False),
        sa.Column("taken_at", _MOMENT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("location", sa.Text()),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("raw_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id", "digest"],
            ["pages.domain_id", "pages.digest"],
            name="fk_snapshots_domain_id_digest",
            ondelete="CASCADE",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_snapshots_page", "snapshots", ["domain_id", "digest", "id"])
    op.create_index("ix_snapshots_content_hash", "snapshots", ["content_hash"])
    op.create_index("ix_snapshots_raw_hash", "snapshots", ["raw_hash"])


def _domain(table: str) -> sa.Column[int]:
    parent = sa.ForeignKey("domains.id", name=f"fk_{table}_domain_id", ondelete="CASCADE")
    return sa.Column("domain_id", sa.Integer(), parent, primary_key=True)
