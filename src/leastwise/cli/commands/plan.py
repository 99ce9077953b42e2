"""`leastwise plan`, `plans` and `quarantine`: what to do about whom, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leastwise.errors import UsageError

from ..answers import opened_each
from ..options import Asked, Estate, Format, Home, at_moment, spread, workspace
from ..render import emit, emit_json, estate_line, printable
from . import propose

if TYPE_CHECKING:
    from leastwise.app.planning import Planning

_LIST = {
    "id": "Plan", "subject": "Subject", "kind": "Kind", "sentence": "What", "ready": "Ready", "worth": "Worth",
    "creep_drop": "Creep falls by", "owner": "Owner", "approver": "Approver",
}  # fmt: skip
_NAMES = (
    "id", "subject", "provider", "account", "kind", "sentence", "ready", "worth", "creep_drop", "owner", "owner_by",
    "approver", "approver_by", "closes", "made",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands."""
    _plan(app)
    _quarantine(app)
    plans = typer.Typer(help="Show saved plans, and prove them again.", no_args_is_help=True)
    app.add_typer(plans, name="plans")
    _plans(plans)
    propose.register(plans)


def _plan(app: typer.Typer) -> None:
    @app.command()
    @spread
    def plan(
        asked: Asked,
        principals: Annotated[
            list[str] | None, typer.Argument(help="Principals, by id or unique name; --all for all.")
        ] = None,
        every: Annotated[bool, typer.Option("--all", help="Everybody of whom something can be done.")] = False,
        window: Annotated[
            str | None,
            typer.Option("--window", help="Days up to the estate's time, as in 90d (the default).", show_default=False),
        ] = None,
        finding: Annotated[
            str | None, typer.Option("--finding", help="What mends that finding, by its key.", show_default=False)
        ] = None,
        code: Annotated[
            list[Path] | None,
            typer.Option("--code", help="Code that the grants come from, which tells whose they are.",
                         show_default=False),
        ] = None,
        save: Annotated[bool, typer.Option("--save", help="Keep the plans in the home folder.")] = False,
    ) -> None:  # fmt: skip
        """Say what to do about principals: a smaller grant, or, for whom nobody uses, how he goes; step by step."""
        from leastwise.app.code_index import codings, read_code
        from leastwise.app.estate import open_estate
        from leastwise.app.mending import Mending
        from leastwise.app.planning import Planning
        from leastwise.app.plans import kept
        from leastwise.app.rightsizing import Wish

        if every + bool(principals) + (finding is not None) != 1:
            raise UsageError("plan: name principals, or give --all, or a finding by --finding")
        if asked.overlay is not None:
            raise UsageError("plan: --with is for questions")
        here = workspace(asked.home, asked.database)
        read = read_code(code, codings(here.providers())) if code else None
        planning = Planning(here, opened_each(asked, at_moment(asked.at)), window, Wish(code=read))
        mending = Mending(planning, open_estate(here, at_moment(asked.at), asked.snapshot))
        if finding is not None:
            found = [mending.of(finding)]
        else:
            plans = planning.every() if every else chain.from_iterable(map(planning.each, principals or ()))
            found = [mending.told(one) for one in plans]
        if save:
            for one in found:
                kept(here, one)
        _print(asked, planning, found, every=every)


def _print(asked: Asked, planning: Planning, found: list[dict[str, Any]], *, every: bool) -> None:
    from leastwise.app.answers.plans import planned

    alone = len(found) == 1 and not every
    whole = planned(planning, found, alone=alone)
    if asked.form is Format.JSON:
        emit_json(whole)
        return
    told = estate_line(whole["estate"], whole["coverage"])
    if asked.form is Format.CSV or every:
        emit(asked.form, whole, found, _LIST, f"{len(found)} plans. {told}", _NAMES[:-1])
        return
    for one in found:
        print("\n".join(printable(line) for line in _lines(one)))
    print(printable(told))


def _lines(plan: Mapping[str, Any]) -> Iterator[str]:
    yield f"{plan['subject']}: {plan['sentence']}"
    yield from _steps(plan["steps"])
    if plan.get("proof"):
        broken = sum(one["calls"] for one in plan["would_break"])
        yield f"  {broken} of {plan['replay']['calls']} recorded calls would break; the proof {_held(plan['proof'])}"
    yield from (f"  note: {one}" for one in plan.get("notes") or ())
    if plan.get("blocked"):
        yield f"  not ready: {plan['blocked']}"
    for one in plan.get("closes") or ():
        yield f"  closes {one['key']}: {one['rule']} ({one['severity']})"
    creep = plan.get("creep")
    if creep:
        yield f"  creep index {creep['before']:g} to {creep['after']:g}"
    for what in ("owner", "approver"):
        if plan.get(f"{what}_by"):
            yield f"  {what}: {plan[what] or 'nobody'} ({plan[f'{what}_by']})"
    yield f"  plan {plan['id']}"


