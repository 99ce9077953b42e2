"""The one check of rights: every endpoint declares the right that it needs, and is given its caller."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant

from leastwise.app.duties import ALL, Caller, Held, Right
from leastwise.errors import RefusedError, SignInError

from ..given import server

NOBODY = Caller("", (), "")
"""Who has not signed in."""


class Needs:
    """The dependency that refuses whoever does not have a right, and gives the caller with what he sees by it."""

    def __init__(self, right: Right) -> None:
        self.right = right

    def __call__(self, request: Request) -> Caller:
        """The caller. Raises SignInError, RefusedError."""
        caller = identified(request)
        request.scope["leastwise.caller"] = caller.name
        if self.right is Right.ANYONE:
            return caller
        if caller is NOBODY:
            raise SignInError("nobody is signed in")
        sight = caller.sight_for(self.right)
        if sight is None:
            raise RefusedError(f"this needs the right {self.right}, which {caller.name} does not have")
        return replace(caller, sight=sight)


def needs(right: Right) -> Any:
    """What an endpoint declares its right with: `caller: Annotated[Caller, …]`."""
    return Depends(Needs(right))


def declared(dependant: Dependant) -> Iterator[Right]:
    """The rights that an endpoint declares."""
    for one in dependant.dependencies:
        if isinstance(one.call, Needs):
            yield one.call.right
        yield from declared(one)


def identified(request: Request) -> Caller:
    """Who asks; NOBODY where that is not known."""
    settings = server(request).settings
    if settings.open_to is not None:
        return Caller("local", tuple(Held(duty, ALL) for duty in sorted(settings.open_to)), "local")
    return NOBODY
