"""Saved plans."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import Response

from leastwise.app.answers import plans as answers
from leastwise.app.duties import Caller, Right
from leastwise.app.plans import Narrow, one_of
from leastwise.errors import NotFoundError

from ..answered import lists as answered
from ..asked import EstateAsked, GivenAsked, GivenPage
from ..routing import subject
from ..security.rights import needs
from ..sending import DOWNLOADS, listed, sent

router = subject("plans")
See = Annotated[Caller, needs(Right.SEE)]


@router.get("/plans", response_model=answered.Plans, responses=DOWNLOADS)
def plans(
    request: Request, caller: See, asked: GivenAsked, page: GivenPage,
    owner: Annotated[str | None, Query(description="Only of this owner; * and ?.")] = None,
    account: Annotated[str | None, Query(description="Only of this account.")] = None,
    ready: Annotated[bool | None, Query(description="Only those that can, or cannot, be made as they are.")] = None,
) -> Response:  # fmt: skip
    """Saved plans, those that take away most first, as `leastwise plans list`."""
    body = answers.plans(asked.workspace, Narrow(owner, account, ready))
    items, outside = asked.seen(caller.sight).split(body["items"])
    told = {**body, "items": items} | ({} if caller.sight.everything else {"outside": outside})
    return listed(request, caller, asked, told, page, tuple(answered.PlanRow.model_fields))


def _plan(asked: EstateAsked, caller: Caller, id: str) -> dict[str, Any]:
    found = one_of(asked.workspace, id)
    if not asked.seen(caller.sight).sees(found.get("provider"), found.get("account")):
        raise NotFoundError(f"plan {id}: not found, or out of sight")
    return found


@router.get("/plans/{id:id}", response_model=dict[str, Any])
def plan(request: Request, caller: See, asked: GivenAsked, id: str) -> Response:
    """A saved plan by its id or a unique beginning of it, as `leastwise plans show`; see docs/reference/plans.md."""
    return sent(request, caller, asked, _plan(asked, caller, id))


@router.get("/plans/{id:id}/verify", response_model=answered.Verified)
def verify(request: Request, caller: Annotated[Caller, needs(Right.ASK)], asked: GivenAsked, id: str) -> Response:
    """The claims of a plan, made again from what it holds alone, as `leastwise plans verify`."""
    found = _plan(asked, caller, id)
    body, _ = answers.verified_plan(asked.workspace, found)
    return sent(request, caller, asked, body)
