"""`leastwise events`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leastwise.errors import UsageError

from ..options import DatabaseOption, Format, FormatOption, HomeOption, workspace
from ..render import emit, progress

if TYPE_CHECKING:
    from leastwise.app.events import Taken


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("events")
    def events_command(
        paths: Annotated[
            list[Path] | None, typer.Argument(help="Files and folders of audit logs.", show_default=False)
        ] = None,
        status: Annotated[bool, typer.Option("--status", help="Say what the lake holds.")] = False,
        provider: Annotated[str, typer.Option(help="Whose logs they are.")] = "aws",
        form: FormatOption = Format.TABLE,
        home: HomeOption = None,
        database: DatabaseOption = None,
    ) -> None:
        """Take audit logs into the usage lake; each event counts once, what cannot be read is set aside and told."""
        if status == bool(paths):
            raise UsageError("events: name files or folders of logs, or ask with --status what the lake holds")
        if status:
            _status(form, home, database)
        else:
            _take_in(paths or [], provider, form, home, database)


def _take_in(paths: list[Path], provider: str, form: Format, home: Path | None, database: str | None) -> None:
    from leastwise.app.events import take_in

    with progress(form) as report:
        taken = take_in(workspace(home, database), paths, provider, None if report is None else _reporter(report))
    rows = [{"file": file, "place": place, "why": why} for file, place, why in taken.set_aside]
    summary = {
        "files": {
            "found": taken.files, "known": taken.known, "skipped": taken.skipped, "failed": taken.failed,
        },
        "events": {
            "read": taken.events, "new": taken.new, "duplicates": taken.duplicates, "bad": taken.bad,
            "future": taken.future, "furthest": taken.furthest.isoformat() if taken.furthest else None,
        },
    }  # fmt: skip
    columns = {"file": "Set aside", "place": "Place", "why": "Cause"}
    if form is Format.TABLE and not rows:
        print(_said(taken))
        return
    emit(form, {"taken": summary, "items": rows}, rows, columns, _said(taken), tuple(columns))


def _said(taken: Taken) -> str:
    fresh = taken.files - taken.known - taken.skipped - taken.failed
    parts = [f"{fresh} of {taken.files} files taken in"]
    parts += [
        f"{count} {what}"
        for count, what in ((taken.known, "known"), (taken.skipped, "without events"), (taken.failed, "set aside"))
        if count
    ]
    text = ", ".join(parts) + f"; {taken.new} new events, {taken.duplicates} known"
    if taken.bad:
        text += f", {taken.bad} records set aside"
    text += "."
    if taken.furthest is not None:
        text += (
            f"\n{taken.future} events are of the future, up to {taken.furthest.isoformat()[:16]}Z: "
            "a clock is wrong, here or where they were made."
        )
    return text


def _reporter(report: Any) -> Any:
    """The progress line: rate and time left."""
    from time import monotonic

    begun = monotonic()

    def step(taken: Taken, done: int, total: int) -> None:
        spent = max(monotonic() - begun, 1e-3)
        left = spent * (total - done) / done if done else 0.0
        report(f"{taken.events} events, {taken.events / spent:.0f} a second, {left:.0f} s left", done, total)

    return step


def _status(form: Format, home: Path | None, database: str | None) -> None:
    from leastwise.app.events_status import status

    found = status(workspace(home, database))
    columns = {
        "provider": "Provider", "account": "Account", "log": "Log", "events": "Events", "first": "First",
        "last": "Last",
    }  # fmt: skip
    lines = [f"{found['files']['taken']} files, {found['files']['set_aside']} with records set aside or unreadable."]
    lines += [f"Set aside: {one['file']} {one['place']} {one['why']}".rstrip() for one in found["set_aside"][:10]]
    if found["unresolved"]:
        names = ", ".join(f"{one['source']} {one['name']} ({one['events']})" for one in found["unresolved"][:10])
        lines.append(f"{len(found['unresolved'])} names are in no table, their permissions unknown: {names}")
    emit(form, found, found["items"], columns, "\n".join(lines), tuple(columns))
