"""Documents and their chapters."""

import sqlalchemy as sa
from alembic import op

revision = "0004_chapters"
down_revision = "0003_hub"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chapter_documents",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        sa.Column("id", sa.String(40), nullable=False, unique=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("format", sa.String(16), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("created_at", sa.Float(53), nullable=False),
        sa.Column("extracted_at", sa.Float(53)),
    )
    op.create_index("ix_chapter_documents_owner", "chapter_documents", ["tenant", "owner", "sequence"])
    op.create_table(
        "chapters",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column(
            "document_id",
            sa.String(40),
            sa.ForeignKey("chapter_documents.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("parent_id", sa.String(40)),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("number", sa.String(40)),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("heading", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("words", sa.Integer, nullable=False),
    )
    op.create_index("ix_chapters_position", "chapters", ["document_id", "position", "id"])
    op.create_index("ix_chapters_words", "chapters", ["document_id", "words", "id"])


def downgrade() -> None:
    op.drop_table("chapters")
    op.drop_table("chapter_documents")
