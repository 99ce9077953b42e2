"""`leastwise gap P --grants`: which grants of a principal are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import Answer, Shape
from ..cubes import short

if TYPE_CHECKING:
    from leastwise.app.answers.gap import Needed
    from leastwise.app.answers.told import Told
    from leastwise.app.gap import GapOf

SHAPE = Shape(
    {
        "policy": "Grant",
        "statement": "Statement",
        "need": "Verdict",
        "permissions": "Permissions",
        "used": "Used",
        "implied": "Implied",
        "unused": "Unused",
        "unobservable": "Unobservable",
        "elsewhere": "Elsewhere",
        "last_used": "Last used",
        "of_it": "What was used",
    },
    names=(
        "layer", "policy", "statement", "source", "resources", "need", "permissions", "used", "implied", "unused",
        "unobservable", "elsewhere", "used_permissions", "only_by_this", "touched", "last_used", "missing",
    ),
)  # fmt: skip


def needed(found: GapOf, answer: Told[Needed]) -> Answer:
    """What to print."""
    from leastwise.model.gap import Need

    gap, grants = answer.made_of.gap, answer.made_of.grants
    rows = [
        {**item, "of_it": short(list(found.asking.access.folded(one.used))) or one.missing}
        for item, one in zip(answer.body["items"], grants, strict=True)
    ]
    counts = ((sum(one.need is need for one in grants), str(need).lower()) for need in Need)
    told = ", ".join(f"{count} {need}" for count, need in counts if count)
    lines = [f"{gap.principal}: {len(grants)} grants{': ' if told else ''}{told}, in the {gap.window.days} days"
             f" to {gap.window.end.date()}."]  # fmt: skip
    if gap.missing:
        lines.append(f"Not read: {'; '.join(gap.missing[:3])}")
    return Answer(answer.body, rows, closing=tuple(lines))
