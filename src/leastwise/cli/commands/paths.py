"""`leastwise paths`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leastwise.errors import UsageError

from ..answers import Answer, Shape, put
from ..options import Asked, Format, PathFormat, Read, at_day, spread, workspace
from ..render import json_text

if TYPE_CHECKING:
    from leastwise.app.answers.graph import Graphed, Wish
    from leastwise.app.asking import Asking
    from leastwise.app.escalation_graph import EscalationGraph

_PATHS = {"start": "From", "end": "To", "steps": "Steps", "state": "State", "way": "Way"}
_PATH_NAMES = ("providers", "from", "from_name", "to", "to_name", "steps", "state", "way")
_MOST = 100


@dataclass(frozen=True, slots=True)
class Wished:
    """Which paths, and how they are told."""

    form: Annotated[PathFormat, typer.Option("--format", help="How to print the answer.")] = PathFormat.TABLE
    source: Annotated[
        str | None,
        typer.Option("--from", help="Only paths of this principal, by its id or unique name.", show_default=False),
    ] = None
    to: Annotated[
        str,
        typer.Option(
            "--to", help="admin (of any account), admin:ACCOUNT, jewels, a tag as in data=pii, or an id, glob or name."
        ),
    ] = "admin"
    through: Annotated[
        str | None, typer.Option("--through", help="Only paths that go through this principal.", show_default=False)
    ] = None
    shortest: Annotated[int, typer.Option("--shortest", help="As many paths of each principal.", min=1, max=1000)] = 1
    cross_cloud: Annotated[
        bool, typer.Option("--cross-cloud", help="Only paths that end in another cloud than they begin in.")
    ] = False
    most: Annotated[int, typer.Option("--most", help="Of as many principals at most; 0 for all.", min=0)] = _MOST
    sure: Annotated[bool, typer.Option("--sure", help="Only paths of which every step is surely possible.")] = False
    explain: Annotated[
        bool, typer.Option("--explain", help="Tell of each step what decides it, and what to check.")
    ] = False

    def wish(self) -> Wish:
        """The same without how they are told."""
        from leastwise.app.answers.graph import Wish

        return Wish(self.source, self.to, self.through, self.shortest, self.cross_cloud, self.most, self.sure)

    @property
    def drawn(self) -> bool:
        """Whether they are told as a picture."""
        return self.form not in (PathFormat.TABLE, PathFormat.JSON, PathFormat.CSV)


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("paths")
    @spread
    def paths_command(read: Read, wished: Wished) -> None:
        """List who can become an administrator, another principal, or get at data, with every step."""
        asked = Asked(_printed(wished.form), read.home, read.database, read.at, read.snapshot, read.overlay)
        if wished.drawn and at_day(asked.at) is not None:
            raise UsageError(f"--format {wished.form}: a day has several answers; give --at a time")
        shape = Shape({} if wished.explain else _PATHS, names=_PATH_NAMES)
        put(asked, shape, partial(_answer, asked, wished), nothing_given(), lambda _: (None,), every=True)


def _answer(asked: Asked, wished: Wished, asking: Asking) -> Answer:
    """What `paths` says of one estate."""
    from leastwise.app.answers.graph import find_paths, paths

    wish = wished.wish()
    at = graph_of(asking, asked, *wish.named)
    found = find_paths(at, wish)
    if wished.drawn:
        return Answer({}, (), document=_document(wished.form, at.graph, found.paths, f"Paths to {wished.to}"))
    told = paths(at, wish, found)
    items = told.body["items"]
    closing = [f"{len(items)} paths."]
    if found.cut(wish):
        closing.append(f"Those of {wished.most} of {found.count} principals are listed: --most 0 lists all.")
    closing += [f"No rule is about what leads to {one}" for one in found.targets.unfollowed]
    closing += [f"Perhaps others: {one}" for one in at.graph.missing]
    rows = [_row(one) for one in items]
    if wished.explain:
        return Answer.of(told, rows, (*_explained(items), *closing))
    return Answer.of(told, rows, closing=tuple(closing))


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


def graph_of(asking: Asking, asked: Asked, *outside: str) -> Graphed:
    """The estate with its graph; `outside` are texts that may name somebody outside the estate. Raises UsageError."""
    from leastwise.app.answers.graph import graphed

    return graphed(workspace(asked.home, asked.database), asking, *outside)


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
            yield from (f"     first {one}" for one in hop["first"])
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
