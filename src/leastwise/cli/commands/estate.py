"""`leastwise estate check|show`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..options import AtOption, DatabaseOption, Format, FormatOption, HomeOption, at_moment, workspace
from ..render import emit, emit_json, estate_line


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="The estate and its file estate.yaml.", no_args_is_help=True)
    app.add_typer(group, name="estate")

    @group.command()
    def check(
        file: Annotated[
            Path | None, typer.Argument(help="Default: estate.yaml of the home.", show_default=False)
        ] = None,
        form: FormatOption = Format.TABLE,
        home: HomeOption = None,
        database: DatabaseOption = None,
    ) -> None:
        """Validate estate.yaml."""
        from leastwise.app.estate_file import read_estate_file

        path = file or workspace(home, database).estate_path
        found = read_estate_file(path, required=True)
        assert found is not None
        counts = {
            "sources": len(found.sources), "accounts": len(found.accounts), "owners": len(found.owners),
            "crown_jewels": len(found.crown_jewels), "vendors": len(found.vendors),
            "break_glass": len(found.break_glass), "people": len(found.people),
        }  # fmt: skip
        if form is Format.JSON:
            emit_json({"file": str(path), "ok": True, "entries": counts})
        else:
            typer.echo(f"{path} is valid: " + ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in counts.items()))

    @group.command()
    def show(
        form: FormatOption = Format.TABLE, home: HomeOption = None, database: DatabaseOption = None, at: AtOption = None
    ) -> None:
        """List the scopes of the estate: the snapshot in force, its age, and what is stale or unreadable."""
        from leastwise.app.answers.estate import scopes
        from leastwise.app.estate import open_estate

        answer = scopes(open_estate(workspace(home, database), at_moment(at)))
        columns = {"scope": "Scope", "kind": "Kind", "snapshot": "Snapshot", "stale": "Stale", "reason": "Reason"}
        names = ("scope", "kind", "snapshot", "time", "stale", "reason")
        emit(form, answer, answer["items"], columns, estate_line(answer["estate"], answer["coverage"]), names)
