"""Snapshots, and whom outside the estate lets in."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from leastwise.app.answers import estate as answers
from leastwise.app.answers.external import external as ways_in
from leastwise.app.duties import Caller, Right
from leastwise.app.external import Wanted
from leastwise.model.decision import Circumstances

from ..answered import lists as answered
from ..asked import GivenAsked, GivenPage
from ..routing import subject
from ..security.rights import needs
from ..sending import DOWNLOADS, listed

router = subject("estate")
See = Annotated[Caller, needs(Right.SEE)]


@router.get("/snapshots", response_model=answered.Snapshots, responses=DOWNLOADS)
def snapshots(
    request: Request, caller: See, asked: GivenAsked, page: GivenPage,
    scope: Annotated[str | None, Query(description="PROVIDER:ID.", examples=["aws:111111111111"])] = None,
    deleted: Annotated[bool, Query(description="With deleted ones.")] = False,
) -> Response:  # fmt: skip
    """Snapshots, oldest first, as `leastwise snapshots list`."""
    body = answers.snapshots(asked.workspace, scope, deleted=deleted)
    mine = [one for one in body["items"] if caller.sight.sees(one["provider"], one["scope"])]
    told = {**body, "items": mine}
    if not caller.sight.everything:
        told["outside"] = len(body["items"]) - len(mine)
    return listed(request, caller, asked, told, page, tuple(answered.SnapshotRow.model_fields))


@router.get("/external", response_model=answered.External, responses=DOWNLOADS)
def external(
    request: Request, caller: Annotated[Caller, needs(Right.ASK)], asked: GivenAsked, page: GivenPage,
    account: Annotated[str | None, Query(description="Only resources of this account.")] = None,
    kind: Annotated[list[str] | None, Query(description="Only this kind of resource; may be repeated.")] = None,
    public: Annotated[bool, Query(description="Only what everybody, or any account, can reach.")] = False,
    services: Annotated[bool, Query(description="All services, also those that act for ourselves only.")] = False,
    trusted: Annotated[bool, Query(description="Also what an entry of estate.yaml trusts.")] = False,
    unknown: Annotated[bool, Query(description="Also resources of which it was not read whom they let in.")] = False,
    text: Annotated[str | None, Query(description="Only with this text in resource, outsider or subjects.")] = None,
    strict: Annotated[bool, Query(description="Keys that are not given are absent, instead of unknown.")] = False,
) -> Response:  # fmt: skip
    """Every resource and role that somebody outside the zone of trust can reach, as `leastwise external`."""
    wanted = Wanted(account, tuple(kind or ()), public, services, trusted, unknown, text)
    whole, seeing = asked.whole, asked.seen(caller.sight)
    body = ways_in(whole, wanted, Circumstances(strict=strict)).whole(whole)
    items, outside = seeing.split(body["items"])
    missing, unseen = seeing.split(body["missing"])
    told = seeing.envelope({**body, "items": items, "missing": missing}, outside + unseen)
    return listed(request, caller, asked, told, page, tuple(answered.ExternalRow.model_fields))
