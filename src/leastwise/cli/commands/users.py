"""`leastwise users list|add|token` and `leastwise audit list|verify`: for servers without a page at hand."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ..options import DatabaseOption, Format, FormatOption, HomeOption, workspace
from ..render import emit

if TYPE_CHECKING:
    from leastwise.app.record import By

_USERS = {"id": "User", "name": "Name", "origin": "Origin", "active": "Active", "duties": "Duties"}
_AUDIT = {
    "sequence": "Row", "time": "Time", "actor": "Actor", "action": "Action", "subject": "Subject", "outcome": "Outcome",
}  # fmt: skip
_AUDIT_NAMES = ("sequence", "time", "actor", "via", "address", "request", "action", "subject", "outcome", "hash")
DutyOption = Annotated[
    list[str] | None, typer.Option("--duty", help="DUTY, or DUTY@PLACE; may be repeated.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add the groups."""
    _users(app)
    _audit(app)


def _users(app: typer.Typer) -> None:
    group = typer.Typer(help="Users of the server.", no_args_is_help=True)
    app.add_typer(group, name="users")

    @group.command("list")
    def list_command(
        form: FormatOption = Format.TABLE, home: HomeOption = None, database: DatabaseOption = None
    ) -> None:
        """List users, with their duties."""
        from leastwise.app.accounts import rows

        found = rows(workspace(home, database))
        shown = [one | {"duties": [f"{held['duty']}@{held['place']}" for held in one["duties"]]} for one in found]
        emit(form, {"items": found, "next": None}, shown, _USERS, "", tuple(_USERS))

    @group.command()
    def add(
        name: Annotated[str, typer.Argument(help="Name to sign in with.", show_default=False)],
        duty: DutyOption = None,
        home: HomeOption = None,
        database: DatabaseOption = None,
    ) -> None:
        """Add a user; the password is the first line of standard input, or asked for."""
        from leastwise.app.accounts import add as add_user
        from leastwise.app.accounts import read_duties

        given = read_duties(duty or [])
        made = add_user(workspace(home, database), _by(), name, _password(), given)
        typer.echo(f"User {made.name} is added ({made.id}).")

    @group.command()
    def token(
        user: Annotated[str, typer.Argument(help="Id or name of the user.", show_default=False)],
        right: Annotated[list[str], typer.Option("--right", help="A right; may be repeated.", show_default=False)],
        name: Annotated[str, typer.Option(help="What it is for.")] = "command line",
        place: Annotated[
            list[str] | None, typer.Option("--place", help="PROVIDER:ACCOUNT; default: all.", show_default=False)
        ] = None,
        days: Annotated[int, typer.Option(help="How long it lasts.")] = 90,
        home: HomeOption = None,
        database: DatabaseOption = None,
    ) -> None:
        """Make an API token for a user, and print it: this once."""
        from leastwise.app.tokens import make, owner_of

        opened = workspace(home, database)
        made = make(opened, _by(), owner_of(opened, user), name, right, place or ["*"], days)
        typer.echo(made["secret"])


def _audit(app: typer.Typer) -> None:
    group = typer.Typer(help="The record of sign-ins, refusals and changes.", no_args_is_help=True)
    app.add_typer(group, name="audit")

    @group.command("list")
    def list_command(
        limit: Annotated[int, typer.Option(min=1, max=1000, help="Rows.")] = 100,
        cursor: Annotated[str | None, typer.Option(help="Where to go on.", show_default=False)] = None,
        actor: Annotated[str | None, typer.Option(help="Of that name.", show_default=False)] = None,
        form: FormatOption = Format.TABLE,
        home: HomeOption = None,
        database: DatabaseOption = None,
    ) -> None:
        """List the record, newest first."""
        from leastwise.app.record import page
        from leastwise.errors import UsageError

        if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
            raise UsageError(f"--cursor {cursor!r}: is none")
        found = page(workspace(home, database), limit, None if cursor is None else int(cursor), actor)
        emit(form, found, found["items"], _AUDIT, "", _AUDIT_NAMES)

    @group.command()
    def verify(form: FormatOption = Format.TABLE, home: HomeOption = None, database: DatabaseOption = None) -> None:
        """Hold every row against its hash and the row before it; exit code 1 if anything differs."""
        from leastwise.app.record import verify as verify_record

        found = verify_record(workspace(home, database))
        rows = [{"fault": one} for one in found["faults"]]
        if form is Format.TABLE and not rows:
            typer.echo("Every row is as it was written.")
            return
        emit(form, found, rows, {"fault": "Fault"}, "", ("fault",))
        if rows:
            raise typer.Exit(1)


def _password() -> str:
    """The first line of standard input; where that is a terminal, what is typed there unseen."""
    if sys.stdin is not None and sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n") if sys.stdin is not None else ""


def _by() -> By:
    import getpass

    from leastwise.app.record import By

    try:
        return By(getpass.getuser(), "cli")
    except (KeyError, OSError):
        return By("", "cli")
