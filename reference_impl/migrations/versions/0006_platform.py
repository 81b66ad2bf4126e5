"""Tables of the platform: idempotency keys, and what the control endpoints share between processes."""

import sqlalchemy as sa
from alembic import op

revision = "0006_platform"
down_revision = "0005_storage"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("claim", sa.String(64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_started_at", "idempotency_keys", ["started_at"])
    op.create_table(
        "control_values",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("amount", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_control_values"),
    )


def downgrade() -> None:
    op.drop_table("control_values")
    op.drop_index("ix_idempotency_keys_started_at", table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
