"""Pins: whose database this is, the fingerprint of the redaction key, seals over mutes and settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the table. Its seals are made after every migration (see migrate.py), the rest at the next write."""
    op.create_table(
        "pins",
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
