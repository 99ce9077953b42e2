"""One's own API tokens."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from leastwise.app import tokens
from leastwise.app.duties import Caller, Right

from ..given import GivenWorkspace
from ..routing import subject
from ..security.rights import by, needs

router = subject("tokens")
Owner = Annotated[Caller, needs(Right.OWN)]
_EXAMPLE: dict[str, JsonValue] = {
    "id": "a81b", "name": "pipeline", "prefix": "lw_3kX9dQ", "rights": ["see"], "places": ["*"],
    "created": "2026-11-01T08:00:00+00:00", "expires": "2027-01-30T08:00:00+00:00", "used": None,
}  # fmt: skip


class TokenRow(BaseModel):
    """An API token, without its secret."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: str
    name: str
    prefix: str = Field(description="How its secret begins.")
    rights: list[str]
    places: list[str] = Field(description="What it may see at most; `*` is all that its owner sees.")
    created: str
    expires: str
    used: str | None = Field(description="When it was last used, to the minute.")


class TokenList(BaseModel):
    """Tokens, oldest first."""

    items: list[TokenRow]
    next: None = None


class NewToken(BaseModel):
    """What a token is to be."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "pipeline", "rights": ["see", "ask"], "places": ["*"], "days": 90}]},
    )

    name: str = Field(max_length=200)
    rights: list[Right] = Field(min_length=1, max_length=50)
    places: list[Annotated[str, Field(max_length=310)]] = Field(["*"], min_length=1, max_length=1000)
    days: int = Field(90, ge=1, le=tokens.LONGEST_DAYS)


class MadeToken(TokenRow):
    """A token with its secret, which is told this once."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE | {"secret": "lw_3kX9dQ…"}]})

    secret: str


@router.get("/tokens")
def own(workspace: GivenWorkspace, caller: Owner) -> TokenList:
    """One's own tokens."""
    return TokenList.model_validate({"items": tokens.rows(workspace, caller.user)})


@router.post("/tokens", status_code=201)
def make(body: NewToken, request: Request, workspace: GivenWorkspace, caller: Owner) -> MadeToken:
    """Makes a token: it may at most what its owner may at the time of use, narrowed to its rights and places."""
    made = tokens.make(workspace, by(request, caller), caller, body.name, body.rights, body.places, body.days)
    return MadeToken.model_validate(made)


@router.delete("/tokens/{token:id}", status_code=204)
def revoke(token: str, request: Request, workspace: GivenWorkspace, caller: Owner) -> None:
    """Ends a token of one's own, at once."""
    tokens.revoke(workspace, by(request, caller), caller.user, token)
