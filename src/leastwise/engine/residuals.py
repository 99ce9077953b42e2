"""Conditions of answers taken together."""

from __future__ import annotations

from leastwise.model.decision import Residual

_MOST_ALTERNATIVES = 16


def both(first: Residual | None, second: Residual | None) -> Residual | None:
    """Both conditions: an alternative of each; None where these are too many. The two are of different requests."""
    if first is None or second is None:
        return None
    if not first or not second:
        return first or second
    if len(first) * len(second) > _MOST_ALTERNATIVES:
        return None
    return tuple((*one, *other) for one in first for other in second)
