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

    @app.command()
    @spread
    def toxic(
        asked: Asked,
        muted: Annotated[bool, typer.Option("--muted", help="With muted ones.")] = False,
    ) -> None:
        """List combinations that are worse than their parts: a path to an administrator and what makes it easy."""

        def ask(asking: Asking) -> Answer:
            from leastwise.app.estate import open_estate
            from leastwise.app.posture import FindingRow
            from leastwise.app.toxic import toxic as found

            here = workspace(asked.home, asked.database)
            graph, unasked = graph_of(asking, asked)
            estate = open_estate(here, at_moment(asked.at), asked.snapshot)
            result = found(estate, graph)
            mutes = here.mutes.active(here.now())
            rows = [FindingRow(one, mutes.get(one.key)) for one in result.findings]
            items = [one.to_json() for one in rows if muted or one.muted is None]
            unknown = [
                {"rule": one.rule, "title": one.title, "rows": one.rows, "missing": sorted(one.columns)}
                for one in result.unknown
            ]
            body = {"items": items, "next": None, "unknown": unknown, "missing": graph.missing}
            undecided = sum(one.rows for one in result.unknown)
            closing = (
                f"{len(items)} findings."
                + (f" Not decidable: {undecided} rows (--format json says which)." if undecided else ""),
                *(f"Perhaps others: {one}" for one in graph.missing),
            )
            used = (*asking.used, *sorted(estate.overlays.used))
            return Answer(body, items, closing=closing, unasked=unasked, used=used)

        put(asked, Shape(_COLUMNS, names=_NAMES), ask, nothing_given(), lambda _: (None,), every=True)
