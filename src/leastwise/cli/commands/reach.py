"""`leastwise reach`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..answers import Answer, Shape, circumstances_of, put
from ..options import Asked, Request, spread

if TYPE_CHECKING:
    from leastwise.app.asking import Asking

_REACH = {
    "principal": "Principal",
    "resource": "Resource",
    "state": "State",
    "when": "When",
    "chain": "Through",
}
_NAMES = ("principal", "resource", "state", "residual", "missing", "chain", "when")


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    @spread
    def reach(
        action: Annotated[str, typer.Argument(help="Action, as in s3:GetObject.")],
        principals: Annotated[list[str], typer.Argument(help="Principals, by id or unique name; * for anybody.")],
        asked: Asked,
        request: Request,
    ) -> None:
        """List the known resources on which principals can do an action."""
        given = circumstances_of(request)
        put(asked, Shape(_REACH, names=_NAMES), lambda asking: _reached(asking, action, principals, given),
            given, lambda _: (action,), (action, *principals))  # fmt: skip


def _reached(asking: Asking, action: str, principals: list[str], given: Any) -> Answer:
    from leastwise.app.answers.access import reach
    from leastwise.app.asking import spoken

    told = reach(asking, action, principals, given)
    rows = [
        item
        | {
            "when": spoken(one.residual) if one.residual != () else "; ".join(one.missing),
            "chain": " > ".join(link.name for link in one.chain),
        }
        for item, (_, one) in zip(told.body["items"], told.made_of.resources, strict=True)
    ]
    closing = []
    for principal, one in told.made_of.elsewhere:
        when = f", when {spoken(one.residual)}" if one.residual != () else ""
        closing.append(f"{principal} on any resource that can be named: {one.state}{when}")
    perhaps = [f"Perhaps others: {one}" for one in told.body["missing"]]
    return Answer.of(told, rows, closing=(f"{len(rows)} resources.", *closing, *perhaps))
