"""The hub's tables: messages (which are the jobs), their attempts, and the channels' own secrets."""

import sqlalchemy as sa

from reference_impl.kit.database import metadata

messages = sa.Table(
    "hub_messages",
    metadata,
    sa.Column(
        "sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
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
ready_index = sa.Index(
    "ix_hub_messages_ready",
    messages.c.priority,
    messages.c.available_at,
    messages.c.sequence,
    sqlite_where=sa.text("state = 'queued'"),
    postgresql_where=sa.text("state = 'queued'"),
)
lease_index = sa.Index(
    "ix_hub_messages_lease",
    messages.c.lease_until,
    sqlite_where=sa.text("state = 'leased'"),
    postgresql_where=sa.text("state = 'leased'"),
)
owner_index = sa.Index("ix_hub_messages_owner", messages.c.tenant, messages.c.owner, messages.c.sequence)
attempts = sa.Table(
    "hub_attempts",
    metadata,
    sa.Column(
        "sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    sa.Column("message_id", sa.String(40), nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("started_at", sa.Float(53), nullable=False),
    sa.Column("finished_at", sa.Float(53), nullable=False),
    sa.Column("worker", sa.String(64), nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("failure_kind", sa.String(32)),
    sa.Column("failure_detail", sa.Text),
)
secrets = sa.Table(
    "hub_channel_secrets",
    metadata,
    sa.Column("channel", sa.String(32), primary_key=True),
    sa.Column("secret", sa.LargeBinary, nullable=False),
)
