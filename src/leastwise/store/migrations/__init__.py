"""Alembic migrations of the state database; run by `leastwise.store.migrate`."""
