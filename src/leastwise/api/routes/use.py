"""What is used of what is granted, what nobody uses, and what was done."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Request
from starlette.responses import Response

from leastwise.app.activity import activity as events_of
from leastwise.app.answers import findings as answers_findings
from leastwise.app.answers import gap as answers
from leastwise.app.answers import record
from leastwise.app.cursors import cursor_of, fingerprint, start_of
from leastwise.app.dormant import idle_values
from leastwise.app.duties import Caller, Right
from leastwise.app.events_status import status as lake_status
from leastwise.app.moments import moment
from leastwise.app.posture import Narrow
from leastwise.app.top import actions

from ..answered import findings as answered_findings
from ..answered import use as answered
from ..asked import Form, GivenAsked, GivenPage
from ..routing import subject
from ..security.rights import needs
from ..sending import DOWNLOADS, chosen, exported, listed, sent
from .findings import found_by, in_sight

router = subject("use")
See = Annotated[Caller, needs(Right.SEE)]
Ask = Annotated[Caller, needs(Right.ASK)]
Days = Annotated[
    str | None,
    Query(description="Days up to the estate's time, as in 90d (the default).", pattern="^[1-9][0-9]{0,3}d$"),
]
Accounts = Annotated[list[str] | None, Query(description="Only that account; may be repeated.")]
_MANY = 1 << 40


@router.get("/gap", response_model=answered.Gap, responses=DOWNLOADS)
def gap(
    request: Request, caller: Ask, asked: GivenAsked, page: GivenPage, window: Days = None, account: Accounts = None,
    kind: Annotated[list[str] | None, Query(description="Only that kind of principal; may be repeated.")] = None,
    unused_share: Annotated[
        float | None, Query(ge=0, le=1, description="Only those of whose permissions so much is unused.")
    ] = None,
) -> Response:  # fmt: skip
    """Granted, used, implied, unused and unobservable of everybody, the highest creep index first, as
    `leastwise gap`.
    """
    seeing = asked.seen(caller.sight)
    found = asked.gaps(window)
    which = answers.Chosen(account or (), kind or (), unused_share)
    body = found.answer(answers.everyone(found, which, _MANY).body)
    body["items"], outside = seeing.split(body["items"])
    body["accounts"] = [one for one in body["accounts"] if seeing.sees(None, one["account"])]
    return listed(request, caller, asked, seeing.envelope(body, outside), page, tuple(answered.GapRow.model_fields))


@router.get("/gap/by/{what:id}", response_model=answered.CreepBy, responses=DOWNLOADS)
def gap_by(
    request: Request, caller: Ask, asked: GivenAsked, page: GivenPage, what: str, window: Days = None
) -> Response:
    """The creep index by `account`, `organization` or `group`, as `leastwise gap --by`."""
    seeing, found = asked.seen(caller.sight), asked.gaps(window)
    body = found.answer(answers.by(found, what, _MANY))
    body["items"], outside = seeing.split(body["items"])
    return listed(request, caller, asked, seeing.envelope(body, outside), page, tuple(answered.CreepRow.model_fields))


@router.get("/gap/trend", response_model=answered.Trend)
def trend(
    request: Request, caller: Ask, asked: GivenAsked, window: Days = None,
    principal: Annotated[str | None, Query(description="Of that principal; else of all.", max_length=2000)] = None,
    limit: Annotated[int, Query(ge=1, le=366, description="At most so many days.")] = 100,
) -> Response:  # fmt: skip
    """The creep index at each day with snapshots, as `leastwise gap --trend`."""
    seeing = asked.seen(caller.sight)
    seeing.require(principal, known=True)
    body = asked.trend(window, limit, principal)
    items = [
        {**one, **{name: [each for each in one[name] if seeing.sees(None, each)] for name in ("accounts", "lacking")}}
        for one in body["items"]
    ]
    return sent(request, caller, asked, {**body, "items": items})


@router.get("/dormant", response_model=answered.Dormant, responses=DOWNLOADS)
def dormant(
    request: Request, caller: See, asked: GivenAsked, page: GivenPage, window: Days = None, account: Accounts = None,
    what: Annotated[
        list[Literal["principal", "credential", "group", "bundle"]] | None, Query(description="May be repeated.")
    ] = None,
) -> Response:  # fmt: skip
    """Principals, credentials, groups and bundles that nobody uses, as `leastwise dormant`."""
    seeing = asked.seen(caller.sight)
    body = idle_values(asked.estate, window, account or [], what or [])
    body["items"], outside = seeing.split(body["items"])
    return listed(request, caller, asked, seeing.envelope(body, outside), page, tuple(answered.IdleRow.model_fields))


@router.get("/activity", response_model=answered.Activity, responses=DOWNLOADS)
def activity(
    request: Request, caller: Ask, asked: GivenAsked, page: GivenPage,
    subject: Annotated[
        str, Query(description="Principal, credential, resource, workload, session or event.", min_length=1,
                   max_length=2000, examples=["scanner-upload"])
    ],
    begin: Annotated[str | None, Query(alias="from", description="Not before this time.")] = None,
    end: Annotated[str | None, Query(alias="to", description="Not after this time.")] = None,
    ip: Annotated[str | None, Query(description="From here: address or network.")] = None,
    denied: Annotated[bool, Query(description="Only what was denied.")] = False,
) -> Response:  # fmt: skip
    """What was done by somebody, with a credential or to a resource, the newest first, as `leastwise activity`."""
    seeing = asked.seen(caller.sight)
    seeing.require(subject)
    about = fingerprint([request.url.path, subject, begin, end, ip, denied, asked.opened.key])
    start = start_of(page.cursor, about)
    most = start + page.limit if page.form is Form.JSON and seeing.everything and not page.sort else 0
    found = events_of(
        asked.workspace, subject, moment(begin, "from"), moment(end, "to", end_of_day=True), ip, denied, most
    )
    body = record.activity(found)
    items, outside = seeing.split(body["items"])
    if not seeing.everything:
        body |= {"total": len(items), "outside": outside}
    if page.form is not Form.JSON:
        return exported(caller, page, items, tuple(answered.Event.model_fields), "activity")
    stop = min(body["total"], start + page.limit)
    names = tuple(answered.Event.model_fields)
    body |= {"items": chosen(items[start:stop], page.fields, names),
             "next": cursor_of(about, stop) if stop < body["total"] else None}  # fmt: skip
    return sent(request, caller, asked, body)


@router.get("/events/status", response_model=answered.EventsStatus)
def events_status(request: Request, caller: See, asked: GivenAsked) -> Response:
    """What the usage lake holds, as `leastwise events --status`."""
    seeing, body = asked.seen(caller.sight), lake_status(asked.workspace)
    items, outside = seeing.split(body["items"])
    if not seeing.everything:
        # Names of files and of what was not resolved are of no account.
        body |= {"items": items, "outside": outside, "set_aside": [], "unresolved": []}
    return sent(request, caller, asked, body)


@router.get("/top", response_model=answered_findings.Top)
def top(
    request: Request, caller: See, asked: GivenAsked,
    limit: Annotated[int, Query(ge=1, le=100, description="So many actions.")] = 5,
    account: Annotated[str | None, Query(description="Only this account.")] = None,
    owner: Annotated[str | None, Query(description="Only this owner; * and ?.")] = None,
) -> Response:  # fmt: skip
    """The best actions: what to change, what it cuts, whose it is, how far the creep index would fall, as
    `leastwise top`.
    """
    seeing = asked.seen(caller.sight)
    narrow = Narrow(account=account, owner=owner)
    found, outside = in_sight(seeing, found_by(asked, narrow))
    body = answers_findings.top(found, actions(found, limit))
    hidden = seeing.hidden({id for one in body["items"] for id in one["about"]})
    for one in body["items"]:
        one["about"] = [id for id in one["about"] if id not in hidden]
    return sent(request, caller, asked, seeing.envelope(body, outside))


@router.get("/queries", response_model=answered.Queries)
def queries(request: Request, caller: Ask, asked: GivenAsked) -> Response:
    """Saved queries, as `leastwise queries list`."""
    return sent(request, caller, asked, record.queries(asked.workspace))
