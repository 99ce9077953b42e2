"""Questions about access."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from leastwise.app.answers import access as answers
from leastwise.app.answers.comparing import diff as differing
from leastwise.app.answers.search import complete as completing
from leastwise.app.cursors import cursor_of, fingerprint, start_of
from leastwise.app.diffing import opened_pair
from leastwise.app.duties import Caller, Right
from leastwise.app.moments import moment
from leastwise.errors import UsageError
from leastwise.model.decision import Circumstances

from ..answered import access as answered
from ..asked import MOST, PAGE, GivenAsked
from ..routing import subject
from ..security.rights import needs
from ..sending import sent

router = subject("ask")
Ask = Annotated[Caller, needs(Right.ASK)]
_Text = Annotated[str, Field(min_length=1, max_length=2000)]


class Given(BaseModel):
    """What a question says besides who, what and where."""

    model_config = ConfigDict(extra="forbid")

    context: dict[str, str | list[str]] = Field(
        {}, description="Values of condition keys.", examples=[{"aws:SourceIp": "203.0.113.7"}]
    )
    strict: bool = Field(False, description="Keys that are not given are absent, instead of unknown.")
    session: list[dict[str, Any]] | None = Field(None, description="Session policies in the vendor's form.")
    endpoint: str | None = Field(None, description="VPC endpoint that the request comes through.")

    def circumstances(self) -> Circumstances:
        """The same as a value."""
        values = {key: (one,) if isinstance(one, str) else tuple(one) for key, one in self.context.items()}
        return Circumstances(values, self.strict, None if self.session is None else tuple(self.session), self.endpoint)


class CanAsked(Given):
    """Whether somebody can."""

    principal: _Text = Field(description="Id or unique name; * for an anonymous caller.", examples=["scanner-upload"])
    action: _Text = Field(examples=["s3:PutObject"])
    resource: _Text | None = Field(None, examples=["arn:aws:s3:::bw-scans/today.csv"])


class WhoAsked(Given):
    """Who can."""

    action: _Text = Field(examples=["s3:GetObject"])
    resource: _Text | None = Field(None, examples=["arn:aws:s3:::bw-scans/today.csv"])
    transitive: bool = Field(False, description="Also those who can become one that can.")
    limit: int = Field(PAGE, ge=1, le=MOST)
    cursor: str | None = Field(None, max_length=200)


class WhatAsked(Given):
    """What somebody can."""

    principal: _Text = Field(examples=["scanner-upload"])
    resource: _Text | None = None


class DiffAsked(BaseModel):
    """Two estates."""

    model_config = ConfigDict(extra="forbid")

    before: _Text = Field(description="Earlier estate: a time, or a snapshot.", examples=["2026-10-01"])
    after: _Text = Field(description="Later estate, named alike.", examples=["2026-11-01"])
    limit: int = Field(PAGE, ge=1, le=MOST)
    cursor: str | None = Field(None, max_length=200)


@router.post("/ask/can", response_model=answered.Decision)
def can(request: Request, caller: Ask, asked: GivenAsked, question: CanAsked) -> Response:
    """Whether a principal can do an action on a resource, under which condition, and why, as `leastwise can`."""
    seeing = asked.seen(caller.sight)
    seeing.require(None if question.principal == "*" else question.principal, known=True)
    seeing.require(question.resource)
    asking = asked.about(question.action, question.principal, question.resource)
    told = answers.can(asking, question.principal, question.action, question.resource, question.circumstances())
    return sent(request, caller, asked, seeing.envelope(told.whole(asking)))


@router.post("/ask/who-can", response_model=answered.WhoCan)
def who_can(request: Request, caller: Ask, asked: GivenAsked, question: WhoAsked) -> Response:
    """Everybody who can do an action on a resource, those outside the estate included, as `leastwise who-can`."""
    seeing = asked.seen(caller.sight)
    seeing.require(question.resource)
    about = fingerprint([question.model_dump(exclude={"limit", "cursor"}), asked.opened.key, sorted(
        caller.sight.places)])  # fmt: skip
    start = start_of(question.cursor, about)
    asking = asked.about(question.action, question.resource, parts=True)
    found = answers.who_can(
        asking, question.action, question.resource, question.circumstances(), transitive=question.transitive
    )
    if not seeing.everything:
        found = found.seen_by(seeing.sees)
    stop = min(found.total, start + question.limit)
    body = found.page(start, question.limit).whole(asking)
    body["next"] = cursor_of(about, stop) if stop < found.total else None
    body |= {"total": found.total, "states": found.states()}
    return sent(request, caller, asked, seeing.envelope(body, found.outside))


@router.post("/ask/what-can", response_model=answered.WhatCan)
def what_can(request: Request, caller: Ask, asked: GivenAsked, question: WhatAsked) -> Response:
    """Everything that a principal can do, as `leastwise what-can`."""
    seeing = asked.seen(caller.sight)
    seeing.require(question.principal, known=True)
    seeing.require(question.resource)
    whose = (None, question.principal, question.resource)
    asking = asked.knowing(question.principal) if question.resource is None else asked.about(*whose)
    told = answers.what_can(
        asked.workspace, asking, question.principal, question.resource, question.circumstances()
    ).whole(asking)
    told["total"] = len(told["items"])
    return sent(request, caller, asked, seeing.envelope(told))


@router.post("/ask/diff", response_model=answered.Diff)
def diff(request: Request, caller: Ask, asked: GivenAsked, question: DiffAsked) -> Response:
    """Who gained or lost effective access between two estates of this home, as `leastwise diff`."""
    seeing = asked.seen(caller.sight)
    about = fingerprint([question.before, question.after, asked.opened.key, sorted(caller.sight.places)])
    start = start_of(question.cursor, about)
    with opened_pair(asked.workspace, question.before, question.after, _time, elsewhere=False) as pair:
        body = dict(differing(pair).body)
    items, outside = seeing.split(body["items"])
    stop = min(len(items), start + question.limit)
    body |= {"items": items[start:stop], "total": len(items),
             "next": cursor_of(about, stop) if stop < len(items) else None}  # fmt: skip
    body["before"] = {key: one for key, one in seeing.envelope(body["before"]).items() if key != "outside"}
    return sent(request, caller, asked, seeing.envelope(body, outside))


def _time(text: str) -> datetime | None:
    """The time that a text means; None for the name of a snapshot."""
    try:
        return moment(text, "diff", end_of_day=True)
    except UsageError:
        return None


@router.get("/ask/complete", response_model=answered.Suggestions)
def complete(
    request: Request, caller: Ask, asked: GivenAsked,
    kind: Annotated[Literal["principal", "action", "resource"], Query(description="What is asked for.")],
    text: Annotated[str, Query(min_length=1, max_length=500, description="What was typed.", examples=["scan"])],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> Response:  # fmt: skip
    """What a text may become: principals and resources of the estate, actions of its providers."""
    return sent(request, caller, asked, completing(asked.listing, asked.seen(caller.sight), kind, text, limit))
