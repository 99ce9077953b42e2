"""`leastwise plans propose`: plans brought to those who own the code."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leastwise.errors import UsageError

from ..answers import opened_each
from ..options import Asked, Format, at_moment, spread, workspace
from ..render import emit, printable

if TYPE_CHECKING:
    from leastwise.app.propose import Proposed

_COLUMNS = {"does": "Does", "kind": "What", "title": "Title", "owner": "Owner", "plans": "Plans", "told": "Because"}
_NAMES = ("does", "kind", "owner", "module", "plans", "title", "why", "url", "branch", "files")


def register(app: typer.Typer) -> None:
    """Add the command to the group `plans`."""

    @app.command()
    @spread
    def propose(
        asked: Asked,
        plans: Annotated[
            list[str] | None, typer.Argument(help="Ids of saved plans, or their beginnings; --all for all.")
        ] = None,
        every: Annotated[bool, typer.Option("--all", help="All saved plans.")] = False,
        code: Annotated[
            list[Path] | None,
            typer.Option(
                "--code", help="Code that the grants come from; may be repeated.", show_default=False
            ),
        ] = None,
        state: Annotated[
            list[Path] | None,
            typer.Option("--state", help="State of Terraform; may be repeated.", show_default=False),
        ] = None,
        to: Annotated[
            str, typer.Option("--to", help="Repository, as HOST:REPOSITORY (setting code_host).", show_default=False)
        ] = "",
        url: Annotated[
            str,
            typer.Option(
                "--url", help="Web address of a server of your own (setting code_host_url).", show_default=False
            ),
        ] = "",
        into: Annotated[
            str, typer.Option("--into", help="Branch to merge into; else the repository's own.", show_default=False)
        ] = "",
        really: Annotated[bool, typer.Option("--open", help="Do it; else it is only said.")] = False,
    ) -> None:  # fmt: skip
        """Propose plans to those who own the code: one request to merge, or one issue, for each owner and module."""
        from leastwise.app.code_index import codings, read_code
        from leastwise.app.propose import Target, proposed

        if every == bool(plans):
            raise UsageError("plans propose: name plans, or give --all")
        if not code:
            raise UsageError("plans propose: name the code by --code")
        if asked.overlay is not None:
            raise UsageError("plans propose: --with is for questions")
        here = workspace(asked.home, asked.database)
        read = read_code(code, codings(here.providers()), state or ())
        for fault in read.faults:
            print(f"leastwise: {printable(fault)}", file=sys.stderr)
        target = Target(to, url, into, really)
        found = proposed(here, opened_each(asked, at_moment(asked.at)), plans or (), read, target)
        _print(asked.form, found, really=really)


def _print(form: Format, found: Proposed, *, really: bool) -> None:
    for note in found.notes:
        print(f"leastwise: {printable(note)}", file=sys.stderr)
    items = [one.values() for one in found.acts]
    body = {"items": items, "next": None, "total": len(items), "done": really, "notes": list(found.notes)}
    rows = [_row(one) for one in items]
    if form is Format.TABLE:
        rows = [one | {"plans": ", ".join(one["plans"])} for one in rows]
    told = "" if really else " Nothing was changed: --open does it."
    emit(form, body, rows, _COLUMNS, f"{_counted(items)}.{told}", _NAMES)
    if found.failed is not None:
        raise found.failed


def _row(one: Mapping[str, Any]) -> dict[str, Any]:
    parts = [one["why"], one["url"] or "", ", ".join(one["files"]), f"branch {one['branch']}" if one["branch"] else ""]
    return {**one, "told": "; ".join(part for part in parts if part)}


def _counted(items: Sequence[Mapping[str, Any]]) -> str:
    counts: dict[str, int] = {}
    for one in items:
        counts[one["does"]] = counts.get(one["does"], 0) + 1
    return ", ".join(f"{number} {does}" for does, number in counts.items()) or "Nothing to propose"
