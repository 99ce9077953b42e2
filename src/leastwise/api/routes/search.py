"""Search."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from leastwise.app.answers.search import search as searching
from leastwise.app.duties import Caller, Right

from ..asked import GivenAsked
from ..routing import subject
from ..security.rights import needs
from ..sending import sent

router = subject("search")


class Hit(BaseModel):
    """A thing that a text names."""

    kind: str = Field(description="identity, resource, credential, account or address.")
    id: str
    name: str
    provider: str
    account: str
    what: str = Field(description="Its kind, as lists have it.")
    link: str = Field(description="The page's address of it.")


class Found(BaseModel):
    """What a text names."""

    text: str
    items: list[Hit]
    exact: bool = Field(description="Whether the first is named exactly: a page may go there at once.")
    more: bool


@router.get("/search", response_model=Found)
def search(
    request: Request, caller: Annotated[Caller, needs(Right.SEE)], asked: GivenAsked,
    q: Annotated[str, Query(min_length=1, max_length=2000, description="An id, ARN, key id, mail or IP address, name.",
                            examples=["scanner-upload"])],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> Response:  # fmt: skip
    """What a text names, and where it stands."""
    return sent(request, caller, asked, searching(asked.listing, asked.seen(caller.sight), q, limit))
