"""Which of several reasons a permission of Azure or of a directory needs one of, each as the grant that can be taken.

A role assignment is taken as a whole, whichever entries of its role give what is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from leastwise.model.decision import Reason

_ASSIGNMENT = "allow"


def alternatives(reasons: Sequence[Reason], beside: Collection[str]) -> list[Reason]:
    """The reasons that give something by themselves (`beside` names the layers of the others), as grants, each once."""
    kept = [one for one in reasons if one.layer not in beside] or reasons
    return list(dict.fromkeys(_grant(one) for one in kept))


def _grant(one: Reason) -> Reason:
    if one.layer != _ASSIGNMENT or not one.source:
        return one
    return replace(one, text=f"{one.policy}, as {one.source} assigns it", statement="", position=-1)
