"""Signing in and out: passwords, issuers that vouch for people, sessions, and who a session's caller is."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from leastwise.errors import RefusedError, SignInError
from leastwise.store.sessions import Session, Sessions, Tokens, digest
from leastwise.store.users import CLAIM, LOCAL, Duties, User, Users

from .accounts import Given, add, duties, held, named
from .attempts import ACCOUNT, ADDRESS, SETUP, exhausted, give_back, let_in
from .duties import Caller, Duty, Right, Sight
from .passwords import fits
from .record import By, entry, note
from .wiring import Workspace

IDLE = timedelta(hours=1)
"""After so long without a request a session is over."""
LONGEST = timedelta(hours=12)
"""After so long it is over in any case."""
_NOTED = timedelta(minutes=1)
_WRONG = "the name or the password is not right"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has begun: its secret leaves in a cookie and is kept nowhere."""

    secret: str
    user: User


def with_password(workspace: Workspace, by: By, name: str, password: str) -> SignedIn:
    """Signs somebody in by his password.

    Raises:
        SignInError: the name or the password is not right, or he is no longer active; which of these is only on record.
        ThrottledError: there were too many failures of this name, or from this address.
    """
    subject = name.strip().casefold()
    asked = [(ACCOUNT, subject), (ADDRESS, by.address)]
    let_in(workspace, asked)
    user = Users(workspace.engine).find(LOCAL, subject)
    right = fits(user.password if user else "", password)
    if user is None or not right or not user.active:
        cause = "unknown name" if user is None else "wrong password" if not right else "not active"
        detail = {"cause": cause} | ({"throttled": True} if exhausted(workspace, asked) else {})
        note(workspace, by, "sign in", name, "refused", detail)
        raise SignInError(_WRONG)
    give_back(workspace, asked)
    return _begin(workspace, by, user, {"by": "password"})


def set_up(workspace: Workspace, by: By, expected: str | None, given: str, name: str, password: str) -> SignedIn:
    """Makes the first admin by the one-time token that the server printed, and signs him in.

    Raises:
        SignInError: it is not that token, or there is none (any more).
        ThrottledError: too many were tried.
        UsageError: a name or password that is none, or there is an admin already.
    """
    asked = [(SETUP, by.address)]
    let_in(workspace, asked)
    if expected is None or not hmac.compare_digest(digest(expected), digest(given)):
        note(workspace, by, "set up", named(name), "refused")
        raise SignInError("this is not the token that the server printed")
    give_back(workspace, asked)
    user = add(workspace, by, name, password, {Duty.ADMIN: ["*"]}, only_first=True)
    return _begin(workspace, by, user, {"by": "setup"})


def vouched_for(workspace: Workspace, by: By, issuer: str, subject: str, name: str, given: Given) -> SignedIn:
    """Signs somebody in for whom an issuer vouches; what its claims give him is renewed.

    Raises:
        RefusedError: he is not active, or has no duty.
    """
    users = Users(workspace.engine)
    claimed = duties(given, CLAIM)
    user = users.find(issuer, subject)
    by = By(name, by.via, by.address, by.request)
    if user is not None and not user.active:
        note(workspace, by, "sign in", name, "refused", {"cause": "not active", "issuer": issuer})
        raise RefusedError("this account is not active")
    if not claimed and (user is None or not any(one.source != CLAIM for one in user.duties)):
        if user is not None and user.duties:
            users.change(user.id, entry(workspace, by, "duties claimed", name), duties=(CLAIM, ()))
        note(workspace, by, "sign in", name, "refused", {"cause": "no duty", "issuer": issuer})
        raise RefusedError("nobody gave this account a duty; an administrator can")
    called = named(name)
    if user is None:
        user = User(secrets.token_hex(8), issuer, subject, called, "", True, workspace.now(), claimed)
        users.add(user, entry(workspace, by, "user added", called, detail=_claims(user.id, issuer, claimed)))
    elif user.name != called or {one for one in user.duties if one.source == CLAIM} != set(claimed):
        record = entry(workspace, by, "duties claimed", called, detail=_claims(user.id, issuer, claimed))
        users.change(user.id, record, name=called, duties=(CLAIM, claimed))
        user = users.get(user.id)
    return _begin(workspace, by, user, {"by": issuer})


def sign_out(workspace: Workspace, by: By, caller: Caller) -> None:
    """Ends the session of a caller."""
    Sessions(workspace.engine).end(caller.credential, entry(workspace, by, "sign out", caller.name))


def by_session(workspace: Workspace, secret: str) -> Caller | None:
    """Whose session it is; None where it is none or over."""
    sessions, now = Sessions(workspace.engine), workspace.now()
    found = sessions.find(digest(secret))
    if found is None:
        return None
    session, user = found
    if now >= session.expires or now - session.seen >= IDLE:
        sessions.end(session.digest)
        return None
    if now - session.seen >= _NOTED:
        sessions.see(session.digest, now)
    return Caller(user.name, held(user), "session", user.id, credential=session.digest)


def by_token(workspace: Workspace, secret: str) -> Caller | None:
    """Whose API token it is; None where it is none or over."""
    tokens, now = Tokens(workspace.engine), workspace.now()
    found = tokens.find(digest(secret))
    if found is None or now >= found[0].expires:
        return None
    token, user = found
    if token.used is None or now - token.used >= _NOTED:
        tokens.use(token.id, now)
    scope = frozenset(Right(one) for one in token.rights if one in set(Right))
    return Caller(user.name, held(user), "token", user.id, Sight(), scope, Sight(token.places), token.id)


def csrf_of(secret: str) -> str:
    """What a page sends in a header to show that it is ours: it cannot be known without the session's secret."""
    return hmac.new(secret.encode("utf-8", "replace"), b"leastwise csrf", "sha256").hexdigest()


def _begin(workspace: Workspace, by: By, user: User, detail: dict[str, str]) -> SignedIn:
    secret, now = secrets.token_urlsafe(32), workspace.now()
    session = Session(digest(secret), user.id, now, now, now + LONGEST)
    by = By(user.name, "session", by.address, by.request)
    Sessions(workspace.engine).begin(session, entry(workspace, by, "sign in", user.name, detail=detail))
    return SignedIn(secret, user)


def _claims(id: str, issuer: str, claimed: Sequence[Duties]) -> dict[str, object]:
    return {"id": id, "issuer": issuer, "duties": [f"{one.duty} of {one.place}" for one in claimed]}
