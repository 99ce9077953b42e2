"""`leastwise blast-radius`, `exposure` and `privileged`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..answers import Answer, Shape, put
from ..options import Asked, spread
from .paths import graph_of, nothing_given, shown

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
    def blast_radius_command(
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
            from leastwise.app.answers.graph import blast_radius

            answer = blast_radius(graph_of(asking, asked, principal), principal, person=person)
            items = answer.body["items"]
            states = Counter(one["state"] for one in items)
            told = ", ".join(f"{states[one]} {one}" for one in ("ALLOWED", "CONDITIONAL", "UNKNOWN") if states[one])
            closing = (
                f"{len(items)} reached{f': {told}' if told else ''}.",
                *(f"Perhaps others: {one}" for one in answer.body["missing"]),
            )
            rows = [
                {**one, "shown": shown(one["id"], one["name"]), "by": shown(one["through"], one["through_name"])}
                for one in items
            ]
            return Answer.of(answer, rows, closing=closing)

        put(asked, Shape(_REACHED, names=_REACHED_NAMES), ask, nothing_given(), lambda _: (None,), every=True)


def _exposure(app: typer.Typer) -> None:
    @app.command("exposure")
    @spread
    def exposure_command(
        target: Annotated[
            str,
            typer.Argument(help="admin, admin:ACCOUNT, jewels, a tag as in data=pii, or an id, glob or name."),
        ],
        asked: Asked,
    ) -> None:
        """Say how many identities reach something, by kind: surely, under conditions, perhaps."""

        def ask(asking: Asking) -> Answer:
            from leastwise.app.answers.graph import exposure

            told = exposure(graph_of(asking, asked), target)
            items, targets = told.body["items"], told.made_of
            closing = (
                f"{_share(items[0], targets.unfollowed)} of {items[0]['identities']} identities reach it.",
                *(f"No rule is about what leads to {one}" for one in targets.unfollowed),
                *(f"Perhaps others: {one}" for one in told.body["missing"]),
            )
            rows = [{**one, "share": _share(one, ())} for one in items]
            return Answer.of(told, rows, closing=closing)

        put(asked, Shape(_SHARES, names=tuple(_SHARES)), ask, nothing_given(), lambda _: (None,), every=True)


def _share(one: dict[str, Any], unfollowed: Sequence[str]) -> str:
    """A share as people read it; where some of what is meant is not followed there may be more."""
    if one["share"] is None:
        return "An unknown share" if unfollowed else "not known"
    return f"{'At least ' if unfollowed else ''}{one['share']:.1%}"


def _privileged(app: typer.Typer) -> None:
    @app.command("privileged")
    @spread
    def privileged_command(
        asked: Asked,
        sure: Annotated[bool, typer.Option("--sure", help="Only those who surely are or reach one.")] = False,
    ) -> None:
        """List who is, or can become, an administrator, by what each can do and not by the name of a policy."""

        def ask(asking: Asking) -> Answer:
            from leastwise.app.answers.graph import privileged

            told = privileged(graph_of(asking, asked), sure=sure)
            items = told.body["items"]
            surely = sum(one["state"] == "ALLOWED" for one in items)
            closing = (
                f"{len(items)} privileged, {surely} surely.",
                *(f"Perhaps others: {one}" for one in told.body["missing"]),
            )
            rows = [
                {**one, "shown": shown(one["principal"], one["name"]),
                 "administers": [each["account"] for each in one["administers"]]}
                for one in items
            ]  # fmt: skip
            return Answer.of(told, rows, closing=closing)

        names = ("provider", "principal", "name", "kind", "state", "steps", "administers", "first", "rule", "path")
        put(asked, Shape(_PRIVILEGED, names=names), ask, nothing_given(), lambda _: (None,), every=True)
