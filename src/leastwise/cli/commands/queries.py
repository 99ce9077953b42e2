"""`leastwise queries list|remove`: what was saved by `sql --save` and `activity --save`."""

from __future__ import annotations

from typing import Annotated

import typer

from ..options import DatabaseOption, Format, FormatOption, HomeOption, workspace
from ..render import emit

_COLUMNS = {"name": "Name", "kind": "Asked by", "asks": "Asks", "saved": "Saved"}


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Saved queries of sql and activity.", no_args_is_help=True)
    app.add_typer(group, name="queries")

    @group.command("list")
    def list_command(
        form: FormatOption = Format.TABLE, home: HomeOption = None, database: DatabaseOption = None
    ) -> None:
        """List the saved queries and what they ask."""
        from leastwise.app.answers.record import queries

        answer = queries(workspace(home, database))
        emit(form, answer, answer["items"], _COLUMNS, "", tuple(_COLUMNS))

    @group.command("remove")
    def remove_command(
        name: Annotated[str, typer.Argument(help="Saved query.", show_default=False)],
        home: HomeOption = None,
        database: DatabaseOption = None,
    ) -> None:
        """Forget a saved query."""
        from leastwise.app.queries import remove

        remove(workspace(home, database), name)
        typer.echo(f"{name} is forgotten.")
