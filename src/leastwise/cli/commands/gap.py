"""`leastwise gap` and `leastwise usage`: what is used of what is granted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from leastwise.errors import UsageError

from ..answers import Answer, Shape, circumstances_of, opened_each
from ..cubes import short
from ..options import Asked, Format, Request, at_moment, spread, workspace
from ..render import emit, estate_line, printable
from .least import SHAPE as LEAST
from .least import least as least_shown
from .needed import SHAPE as GRANTS
from .needed import needed as needed_shown

if TYPE_CHECKING:
    from leastwise.app.answers.gap import Chosen
    from leastwise.app.answers.told import Told
    from leastwise.app.gap import GapOf
    from leastwise.app.gaps import Gaps
    from leastwise.model.gap import Gap

T = TypeVar("T")
_ONE = {
    "state": "State",
    "number": "Actions",
    "patterns": "Permissions",
    "calls": "Calls",
    "last_used": "Last used",
    "why": "Because",
}
_ONE_NAMES = (
    "permission", "state", "access", "resources", "sensitivity", "count", "denied", "first_used", "last_used",
    "touched", "workloads", "missing", "service_used", "action_used", "because",
    "grants",
)  # fmt: skip
_ALL = {
    "name": "Principal",
    "id": "Id",
    "native": "Kind",
    "account": "Account",
    "granted": "Granted",
    "used": "Used",
    "implied": "Implied",
    "unused": "Unused",
    "unobservable": "Unobservable",
    "unused_share": "Unused share",
    "last_used": "Last used",
    "index": "Creep",
}
_ALL_NAMES = (
    "principal", "provider", "name", "kind", "native", "account", "granted", "used", "implied", "unused",
    "unobservable", "unused_share", "last_used", "index", "at_most", "exact",
)  # fmt: skip
_BY = {"name": "Of", "account": "Account", "members": "Members", "counted": "Counted", "index": "Creep"}
_BY_NAMES = ("by", "id", "provider", "name", "account", "members", "counted", "permissions", "index", "parts")
_TREND = {
    "time": "Time",
    "index": "Creep",
    "principals": "Principals",
    "comparable": "Comparable",
    "because": "Because",
}
_TREND_NAMES = ("time", "index", "principals", "accounts", "lacking", "comparable", "because")
_USAGE = {
    "permission": "Permission",
    "how": "How",
    "bucket": "On",
    "count": "Calls",
    "denied": "Denied",
    "first_used": "First used",
    "last_used": "Last used",
    "workload": "Workload",
}
_USAGE_NAMES = (
    "permission", "how", "via", "bucket", "target", "workload", "count", "denied", "unknown", "first_used", "last_used",
)  # fmt: skip
_Window = Annotated[
    str | None,
    typer.Option("--window", help="Days up to the estate's time, as in 90d (the default).", show_default=False),
]
_Accounts = Annotated[
    list[str] | None, typer.Option("--account", help="Only that account; may be repeated.", show_default=False)
]
_Kinds = Annotated[
    list[str] | None,
    typer.Option("--kind", help="Only that kind of principal, as in role; may be repeated.", show_default=False),
]
_UnusedShare = Annotated[
    float | None,
    typer.Option(
        "--unused-share", help="Only those of whose permissions so much is unused, from 0 to 1.", show_default=False
    ),
]
_By = Annotated[
    str | None, typer.Option("--by", help="The creep index by account, organization or group.", show_default=False)
]
_Resources = Annotated[
    list[str] | None,
    typer.Option("--resource", help="The creep index of that resource; may be repeated.", show_default=False),
]
_Trend = Annotated[bool, typer.Option("--trend", help="The creep index at each day with snapshots.")]
_Grants = Annotated[
    bool, typer.Option("--grants", help="Which grants of a principal are needed: what is used of each.")
]
_Least = Annotated[
    bool,
    typer.Option(
        "--least",
        help="The least set of permissions that allows what a principal called, where any one of several allows a call,"
        " against what it is granted.",
    ),
]


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What of the gap is asked for."""

    principal: str | None
    window: str | None
    accounts: Sequence[str]
    kinds: Sequence[str]
    unused_share: float | None
    limit: int

    @property
    def narrowed(self) -> bool:
        """Whether only some of a list are asked for."""
        return bool(self.accounts or self.kinds) or self.unused_share is not None


