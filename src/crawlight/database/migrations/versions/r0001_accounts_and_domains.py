"""Accounts, keys, usage, domains, memberships, pages."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the first tables."""
    _accounts()
    _domains()
    _pages()


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("plan", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls_per_month", sa.Integer()),
        sa.Column("calls_per_minute", sa.Integer()),
        sa.Column("api_keys", sa.Integer()),
        sa.UniqueConstraint("uuid", name="uq_accounts_uuid"),
        sa.UniqueConstraint("email", name="uq_accounts_email"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("account_id", sa.Integer(), _parent("api_keys", "accounts"), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("hash", name="uq_api_keys_hash"),
    )
    op.create_index("ix_api_keys_account_id", "api_keys", ["account_id"])
    op.create_index("ix_api_keys_prefix", "api_keys", ["prefix"])
    op.create_table(
        "usage",
        sa.Column("account_id", sa.Integer(), _parent("usage", "accounts"), primary_key=True),
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("used", sa.Integer(), nullable=False),
    )


def _domains() -> None:
    op.create_table(
        "domains",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("host", sa.String(253), nullable=False),
        sa.Column("origin", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("uuid", name="uq_domains_uuid"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_domains_host", "domains", ["host"])
    verified = sa.text("verified_at IS NOT NULL")
    op.create_index(
        "uq_domains_verified_host",
        "domains",
        ["host"],
        unique=True,
        sqlite_where=verified,
        postgresql_where=verified,
    )
    op.create_table(
        "memberships",
        sa.Column("domain_id", sa.Integer(), _parent("memberships", "domains"), primary_key=True),
        sa.Column(
            "account_id",
            sa.Integer(),
            sa.ForeignKey("accounts.id", name="fk_memberships_account_id"),
            primary_key=True,
        ),
        sa.Column("role", sa.String(7), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'manager', 'viewer')", name="ck_memberships_role"),
    )
    op.create_index("ix_memberships_account_id", "memberships", ["account_id"])


def _pages() -> None:
    op.create_table(
        "pages",
        sa.Column("domain_id", sa.Integer(), _parent("pages", "domains"), primary_key=True),
        sa.Column("digest", sa.LargeBinary(16), primary_key=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True)),
        sa.Column("seo_score", sa.Integer()),
        sa.Column("seo_issues_count", sa.Integer(), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True)),
        sa.Column("wanted_at", sa.DateTime(timezone=True)),
        sa.Column("wanted_reason", sa.String(16)),
    )
    op.create_table(
        "seo_counts",
        sa.Column("domain_id", sa.Integer(), _parent("seo_counts", "domains"), primary_key=True),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("good", "needs_work", "poor", "unknown", "total_issues")
        ),
    )


def _parent(table: str, parent: str) -> sa.ForeignKey:
    column = f"{parent.removesuffix('s')}_id"
    return sa.ForeignKey(f"{parent}.id", name=f"fk_{table}_{column}", ondelete="CASCADE")
