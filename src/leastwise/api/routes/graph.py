"""Who can become whom: paths, blast radius, exposure, privileged principals, choke points, toxic combinations."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import Response

from leastwise.app.answers import graph as answers
from leastwise.app.answers.drawn import drawn, drawn_blast
from leastwise.app.answers.seen import Seeing
from leastwise.app.duties import Caller, Right

from ..answered import findings as answered_findings
from ..answered import graph as answered
from ..asked import EstateAsked, GivenAsked, GivenPage
from ..routing import subject
from ..security.rights import needs
from ..sending import DOWNLOADS, listed, sent

router = subject("graph")
Ask = Annotated[Caller, needs(Right.ASK)]


class Drawing(StrEnum):
    """How paths are told."""

    LIST = "list"
    GRAPH = "graph"


As = Annotated[Drawing, Query(alias="as", description="`graph`: nodes and edges instead of a list.")]
Sure = Annotated[bool, Query(description="Only what is surely possible.")]


def _at(asked: EstateAsked, *outside: str) -> answers.Graphed:
    return asked.graphed(*outside)


def _path_ids(path: Mapping[str, Any]) -> set[str]:
    return {id for hop in path["hops"] for id in (hop["from"], hop["to"], hop["through"])} - {""}


def _paths_in_sight(
    seeing: Seeing, at: answers.Graphed, items: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], int]:
    """The paths that go through nothing that is out of sight."""
    if seeing.everything:
        return items, 0
    hidden = seeing.hidden({id for one in items for id in _path_ids(one)})
    kept = [
        one for one in items
        if not _path_ids(one) & hidden and all(_lies_in_sight(seeing, at, id) for id in _path_ids(one))
    ]  # fmt: skip
    return kept, len(items) - len(kept)


def _lies_in_sight(seeing: Seeing, at: answers.Graphed, id: str) -> bool:
    """Whether something of the graph is of an account that is in sight, or of none."""
    account = at.graph.account(id) or at.graph.lies_in(id)
    return not account or seeing.sees(at.graph.provider(id) or None, account)


@router.get("/paths", response_model=answered.Paths | answered.Picture, responses=DOWNLOADS)
def paths(
    request: Request, caller: Ask, asked: GivenAsked, page: GivenPage,
    source: Annotated[
        str | None, Query(alias="from", description="Only paths of this principal, by id or unique name.")
    ] = None,
    to: Annotated[
        str, Query(description="admin, admin:ACCOUNT, jewels, a tag as in data=pii, or an id, glob or name.")
    ] = "admin",
    through: Annotated[str | None, Query(description="Only paths that go through this principal.")] = None,
    shortest: Annotated[int, Query(ge=1, le=100, description="As many paths of each principal.")] = 1,
    most: Annotated[int, Query(ge=1, le=1000, description="Of as many principals at most.")] = 100,
    cross_cloud: Annotated[bool, Query(description="Only paths that end in another cloud.")] = False,
    sure: Sure = False, drawing: As = Drawing.LIST,
) -> Response:  # fmt: skip
    """Who can become an administrator, another principal, or get at data, with every step, as `leastwise paths`."""
    seeing = asked.seen(caller.sight)
    seeing.require(source, through, known=True)
    seeing.require(to.removeprefix("admin:"))
    wish = answers.Wish(source, to, through, shortest, cross_cloud, most, sure)
    at = _at(asked, *wish.named)
    found = answers.find_paths(at, wish)
    body = answers.paths(at, wish, found).whole(at.asking)
    body["items"], outside = _paths_in_sight(seeing, at, body["items"])
    told = seeing.envelope(body, outside)
    if drawing is Drawing.GRAPH:
        kept = {key: told[key] for key in ("estate", "coverage", "missing", "outside") if key in told}
        return sent(request, caller, asked, kept | drawn(body["items"]))
    return listed(request, caller, asked, told, page, _PATH)


_PATH = ("from", "from_name", "to", "to_name", "state", "providers", "hops")


@router.get("/blast-radius/{id:id}", response_model=answered.Blast | answered.Picture, responses=DOWNLOADS)
def blast_radius(
    request: Request, caller: Ask, asked: GivenAsked, page: GivenPage, id: str,
    person: Annotated[bool, Query(description="What all accounts of the person reach.")] = False,
    drawing: As = Drawing.LIST,
) -> Response:  # fmt: skip
    """Every principal that one can become, and the data that it can get at, as `leastwise blast-radius`."""
    seeing = asked.seen(caller.sight)
    seeing.require(id, known=True)
    at = _at(asked, id)
    body = answers.blast_radius(at, id, person=person).whole(at.asking)
    outside = 0
    if not seeing.everything:
        hidden = seeing.hidden({text for one in body["items"] for text in (one["id"], one["through"]) if text})
        kept = [
            one for one in body["items"]
            if not {one["id"], one["through"]} & hidden and (not one["account"]
                                                             or seeing.sees(one["provider"] or None, one["account"]))
        ]  # fmt: skip
        outside = len(body["items"]) - len(kept)
        body |= {"items": kept, "accounts": [one for one in body["accounts"] if one not in seeing.hidden([one])],
                 "summary": []}  # fmt: skip
    told = seeing.envelope(body, outside)
    if drawing is Drawing.GRAPH:
        kept_keys = {key: told[key] for key in ("estate", "coverage", "missing", "outside") if key in told}
        return sent(request, caller, asked, kept_keys | drawn_blast(body["principal"], body["items"]))
    return listed(request, caller, asked, told, page, tuple(answered.Reached.model_fields))


@router.get("/exposure", response_model=answered.Exposure, responses=DOWNLOADS)
def exposure(
    request: Request, caller: Ask, asked: GivenAsked, page: GivenPage,
    target: Annotated[
        str, Query(description="admin, admin:ACCOUNT, jewels, a tag as in data=pii, or an id, glob or name.")
    ] = "admin",
) -> Response:  # fmt: skip
    """How many identities reach something, by kind, as `leastwise exposure`; numbers of the whole estate."""
    seeing = asked.seen(caller.sight)
    seeing.require(target.removeprefix("admin:"))
    at = _at(asked)
    body = answers.exposure(at, target).whole(at.asking)
    return listed(request, caller, asked, seeing.envelope(body), page, tuple(answered.Share.model_fields))


@router.get("/privileged", response_model=answered.Privileged, responses=DOWNLOADS)
def privileged(request: Request, caller: Ask, asked: GivenAsked, page: GivenPage, sure: Sure = False) -> Response:
    """Who is, or can become, an administrator, as `leastwise privileged`."""
    seeing, at = asked.seen(caller.sight), _at(asked)
    body = answers.privileged(at, sure=sure).whole(at.asking)
    outside = 0
    if not seeing.everything:
        hidden = seeing.hidden({text for one in body["items"] for text in (one["principal"], *one["path"])})
        kept = []
        for one in body["items"]:
            mine = [each for each in one["administers"] if seeing.sees(one["provider"] or None, each["account"])]
            if mine and not {one["principal"], *one["path"]} & hidden:
                kept.append({**one, "administers": mine})
        outside, body["items"] = len(body["items"]) - len(kept), kept
    return listed(request, caller, asked, seeing.envelope(body, outside), page, tuple(
        answered.PrivilegedOne.model_fields))  # fmt: skip


@router.get("/choke-points", response_model=answered.ChokePoints, responses=DOWNLOADS)
def choke_points(
    request: Request, caller: Ask, asked: GivenAsked, page: GivenPage,
    to: Annotated[list[str] | None, Query(description="As `to` of paths; may be repeated.")] = None,
    most: Annotated[int, Query(ge=1, le=1000, description="As many grants at most.")] = 10,
    standing: Annotated[bool, Query(description="Count those who get there in one step, too.")] = False,
    sure: Sure = False,
) -> Response:  # fmt: skip
    """The fewest grants whose removal takes the way to administrators and crown jewels from the most, as
    `leastwise choke-points`.
    """
    seeing, at = asked.seen(caller.sight), _at(asked)
    seeing.require(*(one.removeprefix("admin:") for one in to or ()))
    body = answers.choke_points(at, to or (), most, standing=standing, sure=sure).whole(at.asking)
    outside = 0
    if not seeing.everything:
        body["items"], outside = _chokes_in_sight(seeing, at, body["items"])
    return listed(request, caller, asked, seeing.envelope(body, outside), page, tuple(
        answered.ChokePoint.model_fields))  # fmt: skip


def _chokes_in_sight(
    seeing: Seeing, at: answers.Graphed, items: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], int]:
    """The grants of accounts in sight, with those who are in sight; how many grants and principals are not."""
    outside, kept = 0, []
    hidden = seeing.hidden({id for one in items for id in one["principals"]})
    hidden |= seeing.hidden({id for one in items for step in one["steps"] for id in (step["from"], step["to"])})
    for one in items:
        grant = one["grant"]
        if not seeing.sees(grant.get("provider") or None, grant.get("account")):
            outside += 1
            continue
        mine = [
            (id, name) for id, name in zip(one["principals"], one["names"], strict=True)
            if id not in hidden and _lies_in_sight(seeing, at, id)
        ]  # fmt: skip
        outside += len(one["principals"]) - len(mine)
        steps = [step for step in one["steps"] if not {step["from"], step["to"]} & hidden]
        kept.append({**one, "principals": [id for id, _ in mine], "names": [name for _, name in mine], "steps": steps})
    return kept, outside


@router.get("/toxic", response_model=answered_findings.Toxic, responses=DOWNLOADS)
def toxic(
    request: Request, caller: Ask, asked: GivenAsked, page: GivenPage,
    muted: Annotated[bool, Query(description="With muted ones.")] = False,
) -> Response:  # fmt: skip
    """Combinations that are worse than their parts, as `leastwise toxic`."""
    seeing, at = asked.seen(caller.sight), _at(asked)
    body = answers.toxic(at, asked.estate, muted=muted).whole(at.asking)
    body["items"], outside = seeing.split(body["items"])
    return listed(request, caller, asked, seeing.envelope(body, outside), page, tuple(
        answered_findings.FindingRow.model_fields))  # fmt: skip
