"""What alembic runs: the revisions, inside the connection that the caller opened."""

from alembic import context

from reference_impl.kit.database import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, transaction_per_migration=False, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
