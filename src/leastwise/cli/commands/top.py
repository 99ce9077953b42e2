"""`leastwise top`: the best actions."""

from __future__ import annotations

from typing import Annotated

import typer

from ..options import Estate, at_moment, spread, workspace
from ..render import emit, estate_line

_COLUMNS = {
    "place": "",
    "do": "Do",
    "cuts": "What it cuts",
    "owners": "Owner",
    "creep": "Creep index",
    "score": "Score",
}
_NAMES = (
    "place", "do", "cuts", "owners", "cut", "drop", "creep", "score", "severity", "cause", "id", "target", "about",
    "findings",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    @spread
    def top(
        read: Estate,
        limit: Annotated[int, typer.Option(min=1, help="So many actions.")] = 5,
        account: Annotated[str | None, typer.Option(help="Only this account.", show_default=False)] = None,
        owner: Annotated[str | None, typer.Option(help="Only this owner; * and ?.", show_default=False)] = None,
    ) -> None:
        """Name the best actions: what to change, what it cuts, whose it is, how far the creep index would fall."""
        from leastwise.app.answers.findings import top as told
        from leastwise.app.posture import Narrow, find
        from leastwise.app.top import actions, rows_of

        here = workspace(read.home, read.database)
        narrow = Narrow(account=account, owner=owner)
        found = find(here, at_moment(read.at), read.snapshot, narrow=narrow)
        made = actions(found, limit)
        answer = told(found, made)
        usage, ending = answer["usage"], estate_line(answer["estate"], answer["coverage"])
        footer = f"{len(made)} actions for {sum(len(one.cause.found) for one in made)} of {len(found.rows)} findings. "
        if not usage["logs"]:
            footer += "Without logs nothing is said of unused permissions (leastwise events). "
        if usage["unasked"]:
            footer += f"Nothing is said of the use of {', '.join(usage['unasked'])}. "
        emit(read.form, answer, list(rows_of(made)), _COLUMNS, footer + ending, _NAMES)
