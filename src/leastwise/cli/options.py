"""Options that many commands share, and how their texts become values.

A group of options is a frozen dataclass whose fields are annotated options; `spread` makes a command take them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from leastwise.app.moments import moment as moment
from leastwise.errors import UsageError

if TYPE_CHECKING:
    from leastwise.app.wiring import Workspace


class Format(StrEnum):
    """How a command prints its answer."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class PathFormat(StrEnum):
    """How paths are printed: as other answers, or as pictures."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    DOT = "dot"
    GRAPHML = "graphml"
    HTML = "html"
    OPENGRAPH = "opengraph"


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
WithOption = Annotated[
    Path | None, typer.Option("--with", help="Ask what if: a file of changes to the estate.", show_default=False)
]
ContextOption = Annotated[
    list[str] | None,
    typer.Option("--context", help="KEY=VALUE of the request; may be repeated, also for several values.",
                 show_default=False),
]  # fmt: skip
StrictOption = Annotated[bool, typer.Option("--strict", help="Keys that are not given are absent, instead of unknown.")]
SessionOption = Annotated[
    list[Path] | None, typer.Option("--session-policy", help="File of a session policy.", show_default=False)
]
EndpointOption = Annotated[
    str | None, typer.Option("--endpoint", help="VPC endpoint that the request comes through.", show_default=False)
]
SaveOption = Annotated[str | None, typer.Option("--save", help="Keep the query under this name.", show_default=False)]
SavedOption = Annotated[
    str | None, typer.Option("--saved", help="Ask what was kept under this name.", show_default=False)
]
ProfileOption = Annotated[str | None, typer.Option("--profile", help="Start with that profile.", show_default=False)]
ExternalIdOption = Annotated[
    str | None, typer.Option("--external-id", help="External id of the role.", show_default=False)
]


@dataclass(frozen=True, slots=True)
class Home:
    """Which home, and how to print."""

    form: FormatOption = Format.TABLE
    home: HomeOption = None
    database: DatabaseOption = None


@dataclass(frozen=True, slots=True)
class Estate(Home):
    """Which estate of a home."""

    at: AtOption = None
    snapshot: SnapshotOption = None


@dataclass(frozen=True, slots=True)
class Asked(Estate):
    """Which estate a question about access is put to, and with which changes."""

    overlay: WithOption = None


@dataclass(frozen=True, slots=True)
class Read:
    """The same for a command that prints in more ways than others."""

    home: HomeOption = None
    database: DatabaseOption = None
    at: AtOption = None
    snapshot: SnapshotOption = None
    overlay: WithOption = None


@dataclass(frozen=True, slots=True)
class Request:
    """What a question about access says besides who, what and where."""

    context: ContextOption = None
    strict: StrictOption = False
    session: SessionOption = None
    endpoint: EndpointOption = None


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """The command with a parameter that is a group of options replaced by those options, for Typer to read."""
    hints = get_type_hints(command, include_extras=True)
    given = inspect.signature(command).parameters
    groups = {name: hint for name, hint in hints.items() if isinstance(hint, type) and is_dataclass(hint)}
    parameters: list[inspect.Parameter] = []
    for name, one in given.items():
        if name not in groups:
            parameters.append(one.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY))
            continue
        known = get_type_hints(groups[name], include_extras=True)
        parameters += [
            inspect.Parameter(
                field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=known[field.name]
            )
            for field in fields(groups[name])
        ]

    @wraps(command)
    def taken(**values: Any) -> None:
        made = {
            name: group(**{field.name: values.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        command(**values, **made)

    taken.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    taken.__annotations__ = {one.name: one.annotation for one in parameters}
    return taken


def workspace(home: Path | None, database: str | None) -> Workspace:
    """The workspace of a command."""
    from leastwise.app.wiring import Workspace

    return Workspace(home, database)


def listed(text: str | None) -> list[str]:
    """What an option of several values, as in `a,b`, names."""
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def at_moment(text: str | None) -> datetime | None:
    """The value of `--at`."""
    return moment(text, "--at", end_of_day=True)


def at_day(text: str | None) -> date | None:
    """The day that a bare date as the value of `--at` means; None for a time. Raises UsageError."""
    found = at_moment(text)
    return found.date() if text is not None and found is not None and len(text) == 10 else None
