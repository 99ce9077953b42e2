"""`leastwise activity`."""

from __future__ import annotations

from typing import Annotated

import typer

from leastwise.errors import UsageError

from ..options import Format, Home, moment, spread, workspace
from ..render import emit

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
            str,
            typer.Argument(
                metavar="P|CREDENTIAL|RESOURCE",
                help="Principal, credential, resource, workload, session or event.",
                show_default=False,
            ),
        ],
        home: Home,
        begin: Annotated[str | None, typer.Option("--from", help="Not before this time.", show_default=False)] = None,
        end: Annotated[str | None, typer.Option("--to", help="Not after this time.", show_default=False)] = None,
        ip: Annotated[
            str | None, typer.Option("--ip", help="From here: address or network.", show_default=False)
        ] = None,
        denied: Annotated[bool, typer.Option("--denied", help="Only what was denied.")] = False,
        limit: Annotated[int, typer.Option("--limit", help="At most so many, the newest; 0: all.")] = 200,
    ) -> None:
        """What was done by somebody, with a credential or to a resource: stored events, the newest first."""
        from leastwise.app.activity import COLUMNS, activity

        if limit < 0:
            raise UsageError("--limit: is less than 0")
        found = activity(
            workspace(home.home, home.database), subject, moment(begin, "--from"),
            moment(end, "--to", end_of_day=True), ip, denied, limit,
        )  # fmt: skip
        footer = f"{len(found.items)} of {found.total} events." if found.total else ""
        if home.form is Format.TABLE and not found.total:
            footer = "What the lake holds: leastwise events --status."
        emit(home.form, {"items": found.items, "total": found.total}, found.items, _SHOWN, footer, COLUMNS)
