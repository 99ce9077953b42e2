"""`leastwise choke-points`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..answers import Answer, Shape, put
from ..options import Asked, spread
from .paths import graph_of, nothing_given, shown

if TYPE_CHECKING:
    from leastwise.app.asking import Asking

_COLUMNS = {"number": "No.", "remove": "Remove", "cuts": "Cuts", "whose": "Whose", "steps": "Steps"}
_NAMES = (
    "number",
    "provider",
    "account",
    "layer",
    "policy",
    "statement",
    "source",
    "cuts",
    "principals",
    "remediation",
)
_SHOWN = 3


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("choke-points")
    @spread
    def choke_points_command(
        asked: Asked,
        to: Annotated[
            list[str] | None,
            typer.Option(
                "--to", help="As --to of paths; may be repeated. Left out: admin, and jewels if there are any."
            ),
        ] = None,
        most: Annotated[int, typer.Option("--most", help="As many grants at most.", min=1, max=1000)] = 10,
        standing: Annotated[
            bool, typer.Option("--standing", help="Count those who get there in one step, too.")
        ] = False,
        sure: Annotated[bool, typer.Option("--sure", help="Only ways of which every step is surely possible.")] = False,
    ) -> None:
        """Name the fewest grants whose removal takes the way to administrators and crown jewels from the most."""

        def ask(asking: Asking) -> Answer:
            from leastwise.app.answers.graph import choke_points

            told = choke_points(graph_of(asking, asked), to or (), most, standing=standing, sure=sure)
            body = told.body
            closing = (
                f"{body['reaching']} reach them in several steps, {body['left']} still do without these.",
                *(f"No rule is about what leads to {one}" for one in body["unfollowed"]),
                *(f"Perhaps others: {one}" for one in body["missing"]),
            )
            rows = [_row(number, one) for number, one in enumerate(body["items"], 1)]
            return Answer.of(told, rows, closing=closing)

        put(asked, Shape(_COLUMNS, names=_NAMES), ask, nothing_given(), lambda _: (None,), every=True)


def _row(number: int, one: dict[str, Any]) -> dict[str, Any]:
    """A choke point as a line of the table."""
    grant, principals = one["grant"], [*map(shown, one["principals"], one["names"])]
    place = f"{grant['account']}: {grant['source']}" if grant["account"] and grant["source"] else grant["source"]
    more = [f"and {len(principals) - _SHOWN} others"] if len(principals) > _SHOWN else []
    steps = [
        f"{shown(each['from'], each['from_name'])} > {shown(each['to'], each['to_name'])} ({each['rule']})"
        for each in one["steps"]
    ]
    others = [f"and {len(steps) - _SHOWN} others"] if len(steps) > _SHOWN else []
    return {
        **one, **grant, "number": number, "remove": shown(place, grant["text"]) if place else grant["text"],
        "whose": [*principals[:_SHOWN], *more], "steps": [*steps[:_SHOWN], *others],
    }  # fmt: skip
