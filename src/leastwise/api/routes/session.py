"""Signing in and out."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from leastwise.app.accounts import has_admin
from leastwise.app.duties import Caller, Right
from leastwise.app.record import By, note
from leastwise.app.signing_in import SignedIn, csrf_of, set_up, sign_out, vouched_for, with_password
from leastwise.app.wiring import Workspace
from leastwise.errors import LeastwiseError, RefusedError

from ..given import GivenServer, GivenWorkspace, Server
from ..problems import ApiProblem
from ..routing import subject
from ..security.cookies import flow_cookie, forget, read_flow, session_cookie, set_flow, set_session
from ..security.oidc import IssuerGone, Oidc, OidcError
from ..security.rights import by, identified, needs, session_secret

router = subject("session")
Anyone = Annotated[Caller, needs(Right.ANYONE)]


class SessionState(BaseModel):
    """Whether somebody is signed in, and how one may."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"signed_in": True, "name": "ann@example.com", "csrf": "9f2c…", "set_up": False, "ways": ["password"]}
            ]
        }
    )

    signed_in: bool
    name: str = Field(description="Who; empty where nobody is signed in.")
    csrf: str | None = Field(description="What every change sends in the header `X-CSRF-Token`.")
    set_up: bool = Field(description="Whether the first admin is still to be made, by the token that `serve` printed.")
    ways: list[str] = Field(description="`password`, `oidc`; none where nobody signs in.")


class Password(BaseModel):
    """A name and a password."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "ann", "password": "correct horse battery"}]}
    )

    name: str = Field(max_length=200)
    password: str = Field(max_length=1024)


class SetUp(Password):
    """The first admin, and the token that makes one."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"token": "x2F…", "name": "ann", "password": "correct horse battery"}]},
    )

    token: str = Field(max_length=200)


class SignedOut(BaseModel):
    """Where to go to sign out at the issuer too."""

    sign_out: str | None


@router.get("/session")
def state(request: Request, held: GivenServer, caller: Anyone) -> SessionState:
    """Whether somebody is signed in, and how one may."""
    return _state(held, identified(request), session_secret(request))


@router.post("/session")
def sign_in(body: Password, request: Request, response: Response, held: GivenServer, caller: Anyone) -> SessionState:
    """Signs in by a password. After ten failures of a name, or fifty from an address, tries are let in one by one."""
    try:
        done = with_password(held.workspace, by(request), body.name, body.password)
    except LeastwiseError:
        held.metrics.sign_ins.labels("refused").inc()
        raise
    return _begun(request, response, held, done)


@router.post("/session/setup")
def setup(body: SetUp, request: Request, response: Response, held: GivenServer, caller: Anyone) -> SessionState:
    """Makes the first admin, by the token that `serve` printed, and signs him in."""
    expected = None if has_admin(held.workspace) else held.setup_token
    done = set_up(held.workspace, by(request), expected, body.token, body.name, body.password)
    return _begun(request, response, held, done)


@router.delete("/session")
def end(
    request: Request, response: Response, held: GivenServer, caller: Annotated[Caller, needs(Right.OWN)]
) -> SignedOut:
    """Signs out."""
    if caller.via != "session":
        raise RefusedError("only a session can be signed out of")
    sign_out(held.workspace, by(request, caller), caller)
    forget(response, held.settings, session_cookie(held.settings))
    return SignedOut(sign_out=held.oidc.sign_out_url(held.settings.public_url) if held.oidc else None)


@router.get("/session/oidc/start", status_code=303, response_class=RedirectResponse)
def start(held: GivenServer, caller: Anyone, next: str = "/") -> RedirectResponse:
    """Sends a browser to the issuer; it comes back to `next`, a path of the page."""
    try:
        url, flow = _issuer(held).start(next if _local(next) else "/")
    except (IssuerGone, OidcError) as error:
        raise ApiProblem(503, "the issuer cannot be asked; try again later") from error
    response = RedirectResponse(url, 303)
    set_flow(response, held.settings, flow)
    return response


@router.get("/session/oidc/callback", status_code=303, response_class=RedirectResponse)
def callback(request: Request, held: GivenServer, workspace: GivenWorkspace, caller: Anyone) -> RedirectResponse:
    """Where the issuer sends a browser back to: signs it in, or sends it to `/sign-in?problem=NAME`."""
    issuer = _issuer(held)
    came = By("", "oidc", by(request).address, by(request).request)
    flow = read_flow(request, held.settings)
    done: SignedIn | None = None
    place = "/sign-in?problem=sign-in"
    try:
        if flow is None:
            raise OidcError("the browser did not bring back what it left with")
        vouched = issuer.finish(flow, request.query_params)
        given = issuer.settings.given(vouched.groups)
        done = vouched_for(workspace, came, issuer.settings.issuer, vouched.subject, vouched.name, given)
        place = flow.next
    except OidcError as error:
        _refused(workspace, came, issuer, str(error))
    except RefusedError:
        place = "/sign-in?problem=refused"
    except IssuerGone as error:
        _refused(workspace, came, issuer, str(error))
        place = "/sign-in?problem=unavailable"
    held.metrics.sign_ins.labels("refused" if done is None else "done").inc()
    response = RedirectResponse(place, 303)
    forget(response, held.settings, flow_cookie(held.settings))
    if done is not None:
        set_session(response, held.settings, done.secret)
    return response


def _refused(workspace: Workspace, came: By, issuer: Oidc, cause: str) -> None:
    note(workspace, came, "sign in", "", "refused", {"cause": cause, "issuer": issuer.settings.issuer})


def _begun(request: Request, response: Response, held: Server, done: SignedIn) -> SessionState:
    held.metrics.sign_ins.labels("done").inc()
    request.scope["leastwise.caller"] = done.user.name
    set_session(response, held.settings, done.secret)
    return _state(held, Caller(done.user.name, (), "session"), done.secret)


def _state(held: Server, caller: Caller, secret: str) -> SessionState:
    opened = held.settings.open_to is not None
    return SessionState(
        signed_in=bool(caller.name),
        name=caller.name,
        csrf=csrf_of(secret) if caller.via == "session" else None,
        set_up=held.setup_token is not None and not has_admin(held.workspace),
        ways=[] if opened else ["password", *(["oidc"] if held.oidc else [])],
    )


def _issuer(held: Server) -> Oidc:
    if held.oidc is None:
        raise ApiProblem(404, "no issuer is set; see LEASTWISE_OIDC_ISSUER")
    return held.oidc


def _local(path: str) -> bool:
    """Whether a browser that is sent there stays with us."""
    parts = urlsplit(path)
    plain = path.isprintable() and "\\" not in path and len(path) <= 2000
    return plain and path.startswith("/") and not path.startswith("//") and not parts.scheme and not parts.netloc
