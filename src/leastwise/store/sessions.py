"""Sessions and API tokens in the state database, both by the hash of their secret."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, select, update

from leastwise.errors import IntegrityError, NotFoundError

from .audit import Audit, Entry
from .clock import from_text, to_text
from .database import reading, transaction
from .files import canonical
from .schema import SESSIONS, TOKENS
from .users import User, active_user


def digest(secret: str) -> str:
    """What a secret is kept as: it is random enough that a plain hash gives nothing away."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Session:
    """A session of the page; `digest` names it."""

    digest: str
    user_id: str
    created: datetime
    seen: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """An API token, without its secret."""

    id: str
    user_id: str
    prefix: str
    name: str
    rights: frozenset[str]
    places: frozenset[str]
    created: datetime
    expires: datetime
    used: datetime | None = None


class Sessions:
    """The sessions of one state database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._audit = Audit(engine)

    def begin(self, session: Session, entry: Entry) -> None:
        """Adds a session, on record; those that are over go with it."""
        with self._audit.recording(entry) as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.expires <= to_text(session.created)))
            connection.execute(SESSIONS.insert().values(_session_row(session)))

    def find(self, digest: str) -> tuple[Session, User] | None:
        """A session and its user; None where it is not there, or the user no longer active."""
        with reading(self._engine) as connection:
            row = connection.execute(select(SESSIONS).where(SESSIONS.c.digest == digest)).mappings().first()
            user = None if row is None else active_user(connection, row["user_id"])
        if row is None or user is None:
            return None
        times = (from_text(row[name]) for name in ("created", "seen", "expires"))
        return Session(row["digest"], row["user_id"], *times), user

    def see(self, digest: str, now: datetime) -> None:
        """Notes that a session is in use."""
        with transaction(self._engine) as connection:
            connection.execute(update(SESSIONS).where(SESSIONS.c.digest == digest).values(seen=to_text(now)))

    def end(self, digest: str, entry: Entry | None = None) -> None:
        """Ends a session, on record where somebody did it."""
        ended = delete(SESSIONS).where(SESSIONS.c.digest == digest)
        with transaction(self._engine) if entry is None else self._audit.recording(entry) as connection:
            connection.execute(ended)


class Tokens:
    """The API tokens of one state database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._audit = Audit(engine)

    def add(self, token: Token, digest: str, entry: Entry) -> None:
        """Adds a token, on record."""
        with self._audit.recording(entry) as connection:
            connection.execute(TOKENS.insert().values(_token_row(token) | {"digest": digest}))

    def of(self, user_id: str) -> tuple[Token, ...]:
        """The tokens of a user, oldest first."""
        query = select(TOKENS).where(TOKENS.c.user_id == user_id).order_by(TOKENS.c.created, TOKENS.c.id)
        with reading(self._engine) as connection:
            return tuple(_token(dict(row)) for row in connection.execute(query).mappings())

    def find(self, digest: str) -> tuple[Token, User] | None:
        """A token and its owner; None where it is not there, or the owner no longer active."""
        with reading(self._engine) as connection:
            row = connection.execute(select(TOKENS).where(TOKENS.c.digest == digest)).mappings().first()
            user = None if row is None else active_user(connection, row["user_id"])
        return None if row is None or user is None else (_token(dict(row)), user)

    def use(self, id: str, now: datetime) -> None:
        """Notes that a token is in use."""
        with transaction(self._engine) as connection:
            connection.execute(update(TOKENS).where(TOKENS.c.id == id).values(used=to_text(now)))

    def revoke(self, user_id: str, id: str, entry: Entry) -> None:
        """Ends a token of a user, on record. NotFoundError when he has none of that id."""
        with self._audit.recording(entry) as connection:
            gone = connection.execute(delete(TOKENS).where(TOKENS.c.id == id, TOKENS.c.user_id == user_id))
            if not gone.rowcount:
                raise NotFoundError(f"token {id}: not found")


def _session_row(session: Session) -> dict[str, Any]:
    return {
        "digest": session.digest, "user_id": session.user_id, "created": to_text(session.created),
        "seen": to_text(session.seen), "expires": to_text(session.expires),
    }  # fmt: skip


def _token_row(token: Token) -> dict[str, Any]:
    return {
        "id": token.id, "user_id": token.user_id, "prefix": token.prefix, "name": token.name,
        "rights": canonical(sorted(token.rights)), "places": canonical(sorted(token.places)),
        "created": to_text(token.created), "expires": to_text(token.expires),
        "used": to_text(token.used) if token.used else None,
    }  # fmt: skip


def _token(row: Mapping[str, Any]) -> Token:
    try:
        rights, places = frozenset(json.loads(row["rights"])), frozenset(json.loads(row["places"]))
    except (ValueError, TypeError):
        raise IntegrityError(f"state database: token {row['id']}: its scope cannot be read") from None
    return Token(
        row["id"], row["user_id"], row["prefix"], row["name"], rights, places,
        from_text(row["created"]), from_text(row["expires"]), from_text(row["used"]) if row["used"] else None,
    )  # fmt: skip
