"""The estate at a glance."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Request
from starlette.responses import Response

from leastwise.app.answers import overview as answers
from leastwise.app.duties import Caller, Right
from leastwise.app.listing import heatmap as heatmap_of
from leastwise.app.posture import Narrow

from ..answered import overview as answered
from ..asked import GivenAsked, GivenPage
from ..routing import subject
from ..security.rights import needs
from ..sending import DOWNLOADS, listed, sent
from .findings import found_by, in_sight

router = subject("estate")
See = Annotated[Caller, needs(Right.SEE)]


@router.get("/overview", response_model=answered.Overview)
def overview(request: Request, caller: See, asked: GivenAsked) -> Response:
    """What there is, what is wrong with it, and what is not known."""
    seeing = asked.seen(caller.sight)
    found, outside = in_sight(seeing, found_by(asked, Narrow()))
    return sent(request, caller, asked, answers.overview(asked.listing, seeing, found, outside))


@router.get("/accounts", response_model=answered.Accounts, responses=DOWNLOADS)
def accounts(request: Request, caller: See, asked: GivenAsked, page: GivenPage) -> Response:
    """The scopes of the estate, how much is in each and what is wrong with it."""
    seeing = asked.seen(caller.sight)
    found, _ = in_sight(seeing, found_by(asked, Narrow()))
    body = answers.accounts(asked.listing, seeing, found)
    return listed(request, caller, asked, body, page, tuple(answered.AccountRow.model_fields))


@router.get("/heatmap/services", response_model=answered.ServiceHeatmap)
def services(
    request: Request,
    caller: See,
    asked: GivenAsked,
    by: Annotated[Literal["account", "provider"], Query(description="What the rows of the map are.")] = "account",
) -> Response:
    """How many resources lie in each service, and how many of them anyone may use."""
    seeing = asked.seen(caller.sight)
    places = ("provider",) if by == "provider" else ("provider", "account")
    return sent(request, caller, asked, heatmap_of(asked.listing, seeing.accounts, places))


@router.get("/heatmap", response_model=answered.Heatmap)
def heatmap(request: Request, caller: See, asked: GivenAsked) -> Response:
    """How many findings each account has, by rule and severity."""
    seeing = asked.seen(caller.sight)
    found, outside = in_sight(seeing, found_by(asked, Narrow()))
    return sent(request, caller, asked, answers.heatmap(seeing, found, outside))
