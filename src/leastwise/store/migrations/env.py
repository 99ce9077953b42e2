"""Alembic's entry: runs the migrations on the connection (and inside the transaction) that `upgrade` opened."""

from __future__ import annotations

from alembic import context

from leastwise.store.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
