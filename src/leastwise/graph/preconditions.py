"""What must be so besides permissions, for each row of a rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.model.decision import State
from leastwise.model.shadows import Ties
from leastwise.rules.escalation import EscalationRule

SURENESS = (State.ALLOWED, State.CONDITIONAL, State.UNKNOWN, State.DENIED)
"""The surer, the smaller its place."""


def sureness(
    rule: EscalationRule, ties: Ties, things: Sequence[str], targets: Sequence[str], account: Callable[[str], str]
) -> Array:
    """The place in `SURENESS` of the least sure precondition of each row: nothing that is left open is taken for so."""
    found = np.full(len(targets), SURENESS.index(State.CONDITIONAL if rule.provided else State.ALLOWED), np.int64)
    for one in rule.where:
        told, otherwise = ties.so.get(one.so, {}), ties.otherwise.get(one.so, State.UNKNOWN)
        about = things if one.about == "thing" else targets
        ids = map(account, targets) if one.about == "account" else about
        states = (SURENESS.index(told.get(id, otherwise)) for id in ids)
        found = np.maximum(found, np.fromiter(states, np.int64, len(targets)))
    return found
