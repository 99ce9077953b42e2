"""API tokens: made by their owner, narrower than he is, and over after a while."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from leastwise.errors import RefusedError, UsageError
from leastwise.store.sessions import Token, Tokens, digest
from leastwise.store.users import LOCAL, Users

from .accounts import held, named
from .duties import ALL, Caller, Right, Sight
from .record import By, entry
from .wiring import Workspace

PREFIX = "lw_"
"""What every secret begins with, so that it is recognised where it should not be."""
LONGEST_DAYS = 366


def make(
    workspace: Workspace, by: By, owner: Caller, name: str, rights: Collection[str], places: Collection[str], days: int
) -> dict[str, Any]:
    """Makes a token, and returns it with its secret, which is told this once.

    Raises:
        UsageError: rights or places that are none or that the owner does not have, or more days than may be.
        RefusedError: the caller has no account, or came with a token himself.
    """
    if owner.via == "token" or not owner.user:
        raise RefusedError("tokens are made by those who signed in themselves")
    if not 1 <= days <= LONGEST_DAYS:
        raise UsageError(f"days: a token lasts 1 to {LONGEST_DAYS} days")
    scope = Sight.of(places)
    wanted = frozenset(rights)
    if not wanted or not scope.places:
        raise UsageError("rights, places: a token without any is of no use")
    having = set(owner.rights) - {Right.ANYONE}
    if beyond := sorted(wanted - having):
        raise UsageError(f"rights: {owner.name} does not have {', '.join(beyond)}; has {', '.join(sorted(having))}")
    secret = PREFIX + secrets.token_urlsafe(32)
    now = workspace.now()
    token = Token(
        secrets.token_hex(8), owner.user, secret[: len(PREFIX) + 6], named(name), wanted, scope.places,
        now, now + timedelta(days=days),
    )  # fmt: skip
    detail = {"id": token.id, "rights": sorted(wanted), "places": sorted(scope.places), "days": days}
    Tokens(workspace.engine).add(token, digest(secret), entry(workspace, by, "token made", owner.name, detail=detail))
    return told(token) | {"secret": secret}


def rows(workspace: Workspace, user: str) -> list[dict[str, Any]]:
    """The tokens of a user, oldest first, without their secrets."""
    return [told(one) for one in Tokens(workspace.engine).of(user)]


def revoke(workspace: Workspace, by: By, user: str, id: str) -> None:
    """Ends a token of a user, at once. NotFoundError."""
    Tokens(workspace.engine).revoke(user, id, entry(workspace, by, "token revoked", id, detail={"user": user}))


def told(token: Token) -> dict[str, Any]:
    """A token without its secret."""
    return {
        "id": token.id,
        "name": token.name,
        "prefix": token.prefix,
        "rights": sorted(token.rights),
        "places": sorted(token.places),
        "created": token.created.isoformat(),
        "expires": token.expires.isoformat(),
        "used": token.used.isoformat() if token.used else None,
    }


def owner_of(workspace: Workspace, id: str) -> Caller:
    """A user, by id or by the name that he signs in with, as who makes a token for him. NotFoundError."""
    users = Users(workspace.engine)
    user = users.find(LOCAL, id.strip().casefold()) or users.get(id)
    return Caller(user.name, held(user), "cli", user.id, ALL)
