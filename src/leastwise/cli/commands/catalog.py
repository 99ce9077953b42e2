"""`leastwise catalog status|update`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..options import DatabaseOption, Format, FormatOption, HomeOption, workspace
from ..render import emit

_COLUMNS = {
    "provider": "Provider",
    "part": "Part",
    "source": "Source",
    "version": "Version",
    "date": "Date",
    "age_days": "Days old",
    "place": "Place",
    "counts": "Holds",
    "licence": "Licence",
}
_CSV = ("provider", "part", "source", "version", "licence", "date", "compiled", "age_days", "stale", "place", "counts")


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="What vendors publish for everyone: actions, keys, policies.", no_args_is_help=True)
    app.add_typer(group, name="catalog")

    @group.command("status")
    def status_command(
        form: FormatOption = Format.TABLE, home: HomeOption = None, database: DatabaseOption = None
    ) -> None:
        """List the sources of the catalogues in force, their versions and their age."""
        from leastwise.app.catalog import status

        rows, warnings = status(workspace(home, database))
        emit(form, {"items": rows, "warnings": warnings}, rows, _COLUMNS, "\n".join(warnings), _CSV)

    @group.command("update")
    def update_command(
        source: Annotated[
            Path | None, typer.Option("--from", help="Folder or tarball; default: the newest.", show_default=False)
        ] = None,
        snapshot: Annotated[
            str | None, typer.Option(help="Snapshot that holds what the vendor told.", show_default=False)
        ] = None,
        provider: Annotated[str, typer.Option(help="Provider.")] = "aws",
        home: HomeOption = None,
        database: DatabaseOption = None,
    ) -> None:
        """Compile a newer catalogue into the home; the one in force stays when that fails."""
        from leastwise.app.catalog import update

        row = update(workspace(home, database), provider, source, snapshot)
        counts = ", ".join(f"{number} {what.replace('_', ' ')}" for what, number in row["counts"].items())
        typer.echo(f"{row['provider']}: {row['source']} {row['version']} of {row['date']} is in force: {counts}.")
