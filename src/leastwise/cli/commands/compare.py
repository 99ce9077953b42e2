"""`leastwise compare`, `diff` and `similar`: access held against access."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leastwise.errors import UsageError

from ..answers import Answer, Shape, circumstances_of, put
from ..cubes import CUBE, CUBE_COLUMNS, short, shortened
from ..options import Asked, Format, Home, Request, moment, spread, workspace
from ..render import emit, estate_line, printable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from leastwise.app.asking import Asking
    from leastwise.model.comparison import Change
    from leastwise.model.decision import Cube

_DIFF = {"principal": "Principal", "kind": "Kind", "account": "Account", "presence": "In", "change": "Change", **CUBE}
_SIMILAR = {
    "principals": "Principals",
    "equal": "Equal",
    "similarity": "Similarity",
    "count": "Actions",
    "patterns": "In common",
    "more": "Besides",
}
_TWIN = (
    "provider", "equal", "decided", "similarity", "count", "patterns", "on", "group", "principal", "kind", "account",
    "shared", "more", "more_on",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands."""
    _compare(app)
    _diff(app)
    _similar(app)


def _compare(app: typer.Typer) -> None:
    @app.command("compare")
    @spread
    def compare_command(
        first: Annotated[str, typer.Argument(help="Principal, by its id or unique name.")],
        second: Annotated[str, typer.Argument(help="The other principal.")],
        asked: Asked,
        request: Request,
    ) -> None:
        """Hold two principals side by side: what both can do, and what only one of them can."""
        from leastwise.app.answers.comparing import compare
        from leastwise.app.comparing import cube_rows

        given = circumstances_of(request)
        names = {"both": "both", "first": f"only {_name(first)}", "second": f"only {_name(second)}"}

        def ask(asking: Asking) -> Answer:
            told = compare(asking, first, second, given)
            found = told.made_of
            rows = cube_rows(told.body["items"], [cube for cubes in found.sides.values() for cube in cubes])
            if asked.form is Format.TABLE:
                rows = [{**row, "side": names[row["side"]]} for row in shortened(rows)]
            counts = ", ".join(f"{names[side]} {_permissions(cubes)}" for side, cubes in found.sides.items())
            return Answer.of(told, rows, closing=(f"Actions: {counts}.", *found.missing))

        put(asked, Shape({"side": "Who", **CUBE}, names=("side", *CUBE_COLUMNS)), ask, given, who=(first, second))


def _name(principal: str) -> str:
    return principal.rsplit("/", 1)[-1]


def _permissions(cubes: Iterable[Cube]) -> int:
    return len({name for cube in cubes for name in cube.permissions})


def _diff(app: typer.Typer) -> None:
    @app.command()
    @spread
    def diff(
        before: Annotated[
            str, typer.Argument(help="Earlier estate: a time, a snapshot, another home, or a folder of exports.")
        ],
        after: Annotated[str, typer.Argument(help="Later estate, named alike.")],
        options: Home,
    ) -> None:
        """List who gained or lost effective access between two estates."""
        from leastwise.app.answers.comparing import diff as told
        from leastwise.app.diffing import opened_pair

        here = workspace(options.home, options.database)
        with opened_pair(here, before, after, _time, _note) as pair:
            for warning in pair.warnings:
                print(f"leastwise: {printable(warning)}", file=sys.stderr)
            found = told(pair)
        answer, changes = found.body, found.made_of
        items, unseen = answer["items"], answer["missing"]
        rows = [row for (_, one), item in zip(changes, items, strict=True) for row in _change_rows(one, item)]
        shown = shortened(rows) if options.form is Format.TABLE else rows
        footer = f"{len(items)} principals changed. {estate_line(answer['estate'], answer['coverage'])}"
        footer += f"\nBefore: {estate_line(answer['before']['estate'], answer['before']['coverage'])}"
        footer = "\n".join((footer, *map(printable, unseen)))
        names = ("principal", "name", "kind", "account", "inside", "presence", "change", *CUBE_COLUMNS)
        emit(options.form, answer, shown, _DIFF, footer, names)


def _time(text: str) -> datetime | None:
    """The time that a text means: a bare date its last moment, as `--at` has it; None for no time."""
    try:
        return moment(text, "diff", end_of_day=True)
    except UsageError:
        return None


def _note(text: str) -> None:
    if sys.stderr.isatty():
        print(f"leastwise: {printable(text)} ...", file=sys.stderr)


def _change_rows(change: Change, item: dict[str, Any]) -> list[dict[str, Any]]:
    """A line for each cube; one that is empty for a principal that came or went with no access."""
    from leastwise.app.comparing import cube_rows

    who = {name: item[name] for name in ("principal", "name", "kind", "account", "inside", "presence")}
    rows = [
        {**who, "change": word, **row}
        for word, cubes in (("gained", change.gained), ("lost", change.lost))
        for row in cube_rows(item[word], cubes)
    ]
    nothing = {"change": "", "patterns": [], "resources": [], "within": [], "exceptions": []}
    return rows or [{**who, **nothing}]


def _similar(app: typer.Typer) -> None:
    @app.command()
    @spread
    def similar(
        asked: Asked,
        threshold: Annotated[
            float, typer.Option(help="Share of permissions in common, from 0.5 to 1; 1: the same permissions.")
        ] = 0.9,
        kind: Annotated[
            list[str] | None, typer.Option(help="Only that kind of principal; may be repeated.", show_default=False)
        ] = None,
        account: Annotated[str, typer.Option(help="Only that account.", show_default=False)] = "",
        equal: Annotated[bool, typer.Option("--equal", help="Only those whose access is equal.")] = False,
    ) -> None:
        """List principals whose access is equal or nearly so: groups to merge, roles to share."""
        from leastwise.app.answers.comparing import similar as told
        from leastwise.app.asking import circumstances

        if not 0.5 <= threshold <= 1:
            raise UsageError(f"--threshold: {threshold:g} does not lie from 0.5 to 1")

        def ask(asking: Asking) -> Answer:
            body = told(asking, threshold, kind or (), account, equal=equal)
            items = body["items"]
            rows = _alike_lines(items) if asked.form is Format.TABLE else _twin_rows(items)
            return Answer(body, rows, closing=(f"{len(items)} groups.", *body["missing"]))

        given = circumstances([], strict=False, session=None, through=None)
        put(asked, Shape(_SIMILAR, names=_TWIN), ask, given, every=True)


def _alike_lines(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            **item,
            "principals": f"{len(item['principals'])}: {short([one['principal'] for one in item['principals']])}",
            "patterns": short(item["patterns"]),
            "more": "; ".join(
                f"{_name(one['principal'])}: {short(one['more'])}" for one in item["principals"][:4] if one["more"]
            ),
        }
        for item in items
    ]


def _twin_rows(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            **{name: item[name] for name in ("provider", "equal", "decided", "similarity", "count", "patterns", "on")},
            "group": number,
            **one,
        }
        for number, item in enumerate(items, 1)
        for one in item["principals"]
    ]
