"""Users, and the tokens of others."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from leastwise.app import accounts, tokens
from leastwise.app.duties import Caller, Duty, Right

from ..given import GivenWorkspace
from ..routing import subject
from ..security.rights import by, needs
from .tokens import TokenList

router = subject("users")
_EXAMPLE: dict[str, JsonValue] = {"viewer": ["*"], "analyst": ["aws:111111111111"]}
Administrator = Annotated[Caller, needs(Right.USERS)]
Places = Annotated[list[Annotated[str, Field(max_length=310)]], Field(max_length=1000)]
GivenDuties = Annotated[dict[Duty, Places], Field(description="Duties, and the places of each; `*` is everything.")]


class DutyRow(BaseModel):
    """A duty over a place."""

    duty: str
    place: str
    source: str = Field(description="`given` here, or by a `claim` of the issuer.")


class UserRow(BaseModel):
    """Somebody who may sign in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "4f1c9a0e5d6b7a88", "name": "ann", "origin": "local", "active": True,
                    "created": "2026-11-01T08:00:00+00:00",
                    "duties": [{"duty": "viewer", "place": "*", "source": "given"}],
                }
            ]
        }
    )  # fmt: skip

    id: str
    name: str
    origin: str = Field(description="`local`, or the issuer that vouches for him.")
    active: bool
    created: str
    duties: list[DutyRow]


class UserList(BaseModel):
    """Every user, by name."""

    items: list[UserRow]
    next: None = None


class NewUser(BaseModel):
    """Somebody who signs in with a password."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "bob", "password": "correct horse battery", "duties": _EXAMPLE}]},
    )

    name: str = Field(max_length=200)
    password: str = Field(max_length=1024)
    duties: GivenDuties


class UserChange(BaseModel):
    """What is to change; the rest stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"active": True, "duties": _EXAMPLE}]})

    active: bool | None = None
    password: str | None = Field(None, max_length=1024)
    duties: GivenDuties | None = None


@router.get("/users")
def users(workspace: GivenWorkspace, caller: Administrator) -> UserList:
    """Every user, by name."""
    return UserList.model_validate({"items": accounts.rows(workspace)})


@router.post("/users", status_code=201)
def add(body: NewUser, request: Request, workspace: GivenWorkspace, caller: Administrator) -> UserRow:
    """Adds a user who signs in with a password."""
    made = accounts.add(workspace, by(request, caller), body.name, body.password, body.duties)
    return UserRow.model_validate(accounts.told(made))


@router.get("/users/{user:id}")
def user(user: str, workspace: GivenWorkspace, caller: Administrator) -> UserRow:
    """One user."""
    return UserRow.model_validate(accounts.show(workspace, user))


@router.put("/users/{user:id}")
def change(user: str, body: UserChange, request: Request, workspace: GivenWorkspace, caller: Administrator) -> UserRow:
    """Changes a user: who is no longer active loses sessions and tokens at once."""
    done = accounts.change(
        workspace, by(request, caller), user, active=body.active, given=body.duties, password=body.password
    )
    return UserRow.model_validate(done)


@router.delete("/users/{user:id}", status_code=204)
def remove(user: str, request: Request, workspace: GivenWorkspace, caller: Administrator) -> None:
    """Removes a user, his sessions and tokens."""
    accounts.remove(workspace, by(request, caller), user)


@router.get("/users/{user:id}/tokens")
def tokens_of(user: str, workspace: GivenWorkspace, caller: Annotated[Caller, needs(Right.TOKENS)]) -> TokenList:
    """The tokens of a user."""
    accounts.show(workspace, user)
    return TokenList.model_validate({"items": tokens.rows(workspace, user)})


@router.delete("/users/{user:id}/tokens/{token:id}", status_code=204)
def revoke(
    user: str,
    token: str,
    request: Request,
    workspace: GivenWorkspace,
    caller: Annotated[Caller, needs(Right.TOKENS)],
) -> None:
    """Ends a token of a user, at once."""
    tokens.revoke(workspace, by(request, caller), user, token)
