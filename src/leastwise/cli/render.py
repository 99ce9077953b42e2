"""Answers as tables, JSON or CSV. Colour and progress only on a terminal, never with NO_COLOR."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from leastwise.app.answers.cells import cell_text, safe_cell

from .options import Format

Rows = Sequence[Mapping[str, Any]]
_WIDTH, _FOLDED = 200, 24
# C1 controls and bidirectional overrides; JSON escapes C0 itself.
_INVISIBLE = re.compile("[\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]")


def emit(
    form: Format, answer: Mapping[str, Any], rows: Rows, columns: Mapping[str, str], footer: str,
    names: Sequence[str],
) -> None:  # fmt: skip
    """Print an answer: the whole of it as JSON, its rows as CSV, the chosen columns (name → heading) as a table.

    `names` are the columns of the CSV, the same whatever the rows hold.
    """
    if form is Format.JSON:
        emit_json(answer)
    elif form is Format.CSV:
        emit_csv(rows, names)
    else:
        emit_table(rows, columns, footer)


def emit_json(answer: object) -> None:
    """Print a value as JSON, two spaces deep; what could move a cursor or turn text around is escaped."""
    _print_json(json.dumps(answer, indent=2, ensure_ascii=False, default=str))


def emit_json_line(answer: object) -> None:
    """Print a value as JSON on one line, with the same escapes."""
    _print_json(json.dumps(answer, ensure_ascii=False, default=str))


def _print_json(text: str) -> None:
    print(json_text(text))


def json_text(text: str) -> str:
    """JSON with what could move a cursor or turn text around escaped."""
    return _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def emit_csv(rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> None:
    """Print these columns of rows as CSV with a header; lists are joined by `;`, and no cell can become a formula."""
    shown = printable if sys.stdout.isatty() else str
    writer = csv.writer(_Lines())
    writer.writerow(names)
    for row in rows:
        writer.writerow([shown(safe_cell(cell_text(row.get(name)))) for name in names])


class _Lines:
    """Standard output for a writer of CSV: its `\\r\\n`, for which it quotes both characters, ends a line as usual."""

    def write(self, row: str) -> int:
        return sys.stdout.write(row.removesuffix("\r\n") + "\n")


def emit_table(rows: Rows, columns: Mapping[str, str], footer: str = "") -> None:
    """Print rows as a table, and the footer below it."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    console = _console()
    cells = [[printable(cell_text(row.get(name))) for name in columns] for row in rows]
    headings = list(columns.values())
    kept = _fitting(headings, cells, console.width)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for number in kept:
        table.add_column(headings[number], overflow="fold")
    for line in cells:
        # Text objects: names and policies come from outside and must not be read as markup.
        table.add_row(*(Text(line[number]) for number in kept))
    if len(kept) < len(headings):
        hidden = ", ".join(heading for number, heading in enumerate(headings) if number not in kept)
        footer = f"{footer}\nToo narrow for: {hidden}.".strip()
    if rows:
        console.print(table)
    else:
        print("Nothing matches.")
    if footer:
        print("\n".join(printable(line) for line in footer.split("\n")))


def _fitting(headings: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> list[int]:
    """Columns that a window has room for, from the left; long cells are folded, empty columns go first."""
    widths = [
        max(len(heading), min(_FOLDED, max((len(line[number]) for line in cells), default=0)))
        for number, heading in enumerate(headings)
    ]
    kept = list(range(len(headings)))

    def fits() -> bool:
        return sum(widths[number] + 3 for number in kept) <= width or len(kept) < 2

    for number in reversed(range(len(headings))):
        if not fits() and not any(line[number] for line in cells):
            kept.remove(number)
    while not fits():
        kept.pop()
    return kept


def _console() -> Any:
    from rich.console import Console

    asked = os.environ.get("COLUMNS", "")
    width = None if sys.stdout.isatty() else int(asked) if asked.isdecimal() and int(asked) >= 20 else _WIDTH
    return Console(highlight=False, width=width, no_color="NO_COLOR" in os.environ or not sys.stdout.isatty())


def printable(text: str) -> str:
    """Without control characters: a name must not move the cursor of whoever reads it."""
    return "".join(c if c.isprintable() else "�" for c in text)


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
            shown.update(task, description=printable(what)[:70], completed=done, total=total or None)

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
        later = header["later"]
        why = (
            f"all {later} snapshots are of a later time"
            if later
            else "nothing was imported yet (leastwise import PATH)"
        )
        return f"The estate is empty: {why}."
    parts = [f"Estate of {header['time'][:16]}Z, oldest part {header['oldest'][:16]}Z"]
    if header["stale"]:
        parts.append(f"stale: {', '.join(header['stale'])}")
    if coverage and coverage.get("unreadable"):
        parts.append(f"not readable: {', '.join(coverage['unreadable'])}")
    if coverage and coverage.get("unasked"):
        parts.append(f"not asked: {', '.join(coverage['unasked'])}")
    if coverage and coverage.get("gaps"):
        parts.append(f"{coverage['gaps']} collection gaps (leastwise coverage --gaps)")
    if header.get("overlay"):
        parts.append(f"with {header['overlay']['changes']} changes of {header['overlay']['file']}")
    return "; ".join(parts) + "."
