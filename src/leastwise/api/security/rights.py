"""The one check of rights: every endpoint declares the right that it needs, and is given its caller."""

from __future__ import annotations

import hmac
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant

from leastwise.app.duties import ALL, Caller, Held, Right
from leastwise.app.record import By, note
from leastwise.app.signing_in import by_session, by_token, csrf_of
from leastwise.errors import RefusedError, SignInError, ThrottledError

from ..given import server
from ..problems import request_id
from ..settings import is_loopback
from .cookies import session_cookie

NOBODY = Caller("", (), "")
"""Who has not signed in."""
CSRF_HEADER = "x-csrf-token"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Needs:
    """The dependency that refuses whoever does not have a right, and gives the caller with what he sees by it."""

    def __init__(self, right: Right, local: bool = False) -> None:
        self.right, self.local = right, local

    def __call__(self, request: Request) -> Caller:
        """The caller; NOBODY where anyone may. Raises SignInError, RefusedError."""
        if self.right is Right.ANYONE:
            _count(request, NOBODY)
            _check_origin(request, required=False)
            return NOBODY
        if self.local and _is_local(request):
            return NOBODY
        caller = identified(request)
        _count(request, caller)
        if caller is NOBODY:
            raise SignInError("nobody is signed in")
        if request.method not in _READS and caller.via != "token":
            _check_ours(request, caller)
        sight = caller.sight_for(self.right)
        if sight is None:
            route = getattr(request.scope.get("route"), "path_format", "")
            detail = {"right": str(self.right), "method": request.method}
            note(server(request).workspace, by(request, caller), "refused", route, "refused", detail)
            raise RefusedError(f"this needs the right {self.right}, which {caller.name} does not have")
        return replace(caller, sight=sight)


def needs(right: Right, local: bool = False) -> Any:
    """What an endpoint declares its right with: `caller: Annotated[Caller, …]`; `local` frees this machine of it."""
    return Depends(Needs(right, local))


def declared(dependant: Dependant) -> Iterator[Right]:
    """The rights that an endpoint declares."""
    for one in dependant.dependencies:
        if isinstance(one.call, Needs):
            yield one.call.right
        yield from declared(one)


def identified(request: Request) -> Caller:
    """Who asks; NOBODY where no token and no session says so. SignInError for a token that is none."""
    held = server(request)
    caller = NOBODY
    given = request.headers.getlist("authorization")
    if given:
        scheme, _, secret = given[0].partition(" ")
        found = by_token(held.workspace, secret.strip()) if len(given) == 1 and scheme.lower() == "bearer" else None
        if found is None:
            raise SignInError("the token is none, or none any more")
        caller = found
    elif held.settings.open_to is not None:
        caller = Caller("local", tuple(Held(duty, ALL) for duty in sorted(held.settings.open_to)), "local")
    elif secret := session_secret(request):
        caller = by_session(held.workspace, secret) or NOBODY
    request.scope["leastwise.caller"] = caller.name
    return caller


def session_secret(request: Request) -> str:
    """The secret of the session that a browser sent; empty where it has none."""
    return request.cookies.get(session_cookie(server(request).settings), "")


def by(request: Request, caller: Caller = NOBODY) -> By:
    """Who acts, for the record."""
    address = request.client.host if request.client else ""
    return By(caller.name, caller.via, address, request_id(request))


def _count(request: Request, caller: Caller) -> None:
    """Counts the request to its caller, or to its address. ThrottledError where there were too many."""
    key = f"user {caller.user}" if caller.user else f"address {by(request).address}"
    if seconds := server(request).rates.take(key):
        raise ThrottledError("too many requests; try again later", math.ceil(seconds))


def _is_local(request: Request) -> bool:
    """Whether it comes from this machine. A proxy here brings everybody's requests, and says so."""
    local = request.client is not None and is_loopback(request.client.host)
    return local and not any(name in request.headers for name in _FORWARDED)


def _check_ours(request: Request, caller: Caller) -> None:
    """That a change comes from a page of ours: by the token that only this can read, and by its origin."""
    _check_origin(request, required=caller.via == "session")
    if caller.via != "session":
        return
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(), csrf_of(session_secret(request)).encode()):
        raise RefusedError(f"a change needs the session's token in the header {CSRF_HEADER}")


def _check_origin(request: Request, required: bool) -> None:
    if request.method in _READS:
        return
    given = request.headers.getlist("origin")
    if (required and not given) or any(one not in server(request).settings.origins for one in given):
        raise RefusedError("the Origin of the request is not a page of this server")
