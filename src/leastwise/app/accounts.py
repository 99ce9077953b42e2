"""Users: who there is, and changes of them, each on record."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leastwise.errors import RefusedError, UsageError
from leastwise.store.users import GIVEN, LOCAL, Duties, User, Users

from .attempts import ACCOUNT, give_back, let_in
from .duties import Duty, Held, Sight
from .passwords import checked, fits, hashed
from .record import By, entry, note
from .wiring import Workspace

Given = Mapping[str, Sequence[str]] | Mapping[Duty, Sequence[str]]
"""Duties, and the places of each: `{"viewer": ["*"], "analyst": ["aws:111111111111"]}`."""
_LONGEST = 200


def rows(workspace: Workspace) -> list[dict[str, Any]]:
    """Every user, by name."""
    return [told(one) for one in Users(workspace.engine).all()]


def show(workspace: Workspace, id: str) -> dict[str, Any]:
    """One user. NotFoundError."""
    return told(Users(workspace.engine).get(id))


def told(user: User) -> dict[str, Any]:
    """A user without his password."""
    return {
        "id": user.id,
        "name": user.name,
        "origin": user.origin,
        "active": user.active,
        "created": user.created.isoformat(),
        "duties": [{"duty": one.duty, "place": one.place, "source": one.source} for one in user.duties],
    }


def held(user: User) -> tuple[Held, ...]:
    """His duties, each with what it sees; a duty that this version does not know gives nothing."""
    places: dict[Duty, set[str]] = {}
    for one in user.duties:
        if one.duty in set(Duty):
            places.setdefault(Duty(one.duty), set()).add(one.place)
    return tuple(Held(duty, Sight.of(each)) for duty, each in sorted(places.items()))


def duties(given: Given, source: str = GIVEN) -> tuple[Duties, ...]:
    """Duties as they are stored. UsageError for a duty or place that is none."""
    found = []
    for name, places in given.items():
        if name not in set(Duty):
            raise UsageError(f"duty {name!r}: unknown; the duties are {', '.join(Duty)}")
        if not places:
            raise UsageError(f"duty {name}: over nothing; name places, or * for everything")
        found += [Duties(source, name, place) for place in sorted(Sight.of(places).places)]
    return tuple(found)


def read_duties(texts: Iterable[str]) -> dict[str, list[str]]:
    """What `DUTY` and `DUTY@PLACE` say, as `add` and `change` take it. UsageError where one says nothing."""
    found: dict[str, list[str]] = {}
    for text in texts:
        duty, at, place = text.strip().partition("@")
        if not duty or (at and not place):
            raise UsageError(f"duty {text!r}: is none of DUTY, DUTY@PLACE")
        found.setdefault(duty, []).append(place or "*")
    return found


def named(name: str) -> str:
    """A name to sign in with, as it is kept. UsageError where it is none."""
    found = name.strip()
    if not found or len(found) > _LONGEST or not found.isprintable():
        raise UsageError(f"name: takes one line of up to {_LONGEST} characters")
    return found


def add(workspace: Workspace, by: By, name: str, password: str, given: Given, only_first: bool = False) -> User:
    """Adds a user who signs in with a password. With `only_first` only while there is no admin.

    Raises:
        UsageError: a name, password or duty that is none, a name that is taken, or there is an admin already.
    """
    called = named(name)
    made = User(
        secrets.token_hex(8), LOCAL, called.casefold(), called, hashed(checked(called, password)), True,
        workspace.now(), duties(given),
    )  # fmt: skip
    record = entry(workspace, by, "user added", called, detail={"id": made.id, "duties": _briefly(made.duties)})
    Users(workspace.engine).add(made, record, Duty.ADMIN if only_first else None)
    return made


def change(
    workspace: Workspace,
    by: By,
    id: str,
    *,
    active: bool | None = None,
    given: Given | None = None,
    password: str | None = None,
) -> dict[str, Any]:
    """Changes what is given, and returns the user as he is then.

    Raises:
        NotFoundError: there is no such user.
        UsageError: a duty or password that is none, or nobody would be admin any more.
    """
    users = Users(workspace.engine)
    user = users.get(id)
    if password is not None and user.origin != LOCAL:
        raise UsageError(f"user {user.name}: signs in at {user.origin}, and has no password here")
    held = None if given is None else duties(given)
    changed = {"active": active, "password": password and "set", "duties": None if held is None else _briefly(held)}
    detail = {"id": id} | {name: value for name, value in changed.items() if value is not None}
    users.change(
        id,
        entry(workspace, by, "user changed", user.name, detail=detail),
        password=None if password is None else hashed(checked(user.name, password)),
        active=active,
        duties=None if held is None else (GIVEN, held),
        always=Duty.ADMIN if _was_admin(user) else None,
    )  # fmt: skip
    return told(users.get(id))


def change_password(workspace: Workspace, by: By, id: str, old: str, new: str, keep_session: str) -> None:
    """One's own password; every other session ends.

    Raises:
        RefusedError: the old one is not right.
        ThrottledError: too many were tried.
        UsageError: the new one is none, or there is no password here.
    """
    users = Users(workspace.engine)
    user = users.get(id)
    if user.origin != LOCAL:
        raise UsageError(f"user {user.name}: signs in at {user.origin}, and has no password here")
    asked = [(ACCOUNT, user.subject)]
    let_in(workspace, asked)
    if not fits(user.password, old):
        note(workspace, by, "password changed", user.name, "refused")
        raise RefusedError("the old password is not right")
    give_back(workspace, asked)
    done = hashed(checked(user.name, new))
    users.change(id, entry(workspace, by, "password changed", user.name), password=done, keep_session=keep_session)


def remove(workspace: Workspace, by: By, id: str) -> None:
    """Removes a user, his sessions and tokens. NotFoundError; UsageError where nobody would be admin any more."""
    users = Users(workspace.engine)
    user = users.get(id)
    record = entry(workspace, by, "user removed", user.name, detail={"id": id})
    users.remove(id, record, Duty.ADMIN if _was_admin(user) else None)


def has_admin(workspace: Workspace) -> bool:
    """Whether anybody administers the server."""
    return Users(workspace.engine).anybody(Duty.ADMIN)


def _was_admin(user: User) -> bool:
    return any(one.duty is Duty.ADMIN for one in held(user))


def _briefly(given: Iterable[Duties]) -> list[str]:
    return [f"{one.duty} of {one.place}" for one in given]
