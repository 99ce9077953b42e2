"""The estate."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import BaseModel, Field

from leastwise.app.answers.estate import scopes
from leastwise.app.duties import Caller, Right

from ..etags import fresh
from ..given import GivenEstate
from ..routing import subject
from ..security.rights import needs

router = subject("estate")


class ScopeRow(BaseModel):
    """A scope of the estate."""

    scope: str = Field(examples=["aws:111111111111"])
    kind: str = Field(examples=["account"])
    snapshot: str | None = Field(description="The snapshot in force; null where the scope was never readable.")
    time: str | None
    stale: bool = Field(description="Whether a later collection of it failed.")
    reason: str = Field(description="Why, where it is stale.")


class EstateScopes(BaseModel):
    """The scopes of the estate."""

    estate: dict[str, Any]
    items: list[ScopeRow]
    next: None
    coverage: dict[str, Any]
    outside: int = Field(0, description="How many scopes are out of the caller's sight.")


@router.get("/estate", response_model_exclude_unset=True)
def estate(
    request: Request, response: Response, caller: Annotated[Caller, needs(Right.SEE)], opened: GivenEstate
) -> EstateScopes:
    """The scopes in force, their snapshots, and what is stale or unreadable, as `leastwise estate show` has it."""
    fresh(request, response, caller, opened.key)
    return EstateScopes(**scopes(opened.estate, caller.sight))
