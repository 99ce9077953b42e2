"""`leastwise activity`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from leastwise.errors import UsageError

from ..options import Format, Home, SavedOption, SaveOption, moment, spread, workspace
from ..render import emit

if TYPE_CHECKING:
    from leastwise.app.wiring import Workspace

_SHOWN = {
    "time": "Time", "principal": "Principal", "session": "Session", "name": "Operation", "permission": "Permission",
    "resource": "Resource", "outcome": "Outcome", "ip": "Address", "workload": "Workload", "credential": "Credential",
    "region": "Region", "agent": "Agent",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("activity")
    @spread
    def activity_command(
        subject: Annotated[
            str | None,
            typer.Argument(
                metavar="P|CREDENTIAL|RESOURCE",
                help="Principal, credential, resource, workload, session or event.",
                show_default=False,
            ),
        ] = None,
        *,
        home: Home,
        begin: Annotated[str | None, typer.Option("--from", help="Not before this time.", show_default=False)] = None,
        end: Annotated[str | None, typer.Option("--to", help="Not after this time.", show_default=False)] = None,
        ip: Annotated[
            str | None, typer.Option("--ip", help="From here: address or network.", show_default=False)
        ] = None,
        denied: Annotated[bool, typer.Option("--denied", help="Only what was denied.")] = False,
        limit: Annotated[
            int | None,
            typer.Option("--limit", help="At most so many, the newest; 0: all. Else 200.", show_default=False),
        ] = None,
        save: SaveOption = None,
        saved: SavedOption = None,
    ) -> None:
        """What was done by somebody, with a credential or to a resource: stored events, the newest first."""
        from leastwise.app.activity import COLUMNS, activity
        from leastwise.app.answers.record import activity as told

        here = workspace(home.home, home.database)
        given = {"subject": subject, "from": begin, "to": end, "ip": ip, "denied": denied or None, "limit": limit}
        asks = _asked(here, given, saved)
        most = 200 if asks["limit"] is None else int(asks["limit"])
        if most < 0:
            raise UsageError("--limit: is less than 0")
        if asks["subject"] is None:
            raise UsageError("activity: name a principal, a credential or a resource, or --saved with a saved query")
        found = activity(
            here, asks["subject"], moment(asks["from"], "--from"),
            moment(asks["to"], "--to", end_of_day=True), asks["ip"], bool(asks["denied"]), most,
        )  # fmt: skip
        if save is not None:
            from leastwise.app.queries import save as keep

            keep(here, save, "activity", asks)
        footer = f"{len(found.items)} of {found.total} events." if found.total else ""
        if home.form is Format.TABLE and not found.total:
            footer = "What the lake holds: leastwise events --status."
        emit(home.form, told(found), found.items, _SHOWN, footer, COLUMNS)


def _asked(here: Workspace, given: dict[str, Any], saved: str | None) -> dict[str, Any]:
    """What is given, and besides what a saved query says."""
    if saved is None:
        return given
    from leastwise.app.queries import recall

    kept = recall(here, saved, "activity")
    return {name: kept.get(name) if value is None else value for name, value in given.items()}
