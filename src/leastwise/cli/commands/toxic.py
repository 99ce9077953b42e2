"""`leastwise toxic`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ..answers import Answer, Shape, put
from ..options import Asked, at_moment, spread, workspace
from .paths import graph_of, nothing_given

if TYPE_CHECKING:
    from leastwise.app.asking import Asking

_COLUMNS = {
    "severity": "Severity", "rule": "Rule", "subject": "Subject", "message": "Finding", "owner": "Owner", "key": "Key",
}  # fmt: skip
_NAMES = (
    "key", "rule", "severity", "provider", "account", "subject", "resource", "title", "message", "remediation", "owner",
    "evidence", "muted",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("toxic")
    @spread
    def toxic_command(
        asked: Asked,
        muted: Annotated[bool, typer.Option("--muted", help="With muted ones.")] = False,
    ) -> None:
        """List combinations that are worse than their parts: a path to an administrator and what makes it easy."""

        def ask(asking: Asking) -> Answer:
            from leastwise.app.answers.graph import toxic
            from leastwise.app.estate import open_estate

            at = graph_of(asking, asked)
            estate = open_estate(workspace(asked.home, asked.database), at_moment(asked.at), asked.snapshot)
            told = toxic(at, estate, muted=muted)
            items = told.body["items"]
            undecided = sum(one["rows"] for one in told.body["unknown"])
            closing = (
                f"{len(items)} findings."
                + (f" Not decidable: {undecided} rows (--format json says which)." if undecided else ""),
                *(f"Perhaps others: {one}" for one in told.body["missing"]),
            )
            return Answer.of(told, items, closing=closing)

        put(asked, Shape(_COLUMNS, names=_NAMES), ask, nothing_given(), lambda _: (None,), every=True)
