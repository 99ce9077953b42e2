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
    from leastwise.app.asking import decision_values, reached_values, spoken

    items: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    elsewhere: dict[str, Any] = {}
    missing: dict[str, None] = {}
    closing = []
    for principal in principals:
        found = asking.access.reach(principal, action, asking.given(given))
        missing |= dict.fromkeys(found.missing)
        for one in found.resources:
            items.append({"principal": principal, **reached_values(one)})
            when = spoken(one.residual) if one.residual != () else "; ".join(one.missing)
            rows.append(items[-1] | {"when": when, "chain": " > ".join(link.name for link in one.chain)})
        elsewhere[principal] = decision_values(found.elsewhere)
        when = f", when {spoken(found.elsewhere.residual)}" if found.elsewhere.residual != () else ""
        closing.append(f"{principal} on any resource that can be named: {found.elsewhere.state}{when}")
    body = {"items": items, "next": None, "elsewhere": elsewhere, "missing": list(missing)}
    perhaps = [f"Perhaps others: {one}" for one in missing]
    return Answer(body, rows, closing=(f"{len(items)} resources.", *closing, *perhaps))
