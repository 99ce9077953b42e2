"""`leastwise snapshots list|show|verify|delete|retain|accept-database|accept-key`."""

from __future__ import annotations

from typing import Annotated

import typer

from ..options import DatabaseOption, Format, FormatOption, HomeOption, workspace
from ..render import emit, emit_json

_COLUMNS = {"id": "Snapshot", "scope": "Scope", "time": "Time", "state": "State", "bytes": "Bytes", "reason": "Reason"}
_NAMES = (
    "id", "provider", "kind", "scope", "time", "committed", "state", "bytes", "engine_version", "schema_version",
    "reason", "hash",
)  # fmt: skip
_PROBLEM = {"snapshot": "Snapshot", "file": "File", "cause": "Cause"}
Name = Annotated[str, typer.Argument(help="Id, or a unique beginning of it.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Snapshots: list, show, verify, delete, retain.", no_args_is_help=True)
    app.add_typer(group, name="snapshots")
    _reading(group)
    _writing(group)


def _reading(group: typer.Typer) -> None:
    @group.command("list")
    def list_command(
        scope: Annotated[str | None, typer.Option(help="PROVIDER:ID.", show_default=False)] = None,
        deleted: Annotated[bool, typer.Option("--deleted", help="With deleted ones.")] = False,
        form: FormatOption = Format.TABLE,
        home: HomeOption = None,
        database: DatabaseOption = None,
    ) -> None:
        """List snapshots, oldest first."""
        from leastwise.app.answers.estate import snapshots

        answer = snapshots(workspace(home, database), scope, deleted=deleted)
        emit(form, answer, answer["items"], _COLUMNS, "", _NAMES)

    @group.command()
    def show(
        name: Name, form: FormatOption = Format.TABLE, home: HomeOption = None, database: DatabaseOption = None
    ) -> None:
        """Show one snapshot with its tables, files and coverage."""
        from leastwise.app.snapshots import show as show_snapshot

        found = show_snapshot(workspace(home, database), name)
        if form is Format.JSON:
            emit_json(found)
            return
        for key in ("id", "scope", "time", "committed", "state", "reason", "sequence", "hash", "previous"):
            typer.echo(f"{key:10} {found[key]}")
        rows = [{"table": key, "rows": value} for key, value in found["tables"].items()]
        emit(form, found, rows, {"table": "Table", "rows": "Rows"}, "", ("table", "rows"))

    @group.command()
    def verify(
        names: Annotated[list[str] | None, typer.Argument(help="Snapshots; default: all.", show_default=False)] = None,
        form: FormatOption = Format.TABLE,
        home: HomeOption = None,
        database: DatabaseOption = None,
    ) -> None:
        """Compare everything stored with what was recorded; exit code 1 if anything differs."""
        from leastwise.app.snapshots import verify as verify_snapshots

        problems = verify_snapshots(workspace(home, database), names or ())
        if problems:
            emit(
                form,
                {"items": problems, "ok": False},
                problems,
                _PROBLEM,
                f"{len(problems)} problems.",
                tuple(_PROBLEM),
            )
            raise typer.Exit(1)
        if form is Format.TABLE:
            typer.echo("Everything is as it was recorded.")
        else:
            emit(form, {"items": [], "ok": True}, [], _PROBLEM, "", tuple(_PROBLEM))


def _writing(group: typer.Typer) -> None:
    @group.command()
    def delete(
        name: Name,
        reason: Annotated[str, typer.Option(help="Why; stays in the chain.", show_default=False)],
        newest: Annotated[bool, typer.Option("--newest", help="Even if it is the newest of its scope.")] = False,
        home: HomeOption = None,
        database: DatabaseOption = None,
    ) -> None:
        """Delete a snapshot's files; a tombstone stays in the chain."""
        from leastwise.app.snapshots import delete as delete_snapshot

        gone = delete_snapshot(workspace(home, database), name, reason, newest)
        typer.echo(f"Deleted {gone['id'].removeprefix('tombstone-')}; its tombstone stays in the chain.")

    @group.command()
    def retain(
        days: Annotated[int | None, typer.Option(min=0, help="Keep DAYS.", show_default=False)] = None,
        last: Annotated[
            int | None, typer.Option(min=1, help="Keep the newest N of a scope.", show_default=False)
        ] = None,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go; delete nothing.")] = False,
        form: FormatOption = Format.TABLE,
        home: HomeOption = None,
        database: DatabaseOption = None,
    ) -> None:
        """Delete what retention no longer covers (settings decide where nothing is given)."""
        from leastwise.app.snapshots import apply_retention

        gone = apply_retention(workspace(home, database), days, last, dry_run)
        columns = {"id": "Snapshot", "scope": "Scope", "time": "Time"}
        if not dry_run:
            columns["reason"] = "Reason"
        footer = f"{len(gone)} {'would be ' if dry_run else ''}deleted."
        emit(form, {"items": gone}, gone, columns, footer, _NAMES)

    @group.command("accept-database")
    def accept_database(home: HomeOption = None, database: DatabaseOption = None) -> None:
        """After a wanted restore or move of the state database: take its chains for true, and it for this home's."""
        from leastwise.app.snapshots import accept_database as accept

        other = accept(workspace(home, database))
        typer.echo("The chains of the database are now the recorded ones.")
        if other:
            typer.echo(f"It belonged to home {other}, which can no longer use it, and belongs to this home now.")

    @group.command("accept-key")
    def accept_key(home: HomeOption = None, database: DatabaseOption = None) -> None:
        """After a wanted loss or exchange of the redaction key: take the one that is there, or make a new one."""
        from leastwise.app.snapshots import accept_key as accept

        accept(workspace(home, database))
        typer.echo("The redaction key is accepted; its hashes compare with none that another key made.")
