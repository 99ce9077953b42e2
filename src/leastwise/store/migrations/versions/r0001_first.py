"""The first schema: chain rows of snapshots, mutes, settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "snapshots",
        sa.Column("id", sa.String(300), primary_key=True),
        sa.Column("scope_key", sa.String(300), nullable=False),
        sa.Column("provider", sa.String(60), nullable=False),
        sa.Column("scope_kind", sa.String(60), nullable=False),
        sa.Column("scope_id", sa.String(240), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("time", sa.String(27), nullable=False),
        sa.Column("committed", sa.String(27), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("files", sa.Text, nullable=False),
        sa.Column("schema_version", sa.Integer, nullable=False),
        sa.Column("engine_version", sa.String(60), nullable=False),
        sa.Column("coverage", sa.Text, nullable=False),
        sa.Column("tombstone_of", sa.String(300), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("scope_key", "sequence", name="snapshots_chain"),
    )
    op.create_table(
        "mutes",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("muted_by", sa.Text, nullable=False),
        sa.Column("created", sa.String(27), nullable=False),
        sa.Column("until", sa.String(27), nullable=True),
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.String(60), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