def _held(proof: Mapping[str, Any]) -> str:
    return "holds" if proof["holds"] else "does not hold"


def _steps(steps: list[Mapping[str, Any]]) -> Iterator[str]:
    for number, one in enumerate(steps, 1):
        why = f": {one['why']}" if one["why"] else ""
        yield f"  {number}. {one['does']} {one['on']}{why}"
        if one["command"]:
            yield f"     {one['command']}"
        if one["inverse"]:
            yield f"     back: {one['inverse']}"


def _quarantine(app: typer.Typer) -> None:
    @app.command()
    @spread
    def quarantine(
        id: Annotated[str, typer.Argument(metavar="ID", help="An identity or a credential, by id or unique name.")],
        read: Estate,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Print what to do; nothing else can be done yet.")
        ] = True,
        since: Annotated[
            str | None, typer.Option("--since", help="Look at what it made from that time on.", show_default=False)
        ] = None,
    ) -> None:
        """List what stops a leaked credential or an identity: keys, sessions, what it made, and what stops with it."""
        from leastwise.app.answers.record import quarantine as told
        from leastwise.app.estate import open_estate
        from leastwise.app.halting import Quarantining, quarantine_values

        if not dry_run:
            raise UsageError("quarantine: only prints what to do")
        estate = open_estate(workspace(read.home, read.database), at_moment(read.at), read.snapshot)
        body = quarantine_values(Quarantining(estate, at_moment(since)).of(id))
        whole = told(estate, body)
        if read.form is Format.JSON:
            emit_json(whole)
            return
        if read.form is Format.CSV:
            emit(read.form, {}, body["steps"], {}, "", ("does", "on", "why", "command", "inverse", "after_days"))
            return
        print("\n".join(printable(line) for line in _quarantined(body)))
        print(printable(estate_line(whole["estate"], whole["coverage"])))


def _quarantined(body: Mapping[str, Any]) -> Iterator[str]:
    from leastwise.app.wording import number_of

    stop = f"{number_of(body['stops'], 'job')} {'stops' if body['stops'] == 1 else 'stop'}"
    yield f"{body['subject']}: {number_of(len(body['keys']), 'key')}, {stop}."
    if body["protected"]:
        yield "  WARNING: estate.yaml names it as break-glass: who stops it may lock everybody out in an emergency"
    yield from _steps(body["steps"])
    for one in body["running"]:
        told = "stops" if one["regular"] else "is no regular use"
        program = " ".join(part for part in (one["program"], one["workload"]) if part)
        often = f"{one['calls']} calls on {one['days']} days, last {one['last']}"
        yield f"  {told}: {program} from {one['network']}, {often}"
    yield from (f"  note: {one}" for one in body["notes"])


def _plans(app: typer.Typer) -> None:
    @app.command("list")
    @spread
    def listed(
        read: Home,
        owner: Annotated[str | None, typer.Option(help="Only of this owner; * and ?.", show_default=False)] = None,
        account: Annotated[str | None, typer.Option(help="Only of this account.", show_default=False)] = None,
        ready: Annotated[
            bool | None,
            typer.Option("--ready/--not-ready", help="Only those that can, or cannot, be made as they are."),
        ] = None,
    ) -> None:
        """List the saved plans, those that take away most first."""
        from leastwise.app.answers.plans import plans
        from leastwise.app.plans import Narrow

        body = plans(workspace(read.home, read.database), Narrow(owner, account, ready))
        emit(read.form, body, body["items"], _LIST, f"{body['total']} plans.", _NAMES)

    @app.command()
    @spread
    def show(plan: Annotated[str, typer.Argument(help="Id of a plan, or its beginning.")], read: Home) -> None:
        """Show a saved plan."""
        from leastwise.app.plans import one_of

        found = one_of(workspace(read.home, read.database), plan)
        if read.form is Format.TABLE:
            print("\n".join(printable(line) for line in _lines(found)))
        else:
            emit(read.form, found, [found], {}, "", _NAMES)

    @app.command()
    @spread
    def verify(plan: Annotated[str, typer.Argument(help="File of a plan, or its id.")], read: Home) -> None:
        """Make the proof of a plan again, from what it holds alone; exit code 1 when something does not hold."""
        from leastwise.app.answers.plans import verified

        body, failed = verified(workspace(read.home, read.database), plan)
        items = body["items"]
        columns = {"claim": "Claim", "holds": "Holds", "why": "Because"}
        told = f"{failed} of {len(items)} claims do not hold."
        emit(read.form, body, items, columns, told, tuple(columns))
        if failed:
            raise typer.Exit(1)
