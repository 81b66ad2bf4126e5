"""The tables of breakers: configurations, alerts, and whether monitoring is on."""

import sqlalchemy as sa

from reference_impl.kit.database import Instant, metadata

breakers = sa.Table(
    "breaker_configurations",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(64), nullable=False, unique=True),
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_by", sa.String(64), nullable=False),
    sa.Column("tenant", sa.String(64), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
)
alerts = sa.Table(
    "breaker_alerts",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("breaker", sa.String(200), nullable=False, index=True),
    sa.Column("severity", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("message", sa.String(500), nullable=False),
    sa.Column("raised_at", Instant, nullable=False),
    sa.Column("acknowledged_at", Instant),
    sa.Column("acknowledged_by", sa.String(64)),
)
monitoring = sa.Table(
    "breaker_monitoring",
    metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("interval_seconds", sa.Integer, nullable=False),
    sa.Column("changed_at", Instant),
    sa.Column("changed_by", sa.String(64)),
    sa.Column("checks", sa.BigInteger, nullable=False),
    sa.Column("last_check_at", Instant),
)
