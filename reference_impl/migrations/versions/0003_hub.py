"""The hub's job table, the attempts, and the channels' own secrets."""

import sqlalchemy as sa
from alembic import op

revision = "0003_hub"
down_revision = "0002_breakers"
branch_labels = None
depends_on = None


def _sequence() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    return sa.Column("sequence", kind, primary_key=True, autoincrement=True)


def upgrade() -> None:
    op.create_table(
        "hub_messages",
        _sequence(),
        sa.Column("id", sa.String(40), nullable=False, unique=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("priority", sa.SmallInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("data", sa.Text),
        sa.Column("traceparent", sa.String(64), nullable=False),
        sa.Column("created_at", sa.Float(53), nullable=False),
        sa.Column("available_at", sa.Float(53), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("attempts_before", sa.Integer, nullable=False),
        sa.Column("max_attempts", sa.Integer, nullable=False),
        sa.Column("redrives", sa.Integer, nullable=False),
        sa.Column("lease_owner", sa.String(64)),
        sa.Column("lease_until", sa.Float(53)),
        sa.Column("finished_at", sa.Float(53)),
        sa.Column("failure_kind", sa.String(32)),
        sa.Column("failure_detail", sa.Text),
        sa.Column("failure_status", sa.Integer),
    )
    op.create_index(
        "ix_hub_messages_ready",
        "hub_messages",
        ["priority", "available_at", "sequence"],
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_hub_messages_lease",
        "hub_messages",
        ["lease_until"],
        sqlite_where=sa.text("state = 'leased'"),
        postgresql_where=sa.text("state = 'leased'"),
    )
    op.create_index("ix_hub_messages_owner", "hub_messages", ["tenant", "owner", "sequence"])
    op.create_table(
        "hub_attempts",
        _sequence(),
        sa.Column("message_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("started_at", sa.Float(53), nullable=False),
        sa.Column("finished_at", sa.Float(53), nullable=False),
        sa.Column("worker", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("failure_kind", sa.String(32)),
        sa.Column("failure_detail", sa.Text),
    )
    op.create_index("ix_hub_attempts_message_id", "hub_attempts", ["message_id"])
    op.create_table(
        "hub_channel_secrets",
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("secret", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("hub_channel_secrets")
    op.drop_table("hub_attempts")
    op.drop_table("hub_messages")
