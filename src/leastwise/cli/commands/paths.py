"""`leastwise paths` and `leastwise blast-radius`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from leastwise.errors import NotFoundError, UsageError

from ..answers import Answer, Shape, put
from ..options import Asked, spread, workspace

if TYPE_CHECKING:
    from leastwise.app.asking import Asking
    from leastwise.app.escalating import EscalationGraph

_PATHS = {"from": "From", "to": "To", "steps": "Steps", "state": "State", "way": "Way"}
_PATH_NAMES = ("provider", "from", "to", "steps", "state", "way")
_REACHED = {"id": "Reaches", "what": "What", "steps": "Steps", "through": "Through", "state": "State"}
_MOST = 100
T = TypeVar("T")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    _paths(app)
    _blast_radius(app)


def _paths(app: typer.Typer) -> None:
    @app.command()
    @spread
    def paths(
        asked: Asked,
        source: Annotated[
            str | None,
            typer.Option(
                "--from", help="Only the path of this principal, by its id or unique name.", show_default=False
            ),
        ] = None,
        to: Annotated[
            str,
            typer.Option("--to", help="admin (of any account), admin:ACCOUNT, or the id of a principal or resource."),
        ] = "admin",
        most: Annotated[int, typer.Option("--most", help="As many paths at most; 0 for all.", min=0)] = _MOST,
        sure: Annotated[
            bool, typer.Option("--sure", help="Only paths of which every step is surely possible.")
        ] = False,
    ) -> None:
        """List who can become an administrator, another principal, or get at data, with every step."""
        given = _nothing_given()

        def ask(asking: Asking) -> Answer:
            items: list[dict[str, Any]] = []
            closing: list[str] = []
            graphs, unasked = _graphs(asking, asked)
            for one, (found, count) in _known(graphs, lambda graph: graph.paths(to, source, most or None)):
                told = [{"provider": one.provider, **one.path_values(path)} for path in found]
                items += [each for each in told if not sure or each["state"] == "ALLOWED"]
                if len(found) < count:
                    closing.append(f"{len(found)} of {count} are listed: --most 0 lists all.")
            missing = _missing(graphs)
            body = {"to": to, "items": items, "next": None, "missing": missing}
            closing += [f"Perhaps others: {one}" for one in missing]
            return Answer(
                body, [_row(one) for one in items], closing=(f"{len(items)} paths.", *closing), unasked=unasked
            )

        put(asked, Shape(_PATHS, names=_PATH_NAMES), ask, given, lambda _: (None,), every=True)


def _blast_radius(app: typer.Typer) -> None:
    @app.command("blast-radius")
    @spread
    def blast_radius(
        principal: Annotated[str, typer.Argument(help="Principal, by its id or unique name.")],
        asked: Asked,
    ) -> None:
        """List every principal that one can become, and every resource whose data it can get at, on the way there."""
        given = _nothing_given()

        def ask(asking: Asking) -> Answer:
            graphs, unasked = _graphs(asking, asked)
            found = _known(graphs, lambda graph: graph.reached_values(principal))
            items = [one for _, several in found for one in several]
            missing = _missing(graphs)
            body = {"principal": principal, "items": items, "next": None, "missing": missing}
            closing = (f"{len(items)} reached.", *(f"Perhaps others: {one}" for one in missing))
            return Answer(body, items, closing=closing, unasked=unasked)

        put(
            asked,
            Shape(_REACHED, names=("provider", "id", "what", "steps", "through", "state")),
            ask,
            given,
            lambda _: (None,),
            every=True,
        )


def _nothing_given() -> Any:
    from leastwise.model.decision import Circumstances

    return Circumstances()


def _graphs(asking: Asking, asked: Asked) -> tuple[list[EscalationGraph], tuple[str, ...]]:
    """The graphs of the estate, one a provider that has escalation rules; the providers that have none.

    Raises:
        UsageError: no provider of the estate has any.
    """
    from leastwise.app.escalating import graph_for, has_paths

    here = workspace(asked.home, asked.database)
    having = [one for one in asking.every if has_paths(one, here)]
    if not having:
        raise UsageError(f"no escalation rules are about {', '.join(one.provider for one in asking.every)} yet")
    others = {one.provider for one in asking.every} - {one.provider for one in having}
    return [graph_for(here, one) for one in having], tuple(sorted(others))


def _known(graphs: Sequence[EscalationGraph], ask: Callable[[EscalationGraph], T]) -> list[tuple[EscalationGraph, T]]:
    """What each graph answers that knows what a question names. Raises NotFoundError where none does."""
    found = []
    for graph in graphs:
        try:
            found.append((graph, ask(graph)))
        except NotFoundError:
            if graph is graphs[-1] and not found:
                raise
    return found


def _missing(graphs: Sequence[EscalationGraph]) -> list[str]:
    return list(dict.fromkeys(one for graph in graphs for one in graph.missing))


def _row(path: dict[str, Any]) -> dict[str, Any]:
    way = " > ".join(f"{hop['title']} ({hop['rule']}): {hop['to']}" for hop in path["hops"])
    return {**path, "steps": len(path["hops"]), "way": way}
