"""Findings, one by one and by the cause that mends them; mutes."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from leastwise.app.answers import findings as answers
from leastwise.app.answers.seen import Seeing
from leastwise.app.duties import Caller, Right
from leastwise.app.moments import moment
from leastwise.app.posture import Findings, Narrow, find, unmute
from leastwise.app.posture import mute as mute_finding
from leastwise.app.record import note
from leastwise.errors import NotFoundError, UsageError
from leastwise.model.finding import Severity

from ..answered import findings as answered
from ..asked import EstateAsked, GivenAsked, GivenPage
from ..routing import subject
from ..security.rights import by, needs
from ..sending import DOWNLOADS, listed, sent

router = subject("findings")
See = Annotated[Caller, needs(Right.SEE)]


def in_sight(seeing: Seeing, found: Findings) -> tuple[Findings, int]:
    """The findings about accounts in sight, and how many others there are."""
    if seeing.everything:
        return found, 0
    rows = [one for one in found.rows if seeing.sees(one.finding.provider, one.finding.account)]
    return replace(found, rows=rows), len(found.rows) - len(rows)


def found_by(asked: EstateAsked, narrow: Narrow, since: str | None = None, *, muted: bool = False) -> Findings:
    """The findings that are asked for. Raises as `posture.find`."""
    begin = moment(since, "since", end_of_day=True)
    return find(asked.workspace, moment(asked.at, "at", True), asked.snapshot, begin, narrow, muted, asked.judged())


@router.get("/findings", response_model=answered.Findings | answered.Causes, responses=DOWNLOADS)
def findings(
    request: Request, caller: See, asked: GivenAsked, page: GivenPage,
    severity: Annotated[Severity, Query(description="Least severity.")] = Severity.INFO,
    rule: Annotated[str | None, Query(description="Only this rule.")] = None,
    provider: Annotated[str | None, Query(description="Only this provider.")] = None,
    account: Annotated[str | None, Query(description="Only this account.")] = None,
    owner: Annotated[str | None, Query(description="Only this owner; * and ?.")] = None,
    text: Annotated[str | None, Query(description="Only with this text.")] = None,
    since: Annotated[str | None, Query(description="Only what is new or gone since that time.")] = None,
    group: Annotated[Literal["cause"] | None, Query(description="By what mends them, the heaviest first.")] = None,
    muted: Annotated[bool, Query(description="With muted ones.")] = False,
) -> Response:  # fmt: skip
    """Findings of posture rules, worst first, with what could not be decided, as `leastwise findings`."""
    seeing = asked.seen(caller.sight)
    narrow = Narrow(severity, rule, provider, account, owner, text)
    found, outside = in_sight(seeing, found_by(asked, narrow, since, muted=muted))
    body = answers.findings(found, group)
    if group is not None:
        hidden = seeing.hidden({id for one in body["items"] for id in one["about"]})
        for one in body["items"]:
            for each in (one, *one["items"]):
                each["about"] = [id for id in each["about"] if id not in hidden]
    model = answered.FindingRow if group is None else answered.CauseRow
    return listed(request, caller, asked, seeing.envelope(body, outside), page, tuple(model.model_fields))


class MuteAsked(BaseModel):
    """A finding to be silent about for a while."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(description="Key of the finding.", min_length=4, max_length=64, pattern="^[0-9a-f]+$")
    reason: str = Field(min_length=1, max_length=2000, description="Why.")
    until: str = Field(description="Until when: a mute ends.", examples=["2027-01-31"])


class Muted(BaseModel):
    """A mute."""

    key: str
    reason: str
    by: str
    until: str | None


@router.post("/findings/mutes", status_code=201)
def mute(request: Request, caller: Annotated[Caller, needs(Right.MUTE)], asked: GivenAsked, wish: MuteAsked) -> Muted:
    """Mute a finding until a time, with a reason, as `leastwise mute`."""
    key = _required(asked, caller, wish.key)
    until = moment(wish.until, "until", end_of_day=True)
    assert until is not None
    one = mute_finding(asked.workspace, key, wish.reason, caller.name, until)
    note(asked.workspace, by(request, caller), "finding.mute", one.key, detail={"reason": one.reason})
    return Muted(key=one.key, reason=one.reason, by=one.by, until=one.until.isoformat() if one.until else None)


@router.delete("/findings/mutes/{key:id}", status_code=204, response_class=Response)
def remove_mute(
    request: Request, caller: Annotated[Caller, needs(Right.MUTE)], asked: GivenAsked, key: str
) -> Response:
    """Take a mute back, as `leastwise unmute`."""
    whole = unmute(asked.workspace, _required(asked, caller, key))
    note(asked.workspace, by(request, caller), "finding.unmute", whole)
    return Response(status_code=204)


def _required(asked: EstateAsked, caller: Caller, key: str) -> str:
    """The key that a beginning of one stands for; nobody mutes what he does not see. Raises NotFoundError."""
    seeing = asked.seen(caller.sight)
    if seeing.everything:
        return key
    found, _ = in_sight(seeing, found_by(asked, Narrow(), muted=True))
    mine = {one.finding.key for one in found.rows if one.finding.key.startswith(key)}
    if len(mine) != 1:
        raise NotFoundError(f"finding {key}: not found, or out of sight")
    return mine.pop()


@router.get("/findings/{key:id}", response_model=answered.Findings)
def finding(request: Request, caller: See, asked: GivenAsked, key: str) -> Response:
    """One finding by its key, in a list of one."""
    if not key:
        raise UsageError("finding: name it by its key")
    seeing = asked.seen(caller.sight)
    found, _ = in_sight(seeing, found_by(asked, Narrow(), muted=True))
    mine = replace(found, rows=[one for one in found.rows if one.finding.key == key], unknown=[])
    if not mine.rows:
        raise NotFoundError(f"finding {key}: not found, or out of sight")
    body = answers.findings(mine) | {"total": 1}
    return sent(request, caller, asked, seeing.envelope(body))
