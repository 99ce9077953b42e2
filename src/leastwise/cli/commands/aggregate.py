"""`leastwise aggregate`: events counted by an engine for more than one machine holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leastwise.app.absent import show

from ..options import Home, spread, workspace
from ..render import emit

_SHOWN = {"table": "Table", "rows": "Rows", "sha256": "SHA-256", "same": "As the lake counts", "file": "File"}


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("aggregate")
    @spread
    def aggregate_command(
        home: Home,
        paths: Annotated[
            list[Path] | None,
            typer.Argument(help="Parquet files or folders of events; none: the lake's own.", show_default=False),
        ] = None,
        engine: Annotated[str, typer.Option("--engine", help="duckdb or spark.")] = "duckdb",
        master: Annotated[
            str | None, typer.Option("--master", help="Spark's master, as spark://host:7077.", show_default=False)
        ] = None,
        to: Annotated[
            Path | None, typer.Option("--to", help="Write the tables as Parquet into this folder.", show_default=False)
        ] = None,
    ) -> None:
        """Count events into usage and sightings with DuckDB or Spark, as the lake counts them (extra: scale)."""
        show("pandas")  # Spark and Ibis cannot do without
        from leastwise.app.scaling import aggregate, write

        found = aggregate(workspace(home.home, home.database), paths or [], engine, master)
        files = [str(one) for one in write(found, to)] if to is not None else [""] * len(found)
        rows = [
            {"table": one.name, "rows": one.table.num_rows, "sha256": one.digest, "same": one.same, "file": file}
            for one, file in zip(found, files, strict=True)
        ]
        emit(home.form, {"items": rows, "next": None}, rows, _SHOWN, "", tuple(_SHOWN))
