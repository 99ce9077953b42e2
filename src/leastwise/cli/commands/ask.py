"""`leastwise can`, `who-can` and `what-can`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ..answers import Answer, Shape, circumstances_of, put
from ..cubes import CUBE, CUBE_COLUMNS, shortened
from ..options import Asked, Format, Request, spread, workspace

if TYPE_CHECKING:
    from leastwise.app.asking import Asking
    from leastwise.app.eligible import Offered
    from leastwise.model.decision import Decision, Holder, Reason

Action = Annotated[str, typer.Argument(help="Action, as in s3:GetObject.")]
Resource = Annotated[str | None, typer.Argument(help="Resource, or a pattern of resources; left out: any.")]
_CAN = Shape(key="decision", names=("state", "reasons", "residual", "chain", "missing", "exact", "beside"))
_WHO = {
    "principal": "Principal",
    "called": "Name",
    "kind": "Kind",
    "account": "Account",
    "state": "State",
    "when": "When",
    "chain": "Through",
}
_HOLDER = (
    "principal", "name", "kind", "account", "inside", "state", "residual", "missing", "chain", "when",
)  # fmt: skip
"""Columns of the CSV."""


_SHOWN = 3
"""Reasons that are shown without --why."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    _can(app)
    _who(app)
    _what(app)


def _can(app: typer.Typer) -> None:
    @app.command("can")
    @spread
    def can_command(
        *,
        principal: Annotated[
            str, typer.Argument(help="Principal, by its id or unique name; * for an anonymous caller.")
        ],
        action: Action,
        resource: Resource = None,
        request: Request,
        why: Annotated[
            bool, typer.Option("--why", help="Name every statement that took part, and where it was read.")
        ] = False,
        asked: Asked,
    ) -> None:
        """Say whether a principal can do an action on a resource, under which condition, and why."""
        from leastwise.app.answers.access import can

        given = circumstances_of(request)

        def ask(asking: Asking) -> Answer:
            told = can(asking, principal, action, resource, given)
            return Answer.of(told, [told.body], tuple(_lines(told.made_of, why=why)))

        put(asked, _CAN, ask, given, lambda _: (action,), (action, principal, resource))


def _lines(decision: Decision, *, why: bool) -> list[str]:
    """A decision as a person would explain it."""
    from leastwise.app.asking import spoken

    lines = [str(decision.state)]
    if decision.chain:
        lines.append(f"  through {' > '.join(link.name for link in decision.chain)}")
    if decision.residual != ():
        lines.append(f"  when {spoken(decision.residual)}")
    lines += [f"  not known: {one}" for one in decision.missing]
    reasons = decision.deciding
    shown = decision.reasons if why else reasons[:_SHOWN]
    for reason in shown:
        lines.append(f"  {'because' if reason in reasons else 'although'} {reason.text}")
        if why:
            lines += _place(reason)
    if len(decision.reasons) > len(shown):
        lines.append(f"  and {len(decision.reasons) - len(shown)} more (--why)")
    lines += [f"  beside it: {one}" for one in decision.beside]
    if not decision.exact:
        lines.append("  (more combinations than are tried; the condition may be impossible, or always met)")
    return lines


def _place(reason: Reason) -> list[str]:
    """Of which policy a reason is, unless its text says so, and where that was read."""
    lines = [f"    policy {reason.policy}"] if reason.policy and reason.policy not in reason.text else []
    return [*lines, f"    read in {reason.source}"] if reason.source else lines


def _who(app: typer.Typer) -> None:
    @app.command("who-can")
    @spread
    def who_can_command(
        *,
        action: Action,
        resource: Resource = None,
        request: Request,
        transitive: Annotated[
            bool, typer.Option("--transitive", help="Also those who can become one that can, with the chain.")
        ] = False,
        asked: Asked,
    ) -> None:
        """List everybody who can do an action on a resource, those outside the estate included."""
        from leastwise.app.answers.access import who_can
        from leastwise.app.asking import spoken

        given = circumstances_of(request)

        def ask(asking: Asking) -> Answer:
            told = who_can(asking, action, resource, given, transitive=transitive).page()
            items, missing = told.body["items"], told.body["missing"]
            rows = [
                item
                | {
                    "called": _called(holder),
                    "when": spoken(holder.residual) if holder.residual != () else "; ".join(holder.missing),
                    "chain": " > ".join(link.name for link in holder.chain),
                }
                for item, holder in zip(items, told.made_of, strict=True)
            ]
            others = [f"Perhaps others: {one}" for one in (*missing, *asking.unread)]
            return Answer.of(told, rows, closing=(f"{len(items)} principals.", *others))

        put(asked, Shape(_WHO, names=_HOLDER), ask, given, lambda _: (None if transitive else action,),
            (action, resource), parts=True)  # fmt: skip


def _called(holder: Holder) -> str:
    """The name of somebody, where the id does not tell it."""
    return "" if holder.name.lower() in holder.principal.lower() else holder.name


def _what(app: typer.Typer) -> None:
    @app.command("what-can")
    @spread
    def what_can_command(
        *,
        principal: Annotated[str, typer.Argument(help="Principal, by its id or unique name.")],
        resource: Resource = None,
        request: Request,
        asked: Asked,
    ) -> None:
        """List everything that a principal can do: which actions, on which resources, under which condition."""
        from leastwise.app.answers.access import what_can
        from leastwise.app.comparing import cube_rows

        given = circumstances_of(request)

        def ask(asking: Asking) -> Answer:
            told = what_can(workspace(asked.home, asked.database), asking, principal, resource, given)
            sides, offered = told.made_of.sides, told.made_of.offered
            rows = [row for items, cubes in sides for row in cube_rows(items, cubes)]
            total = sum(len({name for cube in cubes for name in cube.permissions}) for _, cubes in sides)
            shown = shortened(rows) if asked.form is Format.TABLE else rows
            return Answer.of(told, shown, closing=(f"{total} actions.", *_on_request(offered)))

        shape = Shape(CUBE, names=(*CUBE_COLUMNS, "provider"))
        put(asked, shape, ask, given, about=(None, principal, resource), known=resource is None)


def _on_request(offered: Offered) -> list[str]:
    """What could be activated, as lines of its own: none of it is in the table."""
    lines = ["Not held now, and can be activated:"] if offered.items else []
    for one in offered.items:
        through = f" through {one.via}" if one.via else ""
        needs = f": {one.requires}" if one.requires else ""
        lines.append(f"  {one.grant}{through} on {one.resource}{needs}")
    return [*lines, *(f"Not known whether more can be activated: {one}" for one in offered.missing)]
