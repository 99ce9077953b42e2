"""Options that many commands share, and how their texts become values."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leastwise.errors import UsageError

if TYPE_CHECKING:
    from leastwise.app.wiring import Workspace


class Format(StrEnum):
    """How a command prints its answer."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


FormatOption = Annotated[Format, typer.Option("--format", help="How to print the answer.")]


def _home(text: str) -> Path:
    """The value of `--home`. An empty one is an unset variable of the shell, and would mean the current folder."""
    if not text.strip():
        raise UsageError("--home: is empty (an unset variable?); leave it out to use the default home")
    return Path(text)


HomeOption = Annotated[
    Path | None,
    typer.Option("--home", parser=_home, metavar="PATH", help="Home folder (LEASTWISE_HOME).", show_default=False),
]
DatabaseOption = Annotated[
    str | None,
    typer.Option("--database", help="State database URL (LEASTWISE_DATABASE_URL).", show_default=False),
]
AtOption = Annotated[str | None, typer.Option("--at", help="Ask the estate of that time.", show_default=False)]
SnapshotOption = Annotated[str | None, typer.Option("--snapshot", help="Ask that snapshot alone.", show_default=False)]


def workspace(home: Path | None, database: str | None) -> Workspace:
    """The workspace of a command."""
    from leastwise.app.wiring import Workspace

    return Workspace(home, database)


def moment(text: str | None, option: str, end_of_day: bool = False) -> datetime | None:
    """A time given as an ISO 8601 date or time; without an offset it is UTC. Raises UsageError.

    A bare date is its first moment, or with `end_of_day` its last: `--at 2026-03-01` asks for that day's end.
    """
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option}: {text!r} is no date or time, as in 2026-11-01 or 2026-11-01T08:00:00Z") from None
    if end_of_day and len(text) == 10:
        found = found.replace(hour=23, minute=59, second=59, microsecond=999999)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def at_moment(text: str | None) -> datetime | None:
    """The value of `--at`."""
    return moment(text, "--at", end_of_day=True)
