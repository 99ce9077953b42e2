"""`leastwise sql`: questions in SQL."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leastwise.errors import InputError, UsageError

from ..options import Estate, Format, SavedOption, SaveOption, at_moment, spread, workspace
from ..render import emit, estate_line
from ..streams import emit_rows

if TYPE_CHECKING:
    from leastwise.app.sql import Rows
    from leastwise.app.wiring import Workspace

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
        save: SaveOption = None,
        saved: SavedOption = None,
        listing: Annotated[bool, typer.Option("--list", help="List views and columns, and what they mean.")] = False,
    ) -> None:  # fmt: skip
        """Ask in SQL: one SELECT over views of the estate, its use and its findings; read-only."""
        if listing:
            _list(estate.form, query)
            return
        here = workspace(estate.home, estate.database)
        asks = {"query": _text(query, file, saved), "param": param, "window": window, "principal": principal}
        _ask(here, estate, asks, limit, save, saved)


def _text(query: str | None, file: Path | None, saved: str | None) -> str | None:
    """The query; None where a saved one is asked."""
    if sum(one is not None for one in (query, file, saved)) != 1:
        told = "give a query, or --file or --saved with one; leastwise sql --list tells what can be asked"
        raise UsageError(f"sql: {told}")
    if file is None:
        return query
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(file, error.strerror or str(error)) from None
    except UnicodeDecodeError as error:
        raise InputError(file, "is no UTF-8 text", f"byte {error.start}") from None


def _ask(
    here: Workspace, estate: Estate, given: dict[str, Any], limit: int | None, save: str | None, saved: str | None
) -> None:
    from leastwise.app.queries import recall
    from leastwise.app.queries import save as keep
    from leastwise.app.sql import asked, parameters
    from leastwise.app.sql_views import Sources

    def note(told: str) -> None:
        if sys.stderr.isatty():
            print(f"leastwise: {told} ...", file=sys.stderr)

    params = parameters(given.pop("param") or [])
    kept = {} if saved is None else recall(here, saved, "sql")
    asks = {name: kept.get(name) if value is None else value for name, value in given.items()}
    asks["params"] = params = {**kept.get("params", {}), **params}
    principals = tuple(asks["principal"] or ())
    sources = Sources(here, at_moment(estate.at), estate.snapshot, asks["window"], principals, note)
    with asked(sources, str(asks["query"]), params) as answer:
        if save is not None:
            keep(here, save, "sql", asks)
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
