"""`leastwise can`, `who-can` and `what-can`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leastwise.errors import InputError

from ..options import AtOption, DatabaseOption, Format, FormatOption, HomeOption, SnapshotOption, at_moment, workspace
from ..render import emit, emit_csv, emit_json, estate_line, printable

if TYPE_CHECKING:
    from leastwise.app.asking import Asking
    from leastwise.model.decision import Circumstances, Decision

Action = Annotated[str, typer.Argument(help="Action, as in s3:GetObject.")]
Resource = Annotated[str | None, typer.Argument(help="Resource, or a pattern of resources; left out: any.")]
Context = Annotated[
    list[str] | None,
    typer.Option(help="KEY=VALUE of the request; may be repeated, also for several values.", show_default=False),
]
Strict = Annotated[bool, typer.Option("--strict", help="Keys that are not given are absent, instead of unknown.")]
Session = Annotated[
    list[Path] | None, typer.Option("--session-policy", help="File of a session policy.", show_default=False)
]
Endpoint = Annotated[
    str | None, typer.Option("--endpoint", help="VPC endpoint that the request comes through.", show_default=False)
]
_WHO = {
    "principal": "Principal",
    "kind": "Kind",
    "account": "Account",
    "state": "State",
    "when": "When",
    "chain": "Through",
}
_WHAT = {
    "count": "Actions",
    "permissions": "Permissions",
    "resources": "On",
    "exceptions": "But not",
    "state": "State",
    "when": "When",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    _can(app)
    _who(app)
    _what(app)


def _given(context: list[str] | None, strict: bool, session: list[Path] | None, endpoint: str | None) -> Circumstances:
    from leastwise.app.asking import circumstances

    read = None if session is None else [_document(path) for path in session]
    return circumstances(context or [], strict=strict, session=read, through=endpoint)


def _document(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(path, error.strerror or str(error)) from None
    except (ValueError, RecursionError) as error:
        raise InputError(path, f"is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise InputError(path, "is no policy: not an object")
    return found


def _open(home: Path | None, database: str | None, at: str | None, snapshot: str | None) -> Asking:
    from leastwise.app.asking import open_access

    def note(text: str) -> None:
        if sys.stderr.isatty():
            print(f"leastwise: {text} ...", file=sys.stderr)

    asking = open_access(workspace(home, database), at_moment(at), snapshot, note)
    for warning in asking.warnings:
        print(f"leastwise: {printable(warning)}", file=sys.stderr)
    return asking


def _can(app: typer.Typer) -> None:
    @app.command()
    def can(
        principal: Annotated[
            str, typer.Argument(help="Principal, by its id or unique name; * for an anonymous caller.")
        ],
        action: Action,
        resource: Resource = None,
        context: Context = None,
        strict: Strict = False,
        session: Session = None,
        endpoint: Endpoint = None,
        why: Annotated[bool, typer.Option("--why", help="Name every statement that took part.")] = False,
        form: FormatOption = Format.TABLE,
        home: HomeOption = None,
        database: DatabaseOption = None,
        at: AtOption = None,
        snapshot: SnapshotOption = None,
    ) -> None:
        """Say whether a principal can do an action on a resource, under which condition, and why."""
        from leastwise.app.asking import decision_values

        asking = _open(home, database, at, snapshot)
        decision = asking.access.can(principal, action, resource, _given(context, strict, session, endpoint))
        values = decision_values(decision)
        if form is Format.JSON:
            emit_json(asking.answer(values))
        elif form is Format.CSV:
            emit_csv([values], list(values))
        else:
            _print(decision, asking, why=why)


def _print(decision: Decision, asking: Asking, *, why: bool) -> None:
    """A decision as a person would explain it."""
    from leastwise.app.asking import spoken

    lines = [str(decision.state)]
    if decision.chain:
        lines.append(f"  through {' > '.join(link.name for link in decision.chain)}")
    if decision.residual != ():
        lines.append(f"  when {spoken(decision.residual)}")
    lines += [f"  not known: {one}" for one in decision.missing]
    reasons = decision.reasons if why else decision.reasons[:3]
    lines += [f"  because {reason.text}" for reason in reasons]
    if why:
        lines += [f"    read in {reason.source}" for reason in reasons if reason.source]
    elif len(decision.reasons) > len(reasons):
        lines.append(f"  and {len(decision.reasons) - len(reasons)} more (--why)")
    if not decision.exact:
        lines.append("  (more combinations than are tried; the condition may be impossible, or always met)")
    answer = asking.answer({})
    print("\n".join(printable(line) for line in [*lines, estate_line(answer["estate"], answer["coverage"])]))


def _who(app: typer.Typer) -> None:
    @app.command("who-can")
    def who_can(
        action: Action,
        resource: Resource = None,
        context: Context = None,
        strict: Strict = False,
        session: Session = None,
        endpoint: Endpoint = None,
        transitive: Annotated[
            bool, typer.Option("--transitive", help="Also those who can become one that can, with the chain.")
        ] = False,
        form: FormatOption = Format.TABLE,
        home: HomeOption = None,
        database: DatabaseOption = None,
        at: AtOption = None,
        snapshot: SnapshotOption = None,
    ) -> None:
        """List everybody who can do an action on a resource, those outside the estate included."""
        from leastwise.app.asking import holder_values, spoken

        asking = _open(home, database, at, snapshot)
        given = _given(context, strict, session, endpoint)
        found = asking.access.who_can(action, resource, given, transitive=transitive)
        holders = list(found.holders)
        items = [holder_values(holder) for holder in holders]
        answer = asking.answer({"items": items, "next": None, "missing": list(found.missing)})
        rows = [
            item
            | {
                "when": spoken(holder.residual) if holder.residual != () else "; ".join(holder.missing),
                "chain": " > ".join(link.name for link in holder.chain),
            }
            for item, holder in zip(items, holders, strict=True)
        ]
        footer = f"{len(items)} principals. {estate_line(answer['estate'], answer['coverage'])}"
        footer += "".join(f"\nPerhaps others: {one}" for one in (*found.missing, *_unread(answer)))
        emit(form, answer, rows if form is not Format.JSON else items, _WHO, footer, list(_WHO))


def _unread(answer: dict[str, Any]) -> list[str]:
    return [f"{scope} could not be read" for scope in answer["coverage"]["unreadable"]]


def _what(app: typer.Typer) -> None:
    @app.command("what-can")
    def what_can(
        principal: Annotated[str, typer.Argument(help="Principal, by its id or unique name.")],
        resource: Resource = None,
        context: Context = None,
        strict: Strict = False,
        session: Session = None,
        endpoint: Endpoint = None,
        form: FormatOption = Format.TABLE,
        home: HomeOption = None,
        database: DatabaseOption = None,
        at: AtOption = None,
        snapshot: SnapshotOption = None,
    ) -> None:
        """List everything that a principal can do: which actions, on which resources, under which condition."""
        from leastwise.app.asking import cube_values, spoken

        asking = _open(home, database, at, snapshot)
        found = asking.access.what_can(principal, resource, _given(context, strict, session, endpoint))
        items = [cube_values(cube) for cube in found]
        answer = asking.answer({"items": items, "next": None})
        rows = [
            item
            | {
                "count": len(cube.permissions),
                "when": spoken(cube.residual) if cube.residual != () else "; ".join(cube.missing),
            }
            for item, cube in zip(items, found, strict=True)
        ]
        if form is Format.TABLE:
            rows = [
                row | {"permissions": _short(row["permissions"]), "resources": _short(row["resources"])} for row in rows
            ]
        total = sum(len(cube.permissions) for cube in found)
        footer = f"{total} actions. {estate_line(answer['estate'], answer['coverage'])}"
        emit(form, answer, rows if form is not Format.JSON else items, _WHAT, footer, list(_WHAT))


def _short(names: list[str]) -> str:
    shown = ", ".join(names[:4])
    return shown if len(names) <= 4 else f"{shown} and {len(names) - 4} more"
