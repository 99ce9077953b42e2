"""Answers as tables, JSON or CSV. Colour and progress only on a terminal, never with NO_COLOR."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from .options import Format

Rows = Sequence[Mapping[str, Any]]
# A cell that a spreadsheet would run as a formula is shown as text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def emit(
    form: Format, answer: Mapping[str, Any], rows: Rows, columns: Mapping[str, str], footer: str = "", title: str = ""
) -> None:
    """Print an answer: the whole of it as JSON, its rows as CSV, the chosen columns (name → heading) as a table."""
    if form is Format.JSON:
        emit_json(answer)
    elif form is Format.CSV:
        emit_csv(rows)
    else:
        emit_table(rows, columns, footer, title)


def emit_json(answer: object) -> None:
    """Print a value as JSON, two spaces deep."""
    print(json.dumps(answer, indent=2, ensure_ascii=False, default=str))


def emit_csv(rows: Rows) -> None:
    """Print rows as CSV with a header; lists are joined by `;`, and no cell can become a formula."""
    if not rows:
        return
    names = list(rows[0])
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_safe(_text(row.get(name))) for name in names])


def emit_table(rows: Rows, columns: Mapping[str, str], footer: str = "", title: str = "") -> None:
    """Print rows as a table, and the footer below it."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False)
    for heading in columns.values():
        table.add_column(heading, overflow="fold")
    for row in rows:
        # Text objects: names and policies come from outside and must not be read as markup.
        table.add_row(*(Text(_printable(_text(row.get(name)))) for name in columns))
    console = _console()
    if rows:
        console.print(table)
    else:
        print("Nothing matches.")
    if footer:
        print(footer)


def _console() -> Any:
    from rich.console import Console

    width = None if sys.stdout.isatty() else int(os.environ.get("COLUMNS", "200"))
    return Console(highlight=False, width=width, no_color="NO_COLOR" in os.environ or not sys.stdout.isatty())


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "; ".join(_text(one) for one in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{key}={_text(one)}" for key, one in value.items())
    return str(value)


def _printable(text: str) -> str:
    """Without control characters: a name must not move the cursor of whoever reads it."""
    return "".join(c if c.isprintable() else "�" for c in text)


def _safe(text: str) -> str:
    return "'" + text if text.startswith(_FORMULA) else text


@contextmanager
def progress(form: Format = Format.TABLE) -> Iterator[Callable[[str, int, int], None] | None]:
    """A progress line on standard error while it is a terminal, else None."""
    if not sys.stderr.isatty() or form is not Format.TABLE:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    shown = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True, no_color="NO_COLOR" in os.environ),
        transient=True,
    )
    with shown:
        task = shown.add_task("Reading", total=None)

        def report(what: str, done: int, total: int) -> None:
            shown.update(task, description=_printable(what)[:70], completed=done, total=total or None)

        yield report


@contextmanager
def collecting(form: Format = Format.TABLE) -> Iterator[Callable[[str, Any], None] | None]:
    """A line that says how far a collection is, on standard error while it is a terminal, else None."""
    with progress(form) as report:
        if report is None:
            yield None
            return

        def step(title: str, one: Any) -> None:
            made = sum(one.calls.values())
            refused = made - one.calls.get("ok", 0)
            report(
                f"{title}: {one.scopes_done}/{one.scopes} scopes, {made} calls, {refused} not ok",
                made,
                made + one.waiting,
            )

        yield step


def estate_line(header: Mapping[str, Any], coverage: Mapping[str, Any] | None = None) -> str:
    """How old the answer's oldest part is, which scopes are stale or unreadable, and how many gaps there are."""
    if not header["snapshots"]:
        return "The estate is empty: nothing was imported yet (leastwise import PATH)."
    parts = [f"Estate of {header['time'][:16]}Z, oldest part {header['oldest'][:16]}Z"]
    if header["stale"]:
        parts.append(f"stale: {', '.join(header['stale'])}")
    if coverage and coverage.get("unreadable"):
        parts.append(f"not readable: {', '.join(coverage['unreadable'])}")
    if coverage and coverage.get("gaps"):
        parts.append(f"{coverage['gaps']} collection gaps (leastwise coverage --gaps)")
    return "; ".join(parts) + "."
