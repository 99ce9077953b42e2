"""`leastwise settings list|set`."""

from __future__ import annotations

from typing import Annotated

import typer

from ..options import DatabaseOption, Format, FormatOption, HomeOption, workspace
from ..render import emit

_COLUMNS = {"name": "Setting", "value": "Value", "meaning": "Meaning"}


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Stored settings: retention and legal hold.", no_args_is_help=True)
    app.add_typer(group, name="settings")

    @group.command("list")
    def list_command(
        form: FormatOption = Format.TABLE, home: HomeOption = None, database: DatabaseOption = None
    ) -> None:
        """List the settings, their values and their meaning."""
        from leastwise.app.settings import rows

        found = rows(workspace(home, database))
        emit(form, {"items": found}, found, _COLUMNS, "", tuple(_COLUMNS))

    @group.command("set")
    def set_command(
        name: Annotated[str, typer.Argument(help="Setting.", show_default=False)],
        value: Annotated[str, typer.Argument(help="Value, or none for the default.", show_default=False)],
        home: HomeOption = None,
        database: DatabaseOption = None,
    ) -> None:
        """Set a setting."""
        from leastwise.app.settings import change

        change(workspace(home, database), name, value)
        typer.echo(f"{name} is set.")
