"""`leastwise import`."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from ..options import DatabaseOption, Format, FormatOption, HomeOption, moment, workspace
from ..render import emit, progress


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("import")
    def import_command(
        paths: Annotated[list[Path], typer.Argument(help="Exported files and folders.", show_default=False)],
        provider: Annotated[str | None, typer.Option(help="Provider; default: recognised.", show_default=False)] = None,
        taken: Annotated[
            str | None,
            typer.Option(help="When the export was taken; default: the newest file of each scope.", show_default=False),
        ] = None,
        replace: Annotated[
            bool, typer.Option("--replace", help="Do not carry over what the scope's last snapshot has besides.")
        ] = False,
        form: FormatOption = Format.TABLE,
        home: HomeOption = None,
        database: DatabaseOption = None,
    ) -> None:
        """Import exported files into new snapshots, one a scope; nothing is kept of an import that fails."""
        from leastwise.app.importing import import_paths

        collected = gc.isenabled()
        gc.disable()
        try:
            with progress(form) as report:
                done = import_paths(
                    workspace(home, database), paths, moment(taken, "--taken"), provider, replace, report
                )
            # What the import leaves lives to the end: the collector need not walk through it for the answer.
            gc.freeze()
        finally:
            if collected:
                gc.enable()
        rows = [
            {
                "scope": one.manifest.scope.key,
                "snapshot": one.manifest.id,
                "time": one.manifest.time.isoformat(),
                "state": str(one.manifest.state),
                "new": one.new,
                "principals": one.rows.get("principals", 0),
                "policies": one.rows.get("policies", 0),
                "resources": one.rows.get("resources", 0),
                "gaps": one.gaps,
            }
            for one in done
        ]
        columns = {
            "scope": "Scope", "snapshot": "Snapshot", "state": "State", "new": "New", "principals": "Principals",
            "policies": "Policies", "resources": "Resources", "gaps": "Gaps",
        }  # fmt: skip
        names = ("scope", "snapshot", "time", *[name for name in columns if name not in ("scope", "snapshot")])
        emit(form, {"items": rows}, rows, columns, "", names)
