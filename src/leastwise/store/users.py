"""Users and their duties in the state database."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, select, update

from leastwise.errors import NotFoundError, UsageError

from .audit import Audit, Entry
from .clock import from_text, to_text
from .database import reading
from .schema import SESSIONS, TOKENS, USER_DUTIES, USERS

LOCAL = "local"
"""The origin of those who sign in with a password."""
GIVEN, CLAIM = "given", "claim"


@dataclass(frozen=True, slots=True)
class Duties:
    """A duty of a user over a place."""

    source: str
    duty: str
    place: str


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in."""

    id: str
    origin: str
    subject: str
    name: str
    password: str
    """A hash; empty where no password lets him in."""
    active: bool
    created: datetime
    duties: tuple[Duties, ...] = ()


class Users:
    """The users of one state database; each change is on record with it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._audit = Audit(engine)

    def all(self) -> tuple[User, ...]:
        """Every user, by name."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(USERS).order_by(USERS.c.name, USERS.c.id)).mappings().all()
            return _with_duties(connection, [_user(dict(row)) for row in rows])

    def get(self, id: str) -> User:
        """One user. NotFoundError."""
        with reading(self._engine) as connection:
            return _one(connection, id)

    def find(self, origin: str, subject: str) -> User | None:
        """Whom an origin calls so; None where nobody."""
        query = select(USERS).where(USERS.c.origin == origin, USERS.c.subject == subject)
        with reading(self._engine) as connection:
            row = connection.execute(query).mappings().first()
            return None if row is None else _with_duties(connection, [_user(dict(row))])[0]

    def anybody(self, duty: str) -> bool:
        """Whether anybody who is active has a duty over everything."""
        with reading(self._engine) as connection:
            return bool(_holders(connection, duty))

    def add(self, user: User, entry: Entry, only_first: str | None = None) -> None:
        """Adds a user. With `only_first` only while nobody active has that duty over everything.

        Raises:
            UsageError: there is one of that name, or somebody has the duty already.
        """
        with self._audit.recording(entry) as connection:
            if only_first is not None and _holders(connection, only_first):
                raise UsageError(f"there is an {only_first} already")
            same = select(USERS.c.id).where(USERS.c.origin == user.origin, USERS.c.subject == user.subject)
            if connection.scalar(same) is not None:
                raise UsageError(f"user {user.name}: there is one of that name already")
            connection.execute(USERS.insert().values(_row(user)))
            _set_duties(connection, user.id, user.duties)

    def change(
        self,
        id: str,
        entry: Entry,
        *,
        name: str | None = None,
        password: str | None = None,
        active: bool | None = None,
        duties: tuple[str, Iterable[Duties]] | None = None,
        keep_session: str = "",
        always: str | None = None,
    ) -> User:
        """Changes what is given; `duties` are all of one source. Returns the user as he was before.

        Who is no longer active loses sessions and tokens; with another password, every session but `keep_session`.

        Raises:
            NotFoundError: there is no such user.
            UsageError: nobody active would have the duty `always` over everything.
        """
        with self._audit.recording(entry) as connection:
            before = _one(connection, id)
            values = {"name": name, "password": password, "active": None if active is None else int(active)}
            values = {key: value for key, value in values.items() if value is not None}
            if values:
                connection.execute(update(USERS).where(USERS.c.id == id).values(values))
            if duties is not None:
                kept = [one for one in before.duties if one.source != duties[0]]
                _set_duties(connection, id, (*kept, *duties[1]))
            if active is False or password is not None:
                ended = delete(SESSIONS).where(SESSIONS.c.user_id == id, SESSIONS.c.digest != keep_session)
                connection.execute(ended if active is not False else delete(SESSIONS).where(SESSIONS.c.user_id == id))
            if active is False:
                connection.execute(delete(TOKENS).where(TOKENS.c.user_id == id))
            _check_somebody(connection, always)
        return before

    def remove(self, id: str, entry: Entry, always: str | None = None) -> None:
        """Removes a user with all that is his. NotFoundError, UsageError as `change`."""
        with self._audit.recording(entry) as connection:
            _one(connection, id)
            for table in (SESSIONS, TOKENS, USER_DUTIES):
                connection.execute(delete(table).where(table.c.user_id == id))
            connection.execute(delete(USERS).where(USERS.c.id == id))
            _check_somebody(connection, always)


def duties_of(connection: Connection, ids: Collection[str]) -> dict[str, tuple[Duties, ...]]:
    """The duties of some users, by id."""
    found: dict[str, list[Duties]] = {}
    query = select(USER_DUTIES)
    if len(ids) < 100:
        query = query.where(USER_DUTIES.c.user_id.in_(sorted(ids)))
    for row in connection.execute(query.order_by(*USER_DUTIES.primary_key.columns)).mappings():
        found.setdefault(row["user_id"], []).append(Duties(row["source"], row["duty"], row["place"]))
    return {id: tuple(each) for id, each in found.items() if id in ids}


def active_user(connection: Connection, id: str) -> User | None:
    """A user with his duties; None where he is not there or no longer active."""
    row = connection.execute(select(USERS).where(USERS.c.id == id, USERS.c.active == 1)).mappings().first()
    return None if row is None else _with_duties(connection, [_user(dict(row))])[0]


def _with_duties(connection: Connection, users: list[User]) -> tuple[User, ...]:
    held = duties_of(connection, {one.id for one in users})
    return tuple(replace(one, duties=held.get(one.id, ())) for one in users)


def _one(connection: Connection, id: str) -> User:
    row = connection.execute(select(USERS).where(USERS.c.id == id)).mappings().first()
    if row is None:
        raise NotFoundError(f"user {id}: not found")
    return _with_duties(connection, [_user(dict(row))])[0]


def _holders(connection: Connection, duty: str) -> list[str]:
    """Ids of the active users who have a duty over everything."""
    query = (
        select(USERS.c.id)
        .join(USER_DUTIES, USER_DUTIES.c.user_id == USERS.c.id)
        .where(USERS.c.active == 1, USER_DUTIES.c.duty == duty, USER_DUTIES.c.place == "*")
    )
    return [str(one) for one in connection.scalars(query)]


def _check_somebody(connection: Connection, duty: str | None) -> None:
    if duty is not None and not _holders(connection, duty):
        raise UsageError(f"nobody would be {duty} of everything any more; give somebody else that duty first")


def _set_duties(connection: Connection, id: str, duties: Iterable[Duties]) -> None:
    connection.execute(delete(USER_DUTIES).where(USER_DUTIES.c.user_id == id))
    rows = [{"user_id": id, "source": one.source, "duty": one.duty, "place": one.place} for one in distinct(duties)]
    if rows:
        connection.execute(USER_DUTIES.insert(), rows)


def distinct(duties: Iterable[Duties]) -> list[Duties]:
    """Each once, in order."""
    return sorted(set(duties), key=lambda one: (one.source, one.duty, one.place))


def _row(user: User) -> dict[str, Any]:
    return {
        "id": user.id, "origin": user.origin, "subject": user.subject, "name": user.name, "password": user.password,
        "active": int(user.active), "created": to_text(user.created),
    }  # fmt: skip


def _user(row: dict[str, Any]) -> User:
    return User(
        row["id"], row["origin"], row["subject"], row["name"], row["password"], bool(row["active"]),
        from_text(row["created"]),
    )  # fmt: skip
