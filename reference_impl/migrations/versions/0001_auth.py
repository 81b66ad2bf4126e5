"""Auth: users, sessions, refresh tokens, signing keys, and an audit chain that only grows."""

import sqlalchemy as sa
from alembic import op

from reference_impl.kit.database import Instant

revision = "0001_auth"
down_revision = None
branch_labels = None
depends_on = None

_SQLITE_GUARDS = (
    """
    CREATE TRIGGER auth_audit_events_keep_content BEFORE UPDATE ON auth_audit_events
    BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END
    """,
    """
    CREATE TRIGGER auth_audit_events_keep_rows BEFORE DELETE ON auth_audit_events
    BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END
    """,
    """
    CREATE TRIGGER auth_audit_head_moves_forward BEFORE UPDATE ON auth_audit_head
    WHEN NEW.sequence <> OLD.sequence + 1
    BEGIN SELECT RAISE(ABORT, 'the audit head moves one step at a time'); END
    """,
)
_POSTGRESQL_GUARDS = (
    """
    CREATE FUNCTION auth_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'audit events are append-only'; END $$
    """,
    """
    CREATE TRIGGER auth_audit_events_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON auth_audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION auth_audit_refuse()
    """,
    """
    CREATE TRIGGER auth_audit_head_moves_forward BEFORE UPDATE ON auth_audit_head
    FOR EACH ROW WHEN (NEW.sequence <> OLD.sequence + 1) EXECUTE FUNCTION auth_audit_refuse()
    """,
)


def upgrade() -> None:
    op.create_table(
        "auth_users",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False, index=True),
        sa.Column("email", sa.String(254), nullable=False, unique=True),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("roles", sa.JSON, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("generation_changed_at", Instant),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
    )
    op.create_table(
        "auth_families",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("user_id", sa.String(40), sa.ForeignKey("auth_users.id"), nullable=False, index=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("revoked_at", Instant, index=True),
    )
    op.create_table(
        "auth_refresh_tokens",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("family_id", sa.String(40), sa.ForeignKey("auth_families.id"), nullable=False, index=True),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("used_at", Instant),
    )
    op.create_table(
        "auth_signing_keys",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("private", sa.JSON, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("retired_at", Instant),
    )
    op.create_table(
        "auth_audit_events",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("action", sa.String(64), nullable=False, index=True),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(200), nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    head = op.create_table(
        "auth_audit_head",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "sequence": 0, "hash": "0" * 64}])
    guards = _SQLITE_GUARDS if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL_GUARDS
    for guard in guards:
        op.execute(sa.text(guard))


def downgrade() -> None:
    for table in (
        "auth_audit_head",
        "auth_audit_events",
        "auth_signing_keys",
        "auth_refresh_tokens",
        "auth_families",
        "auth_users",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute(sa.text("DROP FUNCTION auth_audit_refuse()"))
