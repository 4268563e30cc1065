"""What Alembic executes to migrate: the open connection is handed in, its transaction is the caller's."""

from alembic import context

from crawlight.database.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite cannot alter most of a table: batch mode rebuilds it.
    render_as_batch=True,
    # Alembic thinks that SQLite cannot roll back DDL; with an explicit BEGIN it can.
    transactional_ddl=True,
)
context.run_migrations()
