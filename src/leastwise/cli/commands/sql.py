"""`leastwise sql`: questions in SQL."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leastwise.errors import InputError, UsageError

from ..options import Estate, Format, at_moment, spread, workspace
from ..render import emit, estate_line
from ..streams import emit_rows

if TYPE_CHECKING:
    from leastwise.app.sql import Rows

_SHOWN = 200
_LISTED = {"view": "View", "column": "Column", "kind": "Kind", "says": "Says"}
_LISTED_NAMES = ("view", "column", "kind", "optional", "says", "row")


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("sql")
    @spread
    def sql_command(
        estate: Estate,
        query: Annotated[
            str | None, typer.Argument(metavar="QUERY", help="One SELECT; with --list: a view.", show_default=False)
        ] = None,
        file: Annotated[
            Path | None, typer.Option("--file", help="Read the query from a file.", show_default=False)
        ] = None,
        param: Annotated[
            list[str] | None,
            typer.Option("--param", help="NAME=VALUE for $NAME in the query, a text; may be repeated.",
                         show_default=False),
        ] = None,
        window: Annotated[
            str | None,
            typer.Option("--window", help="Days of gap, creep and dormant, as in 90d (the default).",
                         show_default=False),
        ] = None,
        principal: Annotated[
            list[str] | None,
            typer.Option("--principal", help="Work out the view gap of that one only; may be repeated.",
                         show_default=False),
        ] = None,
        limit: Annotated[
            int | None,
            typer.Option("--limit", min=0, help="At most so many rows; 0: all. Tables: 200, else all.",
                         show_default=False),
        ] = None,
        listing: Annotated[bool, typer.Option("--list", help="List views and columns, and what they mean.")] = False,
    ) -> None:  # fmt: skip
        """Ask in SQL: one SELECT over views of the estate, its use and its findings; read-only."""
        if listing:
            _list(estate.form, query)
            return
        _ask(estate, _text(query, file), param or [], window, principal or [], limit)


def _text(query: str | None, file: Path | None) -> str:
    if (query is None) == (file is None):
        raise UsageError("sql: give a query, or --file with one; leastwise sql --list tells what can be asked")
    if file is None:
        assert query is not None
        return query
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(file, error.strerror or str(error)) from None
    except UnicodeDecodeError as error:
        raise InputError(file, "is no UTF-8 text", f"byte {error.start}") from None


def _ask(
    estate: Estate, text: str, param: list[str], window: str | None, principal: list[str], limit: int | None
) -> None:
    from leastwise.app.sql import asked, parameters
    from leastwise.app.sql_views import Sources

    def note(told: str) -> None:
        if sys.stderr.isatty():
            print(f"leastwise: {told} ...", file=sys.stderr)

    here = workspace(estate.home, estate.database)
    sources = Sources(here, at_moment(estate.at), estate.snapshot, window, tuple(principal), note)
    with asked(sources, text, parameters(param)) as answer:
        _print(estate.form, answer, limit)


def _print(form: Format, answer: Rows, limit: int | None) -> None:
    most = (_SHOWN if form is Format.TABLE else 0) if limit is None else limit
    rows = list(islice(answer.rows, most)) if form is Format.TABLE and most else answer.rows
    shown = rows if form is Format.TABLE and most else islice(answer.rows, most) if most else rows
    footer = []
    if form is Format.TABLE and most and next(answer.rows, None) is not None:
        footer.append(f"The first {most} rows; --limit 0 prints all.")
    if answer.estate is not None:
        footer.append(estate_line(answer.estate, answer.coverage))
    columns = [{"name": name, "type": kind} for name, kind in zip(answer.names, answer.types, strict=True)]
    head: dict[str, Any] = {"estate": answer.estate, "columns": columns}
    emit_rows(form, head, answer.names, shown, {"next": None, "coverage": answer.coverage}, "\n".join(footer))


def _list(form: Format, view: str | None) -> None:
    from leastwise.app.sql import listed

    found = listed(view)
    told = len({one["view"] for one in found})
    footer = f"One row is {found[0]['row']}." if view is not None else f"{told} views."
    emit(form, {"items": found, "next": None}, found, _LISTED, footer, _LISTED_NAMES)
