"""`leastwise history`."""

from __future__ import annotations

from typing import Annotated

import typer

from ..options import Estate, Format, at_moment, spread, workspace
from ..render import emit

_SHOWN = {
    "at": "Time", "what": "What", "verb": "Change", "subject_name": "Of", "object_name": "In", "by": "By",
    "session": "Session", "source_identity": "Begun by",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("history")
    @spread
    def history_command(
        subject: Annotated[
            str,
            typer.Argument(
                metavar="P|CREDENTIAL|POLICY",
                help="Principal, credential or policy, by id or name.",
                show_default=False,
            ),
        ],
        read: Estate,
    ) -> None:
        """What was changed about somebody or something, by whom: as far as the logs show it, oldest first."""
        from leastwise.app.answers.record import history
        from leastwise.app.estate import open_estate
        from leastwise.app.history import COLUMNS

        answer = history(open_estate(workspace(read.home, read.database), at_moment(read.at), read.snapshot), subject)
        items = answer["items"]
        rows = [
            one
            | {
                "subject_name": one["subject_name"] or one["subject"],
                "object_name": one["object_name"] or one["object"],
            }
            for one in items
        ]
        footer = (
            f"{len(items)} changes." if items else "No change is known. What the lake holds: leastwise events --status."
        )
        emit(read.form, answer, rows if read.form is Format.TABLE else items, _SHOWN, footer, COLUMNS)
