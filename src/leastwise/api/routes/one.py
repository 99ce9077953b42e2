"""One identity, one resource."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field
from starlette.responses import Response

from leastwise.app.answers import access, record
from leastwise.app.answers import gap as gaps
from leastwise.app.answers.identity import by_service, findings_of, identity, row_of
from leastwise.app.answers.rightsizing import rightsized
from leastwise.app.duties import Caller, Right
from leastwise.app.posture import Narrow
from leastwise.app.rightsizing import Wish
from leastwise.model.decision import Circumstances

from ..answered import access as answered_access
from ..answered import findings as answered_findings
from ..answered import graph as answered_graph
from ..answered import lists as answered_lists
from ..answered import use as answered_use
from ..answered.base import Answered, Whole
from ..asked import GivenAsked, GivenPage
from ..routing import subject
from ..security.rights import needs
from ..sending import DOWNLOADS, listed, sent
from .findings import found_by, in_sight
from .use import Days

router = subject("one")
See = Annotated[Caller, needs(Right.SEE)]
Ask = Annotated[Caller, needs(Right.ASK)]


class Credentials(Answered):
    """Credentials of an identity."""

    items: list[answered_lists.CredentialRow]
    total: int


class Grants(Answered):
    """Grants of an identity."""

    items: list[answered_lists.GrantRow]
    total: int


class Trusts(Answered):
    """Who may become an identity."""

    items: list[answered_lists.TrustRow]
    total: int


class OfService(Answered):
    """What of a service an identity can, did, never did, and what no log would show."""

    provider: str
    service: str
    can: int
    did: int
    implied: int
    never_did: int
    cannot_know: int
    last_used: str | None


class Identity(Whole):
    """An identity, and what its page needs."""

    identity: answered_lists.IdentityRow
    credentials: Credentials
    grants: Grants
    trusts: Trusts
    persons: list[dict[str, Any]]
    findings: list[answered_findings.FindingRow]
    creep: answered_use.Creep | None
    counts: dict[str, int] | None = Field(description="Granted, used, implied, unused, unobservable; null: not known.")
    services: list[OfService]
    use_missing: str = Field(description="Why nothing is told of use; empty where it is.")


class Resource(Whole):
    """A resource."""

    resource: answered_lists.ResourceRow


@router.get("/identities/{id:id}", response_model=Identity)
def one_identity(request: Request, caller: See, asked: GivenAsked, id: str, window: Days = None) -> Response:
    """An identity with its credentials, grants, trusts, persons, findings, creep index, and what it can, did, never
    did and what cannot be known, by service.
    """
    seeing = asked.seen(caller.sight)
    body = identity(asked.listing, seeing, id)
    found, _ = in_sight(seeing, found_by(asked, Narrow()))
    body |= {"findings": findings_of(found, id)}
    return sent(request, caller, asked, body | gaps.of_page(lambda: asked.gaps(window), id, by_service))


@router.get("/identities/{id:id}/effective", response_model=answered_access.WhatCan)
def effective(request: Request, caller: Ask, asked: GivenAsked, id: str) -> Response:
    """Everything that an identity can do, as `leastwise what-can`."""
    seeing = asked.seen(caller.sight)
    row_of(asked.listing, seeing, "identities", id)
    asking = asked.knowing(id)
    body = access.what_can(asked.workspace, asking, id, None, Circumstances()).whole(asking)
    return sent(request, caller, asked, seeing.envelope(body | {"total": len(body["items"])}))


@router.get("/identities/{id:id}/gap", response_model=answered_use.GapOf)
def gap(request: Request, caller: Ask, asked: GivenAsked, id: str, window: Days = None) -> Response:
    """What is granted to an identity, and used of it, as `leastwise gap P`."""
    seeing = asked.seen(caller.sight)
    row_of(asked.listing, seeing, "identities", id)
    mine = asked.gaps(window).about(id)
    told = gaps.of_each(mine, lambda one: gaps.one(one, id, Circumstances()))
    body = mine.answer(told.body)
    return sent(request, caller, asked, seeing.envelope(body | {"total": len(body["items"])}))


@router.get("/identities/{id:id}/usage", response_model=answered_use.Usage, responses=DOWNLOADS)
def usage(request: Request, caller: Ask, asked: GivenAsked, page: GivenPage, id: str, window: Days = None) -> Response:
    """What an identity did, as `leastwise usage`."""
    seeing = asked.seen(caller.sight)
    row_of(asked.listing, seeing, "identities", id)
    mine = asked.gaps(window).about(id)
    body = mine.answer(gaps.of_each(mine, lambda one: gaps.used(one, id)).body)
    return listed(request, caller, asked, seeing.envelope(body), page, tuple(answered_use.UsageRow.model_fields))


@router.get("/identities/{id:id}/paths", response_model=answered_graph.Paths)
def paths(
    request: Request, caller: Ask, asked: GivenAsked, page: GivenPage, id: str,
    to: Annotated[str, Query(description="As `to` of paths.")] = "admin",
    shortest: Annotated[int, Query(ge=1, le=100)] = 1,
) -> Response:  # fmt: skip
    """The paths of an identity, as `leastwise paths --from`."""
    from .graph import Drawing
    from .graph import paths as all_paths

    row_of(asked.listing, asked.seen(caller.sight), "identities", id)
    return all_paths(request, caller, asked, page, id, to, None, shortest, 1000, False, False, Drawing.LIST)


@router.get("/identities/{id:id}/history", response_model=answered_use.History, responses=DOWNLOADS)
def history(request: Request, caller: See, asked: GivenAsked, page: GivenPage, id: str) -> Response:
    """What was changed about an identity, oldest first, as `leastwise history`."""
    seeing = asked.seen(caller.sight)
    row_of(asked.listing, seeing, "identities", id)
    body = record.history(asked.estate, id)
    body["items"], outside = seeing.split(body["items"])
    return listed(request, caller, asked, seeing.envelope(body, outside), page, tuple(
        answered_use.ChangeRow.model_fields))  # fmt: skip


@router.get("/identities/{id:id}/recommendation", response_model=answered_use.Recommendation)
def recommendation(request: Request, caller: Ask, asked: GivenAsked, id: str, window: Days = None) -> Response:
    """The smallest grant that keeps what an identity uses, with proof and replay, as `leastwise rightsize`."""
    seeing = asked.seen(caller.sight)
    row_of(asked.listing, seeing, "identities", id)
    told = rightsized(asked.workspace, asked.whole.every, [id], window, Wish())
    return sent(request, caller, asked, seeing.envelope(told.body))


@router.get("/resources/{id:id}", response_model=Resource)
def one_resource(request: Request, caller: See, asked: GivenAsked, id: str) -> Response:
    """A resource."""
    seeing, estate = asked.seen(caller.sight), asked.estate
    row = row_of(asked.listing, seeing, "resources", id)
    body = {"estate": estate.header(), "resource": row, "coverage": estate.coverage()}
    return sent(request, caller, asked, seeing.envelope(body))


@router.get("/resources/{id:id}/who-can", response_model=answered_access.WhoCan)
def who_can(
    request: Request, caller: Ask, asked: GivenAsked, page: GivenPage, id: str,
    action: Annotated[str, Query(min_length=1, max_length=500, examples=["s3:GetObject"])],
    transitive: Annotated[bool, Query(description="Also those who can become one that can.")] = False,
) -> Response:  # fmt: skip
    """Everybody who can do an action on a resource, as `leastwise who-can`."""
    from .ask import WhoAsked
    from .ask import who_can as asked_of_all

    row_of(asked.listing, asked.seen(caller.sight), "resources", id)
    question = WhoAsked.model_validate(
        {"action": action, "resource": id, "transitive": transitive, "limit": page.limit, "cursor": page.cursor}
    )
    return asked_of_all(request, caller, asked, question)
