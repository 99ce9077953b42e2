"""`leastwise conform`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..options import Format, FormatOption, HomeOption, workspace
from ..render import emit_csv, emit_json_line, emit_table, progress

_COUNTED = {
    "by": "By", "name": "Name", "cases": "Cases", "passed": "Passed", "failed": "Failed",
    "unsupported": "Unsupported", "error": "Error",
}  # fmt: skip
_BAD = {"id": "Case", "result": "Result", "expected": "Expected", "got": "Got", "note": "Note"}
_NAMES = ("suite", "id", "source", "result", "expected", "got", "note")


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def conform(
        files: Annotated[
            list[Path], typer.Argument(help="Files of cases, one JSON object a line.", show_default=False)
        ],
        form: FormatOption = Format.TABLE,
        home: HomeOption = None,
    ) -> None:
        """Run test cases that others wrote; exit code 1 if one fails or cannot be read."""
        from leastwise.app.conforming import counted, failing, run_files

        cases = []
        with progress(form) as report:
            for one in run_files(workspace(home, None), files, report):
                cases.append(one)
                if form is Format.JSON:
                    emit_json_line(one.to_json())
        bad = failing(cases)
        if form is Format.CSV:
            emit_csv([one.to_json() for one in cases], _NAMES)
        elif form is Format.TABLE:
            rows = counted(cases)
            said = [row for row in rows if row["by"] == "suite"]
            ended = [
                f"{sum(row[name] for row in said)} {name}" for name in ("passed", "failed", "unsupported", "error")
            ]
            if bad:
                emit_table([one.to_json() for one in bad], _BAD)
            emit_table(rows, _COUNTED, f"{len(cases)} cases: {', '.join(ended)}.")
        if bad:
            raise typer.Exit(1)
