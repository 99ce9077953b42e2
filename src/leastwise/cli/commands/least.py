"""`leastwise gap P --least`: the least that would do for what a principal called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import Answer, Shape
from ..cubes import short

if TYPE_CHECKING:
    from leastwise.app.answers.told import Told
    from leastwise.app.gap import GapOf

SHAPE = Shape(
    {
        "layer": "Layer", "calls": "Calls", "sufficient": "Least", "more": "Granted beyond it", "less": "Not granted",
        "exact": "Exact", "untold": "Calls unknown",
    },
    names=("layer", "calls", "least", "exact", "granted", "beyond", "lacking", "unknown"),
)  # fmt: skip


def least(found: GapOf, told: Told[None]) -> Answer:
    """What to print."""
    body = told.body
    shown = {"sufficient": "least", "more": "beyond", "less": "lacking", "untold": "unknown"}
    rows = [{**one, **{name: short(one[of]) for name, of in shown.items()}} for one in body["items"]]
    lines = [f"{body['principal']}: what was called in the {found.window.days} days to {found.window.end.date()}."]
    if any(one["unknown"] for one in body["items"]):
        lines.append("Of some calls it is not known what allows them: what is beyond the least may be for these.")
    return Answer(body, rows, closing=tuple(lines))
