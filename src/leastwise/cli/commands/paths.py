"""`leastwise paths`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leastwise.errors import UsageError

from ..answers import Answer, Shape, put
from ..options import Asked, Format, PathFormat, Read, at_day, spread, workspace
from ..render import json_text

if TYPE_CHECKING:
    from leastwise.app.asking import Asking
    from leastwise.app.escalation_graph import EscalationGraph

_PATHS = {"start": "From", "end": "To", "steps": "Steps", "state": "State", "way": "Way"}
_PATH_NAMES = ("providers", "from", "from_name", "to", "to_name", "steps", "state", "way")
_MOST = 100


def register(app: typer.Typer) -> None:
    """Add the command."""
    _paths(app)


def _paths(app: typer.Typer) -> None:
    @app.command()
    @spread
    def paths(
        read: Read,
        form: Annotated[PathFormat, typer.Option("--format", help="How to print the answer.")] = PathFormat.TABLE,
        source: Annotated[
            str | None,
            typer.Option("--from", help="Only paths of this principal, by its id or unique name.", show_default=False),
        ] = None,
        to: Annotated[
            str,
            typer.Option(
                "--to",
                help="admin (of any account), admin:ACCOUNT, jewels, a tag as in data=pii, or an id, glob or name.",
            ),
        ] = "admin",
        through: Annotated[
            str | None,
            typer.Option("--through", help="Only paths that go through this principal.", show_default=False),
        ] = None,
        shortest: Annotated[
            int, typer.Option("--shortest", help="As many paths of each principal.", min=1, max=1000)
        ] = 1,
        cross_cloud: Annotated[
            bool, typer.Option("--cross-cloud", help="Only paths that end in another cloud than they begin in.")
        ] = False,
        most: Annotated[int, typer.Option("--most", help="Of as many principals at most; 0 for all.", min=0)] = _MOST,
        sure: Annotated[
            bool, typer.Option("--sure", help="Only paths of which every step is surely possible.")
        ] = False,
        explain: Annotated[
            bool, typer.Option("--explain", help="Tell of each step what decides it, and what to check.")
        ] = False,
    ) -> None:
        """List who can become an administrator, another principal, or get at data, with every step."""
        asked = Asked(
            _printed(form), read.home, read.database, read.at, read.snapshot, read.overlay
        )  # fmt: skip
        drawn = form not in (PathFormat.TABLE, PathFormat.JSON, PathFormat.CSV)
        if drawn and at_day(asked.at) is not None:
            raise UsageError(f"--format {form}: a day has several answers; give --at a time")

        def ask(asking: Asking) -> Answer:
            from leastwise.app.meant import meant
            from leastwise.app.path_search import Wanted, search
            from leastwise.app.path_values import Telling

            graph, unasked = graph_of(asking, asked, *filter(None, (source, through)))
            targets = meant(graph, asking.file, to)
            begin = None if source is None else graph.sources(source)
            via = None if through is None else graph.source(through)
            wanted = Wanted(targets.nodes, begin, via, shortest, most or None, sure, cross_cloud)
            telling = Telling(graph, moment_of(asking, asked))
            found, count = search(graph, wanted)
            if drawn:
                return Answer({}, (), document=_document(form, graph, found, f"Paths to {to}"))
            items = [telling.path(one) for one in found]
            closing = [f"{len(items)} paths."]
            if most and begin is None and count > most:
                closing.append(f"Those of {most} of {count} principals are listed: --most 0 lists all.")
            closing += [f"No rule is about what leads to {one}" for one in targets.unfollowed]
            closing += [f"Perhaps others: {one}" for one in graph.missing]
            body = {
                "to": to, "items": items, "next": None, "missing": graph.missing,
                "unfollowed": list(targets.unfollowed),
            }  # fmt: skip
            used = (*asking.used, *targets.used)
            told = tuple(_explained(items)) if explain else ()
            rows = [_row(one) for one in items]
            if explain:
                return Answer(body, rows, (*told, *closing), unasked=unasked, used=used)
            return Answer(body, rows, closing=tuple(closing), unasked=unasked, used=used)

        put(
            asked, Shape({} if explain else _PATHS, names=_PATH_NAMES), ask, nothing_given(), lambda _: (None,),
            every=True,
        )  # fmt: skip


def _printed(form: PathFormat) -> Format:
    """How what is no picture is printed."""
    return Format(form.value) if form.value in {one.value for one in Format} else Format.JSON


def _document(form: PathFormat, graph: EscalationGraph, found: Sequence[Any], title: str) -> str:
    from leastwise.app.pictures.dot import dot
    from leastwise.app.pictures.graphml import graphml
    from leastwise.app.pictures.opengraph import opengraph
    from leastwise.app.pictures.page import page
    from leastwise.app.pictures.picture import picture

    drawn = picture(graph, found, title)
    if form is PathFormat.OPENGRAPH:
        return json_text(json.dumps(opengraph(drawn), indent=2, ensure_ascii=False))
    return {PathFormat.DOT: dot, PathFormat.GRAPHML: graphml, PathFormat.HTML: page}[form](drawn)


def nothing_given() -> Any:
    """Circumstances of which a question says nothing."""
    from leastwise.model.decision import Circumstances

    return Circumstances()


def moment_of(asking: Asking, asked: Asked) -> Any:
    """When requests are made of which a question does not say when: now."""
    return asking.moment or workspace(asked.home, asked.database).now()


def graph_of(asking: Asking, asked: Asked, *outside: str) -> tuple[EscalationGraph, tuple[str, ...]]:
    """The graph of the estate, of all providers that have escalation rules; the providers that have none.

    `outside` are texts that may name somebody outside the estate.

    Raises:
        UsageError: no provider of the estate has any.
    """
    from leastwise.app.escalating import graph_for, has_paths

    here = workspace(asked.home, asked.database)
    having = {one.provider for one in asking.every if has_paths(one, here)}
    every = {one.provider for one in asking.every}
    if not having:
        raise UsageError(f"no escalation rules are about {', '.join(sorted(every))} yet")
    return graph_for(here, asking, (), outside), tuple(sorted(every - having))


def _row(path: dict[str, Any]) -> dict[str, Any]:
    way = " > ".join(f"{hop['title']} ({hop['rule']}): {shown(hop['to'], hop['to_name'])}" for hop in path["hops"])
    start, end = (shown(path[one], path[f"{one}_name"]) for one in ("from", "to"))
    return {**path, "start": start, "end": end, "steps": len(path["hops"]), "way": way}


def shown(id: str, name: str) -> str:
    """Somebody as a table has him: his name, where his id does not tell it, and the id."""
    return f"{name} ({id})" if name else id


def _explained(paths: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Paths step by step: what each needs and who says so, and what an incident responder checks."""
    for path in paths:
        ends = [shown(path[one], path[f"{one}_name"]) for one in ("from", "to")]
        yield f"{path['state']}  {' -> '.join(ends)}"
        for number, hop in enumerate(path["hops"], 1):
            yield f"  {number}. {hop['title']} ({hop['rule']}, {hop['state']}): {shown(hop['to'], hop['to_name'])}"
            if hop["through"]:
                yield f"     by {hop['through']}"
            if hop["missing"]:
                yield f"     if there is one: {hop['missing']}"
            if hop["provided"]:
                yield f"     provided that {hop['provided']}"
            if hop["presupposes"] and hop["state"] != "ALLOWED":
                yield f"     presupposes: {'; '.join(hop['presupposes'])}"
            for step in hop["needs"]:
                yield from _step(step)
            yield from (f"     check: {one}" for one in hop["checks"])
            yield f"     remedy: {hop['remediation']}"
        yield ""


_RANK = ("ALLOWED", "CONDITIONAL", "UNKNOWN", "DENIED")


def _step(needs: Sequence[dict[str, Any]]) -> Iterator[str]:
    """One of several needs, any of which is enough: the surest."""
    from leastwise.app.asking import spoken
    from leastwise.model.decision import Needed

    need = min(needs, key=lambda one: _RANK.index(one["decision"]["state"]))
    decision = need["decision"]
    yield f"     {decision['state']}  {need['permission']} on {need['on']} by {need['principal']}"
    for reason in decision["reasons"][:3]:
        statement = f" statement {reason['statement']}" if reason["statement"] else ""
        yield f"        {reason['effect']}: {reason['text']} ({reason['policy']}{statement}; {reason['source']})"
    if decision["state"] == "CONDITIONAL":
        residual = decision["residual"]
        told = None if residual is None else tuple(tuple(Needed(**one) for one in clause) for clause in residual)
        yield f"        if {spoken(told)}"
    yield from (f"        not known: {one}" for one in decision["missing"])
