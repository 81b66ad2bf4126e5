"""The tables of chapter extraction."""

import sqlalchemy as sa

from reference_impl.kit.database import metadata

documents = sa.Table(
    "chapter_documents",
    metadata,
    sa.Column(
        "sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
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
    sa.Index("ix_chapter_documents_owner", "tenant", "owner", "sequence"),
)
chapters = sa.Table(
    "chapters",
    metadata,
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
    sa.Index("ix_chapters_position", "document_id", "position", "id"),
    sa.Index("ix_chapters_words", "document_id", "words", "id"),
)
