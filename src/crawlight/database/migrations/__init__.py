"""Alembic's scripts. Run by ``crawlight.database.migrate`` only."""
