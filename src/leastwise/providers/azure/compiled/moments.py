"""The moments at which conditions on the time of the request change, and assignments end.

https://learn.microsoft.com/azure/role-based-access-control/conditions-format#environment-attributes
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import numpy as np

from leastwise.engine.arrays import Array

from ..evaluate.conditions import holds, leaves
from ..evaluate.request import NOW
from ..language.tree import Attribute, Compare, Moment, Values
from .estate import Compiled
from .numbers import parsed

_ZERO, _FIRST = datetime(1970, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1) // timedelta.resolution
_TICK = timedelta.resolution


def moments(held: Compiled, granting: Array, begin: datetime, end: datetime) -> tuple[datetime, ...]:
    """The moments between two, ascending, at which an answer may change.

    Args:
        held: the estate.
        granting: the assignments that count, by number.
        begin: left out itself.
        end: left out, too.
    """
    found = {moment for text in _conditions(held, granting) for moment in _of_condition(text, begin, end)}
    ends = np.unique(held.assignments.until[granting]).tolist()
    found.update(_ZERO + timedelta(microseconds=until) for until in ends if until > 0)
    return tuple(sorted(moment for moment in found if begin < moment < end))


def _conditions(held: Compiled, granting: Array) -> Iterable[str]:
    """The conditions of assignments, of what their roles hold, and of deny assignments, each once."""
    given, estate = held.assignments, held.estate
    texts = [given.conditions[code] for code in np.unique(given.condition[granting]).tolist()]
    for code in np.unique(given.role[granting]).tolist():
        role = estate.role(given.roles[code])
        texts += [one.condition for one in (role.entries if role is not None else ())]
    texts += [text for one in estate.denies for text in one.conditions]
    return dict.fromkeys(texts)


def _of_condition(text: str, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The moments at which a comparison of a condition with the time comes out another way."""
    node = parsed(text)
    for leaf in leaves(node) if node is not None else ():
        if isinstance(leaf, Compare) and NOW.key in (_key(leaf.left), _key(leaf.right)):
            sides = (one for one in (leaf.left, leaf.right) if isinstance(one, Values))
            values = [value for one in sides for value in one.values if isinstance(value, Moment)]
            # Time goes in steps of a microsecond: a comparison changes at what it compares with, or a step later.
            near = {_micros(value) + step for value in values for step in (0, 1)}
            inside = (_FIRST + _TICK * one for one in near if (begin - _FIRST) // _TICK < one < (end - _FIRST) // _TICK)
            yield from (one for one in inside if _at(leaf, one - _TICK) != _at(leaf, one))


def _micros(moment: Moment) -> int:
    """The first step at a moment or after it; the first day of its years is day 1."""
    return -(-moment.ticks // 10) - _DAY


def _key(side: object) -> str:
    return side.key if isinstance(side, Attribute) else ""


def _at(leaf: Compare, moment: datetime) -> bool:
    return holds(leaf, {NOW.key: (f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}",)})