def register(app: typer.Typer) -> None:
    """Add the commands."""
    _gap(app)
    _usage(app)


def _gap(app: typer.Typer) -> None:
    @app.command()
    @spread
    def gap(
        asked: Asked,
        request: Request,
        principal: Annotated[
            str | None, typer.Argument(help="Principal, by its id or unique name; without one, all of them.")
        ] = None,
        window: _Window = None,
        account: _Accounts = None,
        kind: _Kinds = None,
        unused_share: _UnusedShare = None,
        by: _By = None,
        resource: _Resources = None,
        trend: _Trend = False,
        grants: _Grants = False,
        least: _Least = False,
        limit: Annotated[int, typer.Option(min=1, help="At most so many principals, or days.")] = 100,
    ) -> None:
        """Hold what is granted against what was used: used, implied, unused, or not observable."""
        chosen = _Chosen(principal, window, account or (), kind or (), unused_share, limit)
        if grants and (principal is None or trend):
            raise UsageError("--grants is about one principal: name it")
        if least and (principal is None or trend or grants):
            raise UsageError("--least is about one principal: name it, without --grants and --trend")
        if trend:
            if by or resource or chosen.narrowed or asked.overlay or asked.snapshot:
                raise UsageError("--trend goes with --window, --at, --limit and a principal alone")
            _trend(asked, principal, window, limit)
        elif by is not None or resource:
            if principal is not None or chosen.narrowed or (by and resource):
                raise UsageError("--by and --resource go with --window and --limit alone")
            _by(asked, _opened(asked, window), by or "", resource or [], limit)
        elif principal is None:
            _listed(asked, chosen)
        else:
            _about(asked, request, chosen, principal, grants, least)


def _listed(asked: Asked, chosen: _Chosen) -> None:
    from leastwise.app.answers.gap import Chosen

    which = Chosen(chosen.accounts, chosen.kinds, chosen.unused_share)
    found = _opened(asked, chosen.window)
    answer = _everyone(found, which, chosen.limit)
    _print(asked, found, answer, Shape(_ALL, names=_ALL_NAMES))


def _about(asked: Asked, request: Request, chosen: _Chosen, principal: str, grants: bool, least: bool) -> None:
    if chosen.narrowed:
        raise UsageError("--account, --kind and --unused-share are about a list: leave out the principal")
    from leastwise.app.answers import gap as told

    mine = _opened(asked, chosen.window).about(principal)
    if least:
        _of_each(asked, mine, LEAST, lambda each: told.least(each, principal), least_shown)
        return
    given = circumstances_of(request)
    if grants:
        _of_each(asked, mine, GRANTS, lambda each: told.needed(each, principal, given), needed_shown)
    else:
        table = asked.form is Format.TABLE
        _of_each(
            asked, mine, Shape(_ONE, names=_ONE_NAMES), lambda each: told.one(each, principal, given),
            lambda each, answer: _one(each, answer, short_lists=table),
        )  # fmt: skip


def _of_each(
    asked: Asked, found: Gaps, shape: Shape, ask: Callable[[GapOf], Told[T]], show: Callable[[GapOf, Told[T]], Answer]
) -> None:
    """Print what every provider says of one principal that knows it, and does not refuse the question."""
    from leastwise.app.answers.gap import of_each

    told = of_each(found, ask)
    body, said = told.body, [(gap, show(gap, one)) for gap, one in told.made_of.each]
    rows = [{"provider": gap.asking.provider, **row} for gap, answer in said for row in answer.rows]
    several = len(said) > 1
    closing = tuple(
        f"{gap.title}: {line}" if several and not number else line
        for gap, answer in said for number, line in enumerate(answer.closing)
    )  # fmt: skip
    _print(asked, found, Answer(body, rows, closing=closing), replace(shape, names=(*shape.names, "provider")))


def _trend(asked: Asked, principal: str | None, window: str | None, limit: int) -> None:
    from leastwise.app.answers.gap import trend
    from leastwise.app.trend import Trend

    here = workspace(asked.home, asked.database)
    made = Trend(here, window, lambda text: print(f"leastwise: {text}", file=sys.stderr))
    body = trend(made, at_moment(asked.at), limit, principal)
    items = body["items"]
    closing = f"{sum(one['comparable'] for one in items)} of {len(items)} can be compared with the last."
    if principal is None:
        closing += " Granted is what own policies come to."
    columns, names = dict(_TREND), list(_TREND_NAMES)
    if principal is not None:
        names.insert(0, "provider")
        if len({one["provider"] for one in items}) > 1:
            columns = {"provider": "Provider", **columns}
    emit(asked.form, body, items, columns, closing, names)


