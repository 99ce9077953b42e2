"""`leastwise blast-radius`, `exposure` and `privileged`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..answers import Answer, Shape, put
from ..options import Asked, spread, workspace
from .paths import graph_of, moment_of, nothing_given, shown

if TYPE_CHECKING:
    from leastwise.app.asking import Asking

_REACHED = {
    "shown": "Reaches", "what": "What", "sensitivity": "Sensitivity", "environment": "Environment", "steps": "Steps",
    "by": "Through", "state": "State",
}  # fmt: skip
_REACHED_NAMES = (
    "provider", "id", "name", "what", "kind", "account", "sensitivity", "environment", "steps", "through",
    "through_name", "state",
)  # fmt: skip
_SHARES = {
    "kind": "Kind", "identities": "Identities", "surely": "Surely", "conditionally": "Conditionally",
    "perhaps": "Perhaps", "share": "Share",
}  # fmt: skip
_PRIVILEGED = {
    "shown": "Principal", "kind": "Kind", "state": "State", "steps": "Steps", "administers": "Administers",
    "first": "By",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands."""
    _blast_radius(app)
    _exposure(app)
    _privileged(app)


def _blast_radius(app: typer.Typer) -> None:
    @app.command("blast-radius")
    @spread
    def blast_radius(
        principal: Annotated[
            str, typer.Argument(help="Principal, by its id or unique name; or the id of one of its credentials.")
        ],
        asked: Asked,
        person: Annotated[
            bool, typer.Option("--person", help="What all accounts of the person reach, by name, address or account.")
        ] = False,
    ) -> None:
        """List every principal that one can become, and every resource whose data it can get at, what matters most
        first.
        """

        def ask(asking: Asking) -> Answer:
            from leastwise.app.holder import holder_of
            from leastwise.app.path_values import Telling
            from leastwise.app.person_reach import joint_reach, person_accounts
            from leastwise.app.worth import Worths

            here = workspace(asked.home, asked.database)
            accounts = person_accounts(asking, here, principal) if person else []
            graph, unasked = graph_of(asking, asked, principal)
            begin = principal if person else holder_of(asking, here, graph, principal)
            telling, worths = Telling(graph, moment_of(asking, asked)), Worths(graph, asking.file)
            items = telling.blast(
                joint_reach(graph, accounts) if person else graph.reached(graph.source(begin)), worths
            )
            counts = Counter((one["what"], one["sensitivity"] or "none said", one["state"]) for one in items)
            summary = [
                {"what": what, "sensitivity": said, "state": state, "count": count}
                for (what, said, state), count in sorted(counts.items())
            ]
            body = {
                "principal": begin, "accounts": accounts, "items": items, "next": None, "summary": summary,
                "missing": graph.missing,
            }  # fmt: skip
            states = Counter(one["state"] for one in items)
            told = ", ".join(f"{states[one]} {one}" for one in ("ALLOWED", "CONDITIONAL", "UNKNOWN") if states[one])
            closing = (
                f"{len(items)} reached{f': {told}' if told else ''}.",
                *(f"Perhaps others: {one}" for one in graph.missing),
            )
            rows = [
                {**one, "shown": shown(one["id"], one["name"]), "by": shown(one["through"], one["through_name"])}
                for one in items
            ]
            return Answer(body, rows, closing=closing, unasked=unasked, used=(*asking.used, *sorted(worths.used)))

        put(asked, Shape(_REACHED, names=_REACHED_NAMES), ask, nothing_given(), lambda _: (None,), every=True)


def _exposure(app: typer.Typer) -> None:
    @app.command()
    @spread
    def exposure(
        target: Annotated[
            str,
            typer.Argument(help="admin, admin:ACCOUNT, jewels, a tag as in data=pii, or an id, glob or name."),
        ],
        asked: Asked,
    ) -> None:
        """Say how many identities reach something, by kind: surely, under conditions, perhaps."""

        def ask(asking: Asking) -> Answer:
            from leastwise.app.exposure import shares
            from leastwise.app.meant import meant

            graph, unasked = graph_of(asking, asked)
            targets = meant(graph, asking.file, target)
            followed = bool(targets.nodes) or not targets.unfollowed
            items = [one.to_json(followed=followed) for one in shares(graph, targets.nodes)]
            body = {
                "target": target, "items": items, "next": None, "missing": graph.missing,
                "unfollowed": list(targets.unfollowed),
            }  # fmt: skip
            closing = (
                f"{_share(items[0], targets.unfollowed)} of {items[0]['identities']} identities reach it.",
                *(f"No rule is about what leads to {one}" for one in targets.unfollowed),
                *(f"Perhaps others: {one}" for one in graph.missing),
            )
            rows = [{**one, "share": _share(one, ())} for one in items]
            return Answer(body, rows, closing=closing, unasked=unasked, used=(*asking.used, *targets.used))

        put(asked, Shape(_SHARES, names=tuple(_SHARES)), ask, nothing_given(), lambda _: (None,), every=True)


def _share(one: dict[str, Any], unfollowed: Sequence[str]) -> str:
    """A share as people read it; where some of what is meant is not followed there may be more."""
    if one["share"] is None:
        return "An unknown share" if unfollowed else "not known"
    return f"{'At least ' if unfollowed else ''}{one['share']:.1%}"


def _privileged(app: typer.Typer) -> None:
    @app.command()
    @spread
    def privileged(
        asked: Asked,
        sure: Annotated[bool, typer.Option("--sure", help="Only those who surely are or reach one.")] = False,
    ) -> None:
        """List who is, or can become, an administrator, by what each can do and not by the name of a policy."""

        def ask(asking: Asking) -> Answer:
            from leastwise.app.exposure import privileged as found

            graph, unasked = graph_of(asking, asked)
            items: list[dict[str, Any]] = [
                {
                    "provider": graph.provider(one.id), "principal": one.id, "name": graph.name(one.id),
                    "kind": one.kind, "state": str(one.best.state), "steps": len(one.best.hops),
                    "administers": [
                        {"account": account, "state": str(state)} for account, state in one.accounts.items()
                    ],
                    "first": one.best.hops[0].rule.title, "rule": one.best.hops[0].rule.id,
                    "path": [graph.named(hop.target) for hop in one.best.hops],
                }
                for one in found(graph) if not sure or str(one.best.state) == "ALLOWED"
            ]  # fmt: skip
            surely = sum(one["state"] == "ALLOWED" for one in items)
            body = {"items": items, "next": None, "missing": graph.missing}
            closing = (
                f"{len(items)} privileged, {surely} surely.", *(f"Perhaps others: {one}" for one in graph.missing),
            )  # fmt: skip
            rows = [
                {**one, "shown": shown(one["principal"], one["name"]),
                 "administers": [each["account"] for each in one["administers"]]}
                for one in items
            ]  # fmt: skip
            return Answer(body, rows, closing=closing, unasked=unasked)

        names = ("provider", "principal", "name", "kind", "state", "steps", "administers", "first", "rule", "path")
        put(asked, Shape(_PRIVILEGED, names=names), ask, nothing_given(), lambda _: (None,), every=True)
