"""The tables of the state database; a change needs a file in migrations/versions and an entry in REVISIONS."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, Text, UniqueConstraint

REVISIONS = ("0001", "0002", "0003", "0004", "0005")
"""Every migration, oldest first; the last one is what this code reads and writes."""

METADATA = MetaData()

SNAPSHOTS = Table(
    "snapshots",
    METADATA,
    Column("id", String(300), primary_key=True),
    Column("scope_key", String(300), nullable=False),
    Column("provider", String(60), nullable=False),
    Column("scope_kind", String(60), nullable=False),
    Column("scope_id", String(240), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("time", String(27), nullable=False),
    Column("committed", String(27), nullable=False),
    Column("state", String(20), nullable=False),
    Column("files", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("engine_version", String(60), nullable=False),
    Column("coverage", Text, nullable=False),
    Column("tombstone_of", String(300), nullable=False),
    Column("reason", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("scope_key", "sequence", name="snapshots_chain"),
)
"""One row a link of a scope's chain. JSON stands in text columns, because hashes need its exact bytes back."""

MUTES = Table(
    "mutes",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("muted_by", Text, nullable=False),
    Column("created", String(27), nullable=False),
    Column("until", String(27), nullable=True),
)

SETTINGS_TABLE = Table(
    "settings",
    METADATA,
    Column("key", String(60), primary_key=True),
    Column("value", Text, nullable=False),
)

PINS = Table(
    "pins",
    METADATA,
    Column("name", String(60), primary_key=True),
    Column("value", Text, nullable=False),
)
"""What ties the database to its home folder, and seals over the tables that are in no chain (see pins.py)."""

LAKE_PARTS = Table(
    "lake_parts",
    METADATA,
    Column("id", String(60), primary_key=True),
    Column("provider", String(60), nullable=False),
    Column("month", String(7), nullable=False),
    Column("begin", String(27), nullable=False),
    Column("end", String(27), nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("files", Text, nullable=False),
    Column("stats", Text, nullable=False),
    Column("settled", Integer, nullable=False),
    Column("schema_version", Integer, nullable=False),
)
"""The parts of the usage lake that count; a part that is not here does not."""

LAKE_SOURCES = Table(
    "lake_sources",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("provider", String(60), nullable=False),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("content", String(100), nullable=False),
    Column("taken", String(27), nullable=False),
    Column("state", String(20), nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("bad", BigInteger, nullable=False),
    Column("detail", Text, nullable=False),
)
"""Files of logs that were looked at; `content` is a hash of the bytes, or what a cloud's storage says in its place."""

USERS = Table(
    "users",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("origin", String(300), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("name", String(300), nullable=False),
    Column("password", Text, nullable=False),
    Column("active", Integer, nullable=False),
    Column("created", String(27), nullable=False),
    UniqueConstraint("origin", "subject", name="users_subject"),
)
"""Who may sign in: `origin` is `local` or the issuer that vouches for the subject; `password` a hash, or empty."""

USER_DUTIES = Table(
    "user_duties",
    METADATA,
    Column("user_id", String(36), primary_key=True),
    Column("source", String(20), primary_key=True),
    Column("duty", String(60), primary_key=True),
    Column("place", String(310), primary_key=True),
)
"""Duties of users over places; `source` is `given` here or by a `claim` of the issuer, which each sign-in renews."""

TOKENS = Table(
    "tokens",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("user_id", String(36), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("prefix", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("rights", Text, nullable=False),
    Column("places", Text, nullable=False),
    Column("created", String(27), nullable=False),
    Column("expires", String(27), nullable=False),
    Column("used", String(27), nullable=True),
)
"""API tokens, by the hash of their secret."""

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("user_id", String(36), nullable=False),
    Column("created", String(27), nullable=False),
    Column("seen", String(27), nullable=False),
    Column("expires", String(27), nullable=False),
)
"""Sessions of the page, by the hash of their random id."""

THROTTLE = Table(
    "throttle",
    METADATA,
    Column("key", String(40), primary_key=True),
    Column("full_at", String(27), nullable=False),
)
"""Failures to sign in, one row a bucket of names or addresses; there are so many buckets, and no more."""

AUDIT = Table(
    "audit",
    METADATA,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("time", String(27), nullable=False),
    Column("actor", String(300), nullable=False),
    Column("via", String(20), nullable=False),
    Column("address", String(100), nullable=False),
    Column("request", String(64), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
"""Every sign-in, refusal and change: appended, each row with the hash of the one before."""

JOBS = Table(
    "jobs",
    METADATA,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(36), nullable=False, unique=True),
    Column("kind", String(60), nullable=False),
    Column("asked", Text, nullable=False),
    Column("by", String(300), nullable=False),
    Column("state", String(20), nullable=False),
    Column("created", String(27), nullable=False),
    Column("started", String(27), nullable=True),
    Column("ended", String(27), nullable=True),
    Column("told", Text, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("result", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("unwanted", Integer, nullable=False),
    Column("runner", String(60), nullable=False),
    Column("lease", String(27), nullable=True),
)
"""Long work that a server does for somebody; `lease` is until when its runner says that it is at it."""