def _by(asked: Asked, found: Gaps, by: str, resources: list[str], limit: int) -> None:
    from leastwise.app.answers import gap as answers

    body = answers.of_resources(found, resources, limit) if resources else answers.by(found, by, limit)
    told = (f"{body['total']} in all, {found.window.days} days to {found.window.end.date()}.",)
    _print(asked, found, Answer(body, body["items"], closing=told), Shape(_BY, names=_BY_NAMES))


def _opened(asked: Asked, window: str | None) -> Gaps:
    from leastwise.app.gaps import Gaps

    here = workspace(asked.home, asked.database)
    return Gaps.opened(here, opened_each(asked, at_moment(asked.at)), window)


def _one(found: GapOf, told: Told[Gap], *, short_lists: bool) -> Answer:
    from leastwise.app.gap import folded_rows

    gap, body = told.made_of, told.body
    rows = body["items"]
    if short_lists:
        rows = [{**row, "patterns": short(row["patterns"])} for row in folded_rows(gap, found.asking.access.folded)]
    counts = body["counts"]
    states = ", ".join(f"{counts[name]} {name}" for name in ("used", "implied", "unused", "unobservable"))
    lines = [
        f"{gap.principal}: {counts['granted']} permissions: {states}, in the {gap.window.days} days"
        f" to {gap.window.end.date()}.",
        f"Creep index {gap.creep.index:g} of 100; {gap.creep.at_most:g} if nothing unobservable is used.",
    ]
    if gap.unknown:
        lines.append(f"Not known whether granted: {short(body['unknown'])}: {'; '.join(gap.missing[:3])}")
    if gap.drift:
        lines.append(f"Used, and not granted now: {short(body['drift'])}")
    if gap.wanted:
        lines.append(f"Denied only: {short(body['wanted'])}")
    return Answer(body, rows, closing=tuple(lines))


def _everyone(found: Gaps, chosen: Chosen, limit: int) -> Answer:
    from leastwise.app.answers.gap import everyone

    told = everyone(found, chosen, limit)
    body, items = told.body, told.body["items"]
    rows = [
        {
            **one,
            "index": (one["creep"] or {}).get("index"),
            "at_most": (one["creep"] or {}).get("at_most"),
            "id": "" if one["principal"].endswith(one["name"]) else one["principal"],
        }
        for one in items
    ]
    lines = [f"{body['total']} of {told.made_of} principals, {found.window.days} days to {found.window.end.date()}."]
    if not body["exact"]:
        lines.append("Granted is what own policies come to; ask for a principal by name for what it holds exactly.")
    return Answer(body, rows, closing=tuple(lines))


def _usage(app: typer.Typer) -> None:
    @app.command()
    @spread
    def usage(
        principal: Annotated[str, typer.Argument(help="Principal, by its id or unique name.")],
        asked: Asked,
        window: _Window = None,
    ) -> None:
        """List what a principal did: permissions, resources, calls and denials in a window."""
        from leastwise.app.answers.gap import used

        found = _opened(asked, window).about(principal)
        _of_each(asked, found, Shape(_USAGE, names=_USAGE_NAMES), lambda one: used(one, principal),
                 lambda _, one: _used(one))  # fmt: skip


def _used(answer: Told[None]) -> Answer:
    body, items = answer.body, answer.body["items"]
    counted = sum(one["count"] for one in items if one["how"] == "call")
    denied = sum(one["denied"] for one in items)
    told = f"{len({one['permission'] for one in items})} permissions, {counted} calls, {denied} denied."
    return Answer(body, items, closing=(told, *(f"Besides: {printable(one)}." for one in body["missing"])))


def _print(asked: Asked, found: Gaps, answer: Answer, shape: Shape) -> None:
    whole: dict[str, Any] = found.answer(answer.body)
    lines = [
        *answer.closing,
        *(printable(one) for one in found.unlogged()),
        estate_line(whole["estate"], whole["coverage"]),
    ]
    emit(asked.form, whole, answer.rows, shape.columns, "\n".join(lines), shape.names)
