"""`leastwise paths` and `leastwise blast-radius`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from leastwise.errors import UsageError

from ..answers import Answer, Shape, put
from ..options import Asked, spread, workspace

if TYPE_CHECKING:
    from leastwise.app.asking import Asking
    from leastwise.app.escalation_graph import EscalationGraph

_PATHS = {"from": "From", "to": "To", "steps": "Steps", "state": "State", "way": "Way"}
_PATH_NAMES = ("providers", "from", "to", "steps", "state", "way")
_REACHED = {"id": "Reaches", "what": "What", "steps": "Steps", "through": "Through", "state": "State"}
_MOST = 100


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
            from leastwise.app.path_values import Telling

            graph, unasked = _graph(asking, asked)
            found, count = graph.paths(to, source, most or None)
            told = map(Telling(graph).path, found)
            items = [each for each in told if not sure or each["state"] == "ALLOWED"]
            body = {"to": to, "items": items, "next": None, "missing": graph.missing}
            closing = [f"{len(items)} paths."]
            if len(found) < count:
                closing.append(f"{len(found)} of {count} are listed: --most 0 lists all.")
            closing += [f"Perhaps others: {one}" for one in graph.missing]
            return Answer(body, [_row(one) for one in items], closing=tuple(closing), unasked=unasked)

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
            from leastwise.app.path_values import Telling

            graph, unasked = _graph(asking, asked)
            telling = Telling(graph)
            items = [telling.reached(*one) for one in graph.reached(principal)]
            body = {"principal": principal, "items": items, "next": None, "missing": graph.missing}
            closing = (f"{len(items)} reached.", *(f"Perhaps others: {one}" for one in graph.missing))
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


def _graph(asking: Asking, asked: Asked) -> tuple[EscalationGraph, tuple[str, ...]]:
    """The graph of the estate, of all providers that have escalation rules; the providers that have none.

    Raises:
        UsageError: no provider of the estate has any.
    """
    from leastwise.app.escalating import graph_for, has_paths

    here = workspace(asked.home, asked.database)
    having = {one.provider for one in asking.every if has_paths(one, here)}
    every = {one.provider for one in asking.every}
    if not having:
        raise UsageError(f"no escalation rules are about {', '.join(sorted(every))} yet")
    return graph_for(here, asking), tuple(sorted(every - having))


def _row(path: dict[str, Any]) -> dict[str, Any]:
    way = " > ".join(f"{hop['title']} ({hop['rule']}): {hop['to']}" for hop in path["hops"])
    return {**path, "steps": len(path["hops"]), "way": way}
