"""What a provider adds to an estate so that escalation rules can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leastwise.model.decision import Reason

if TYPE_CHECKING:
    from leastwise.engine.access import Relates
    from leastwise.engine.arrays import Arrays
    from leastwise.model.shadows import Shadows

    from .scopes import ScopeTables


@dataclass(frozen=True, slots=True)
class Scenario:
    """A case about paths: the tables of an estate, its accounts that are in no organization, who wants to get where.

    `targets` are ids, or `admin`; `wanted` says of each source which answers are right (yes, no, perhaps: by something
    that the case does not tell of), and what the case calls that. `at` is when.
    """

    scopes: Sequence[ScopeTables]
    alone: frozenset[str]
    sources: Sequence[str]
    targets: Sequence[str]
    wanted: Mapping[str, tuple[frozenset[str], str]]
    at: datetime


Sides = Callable[[str, str, str, Sequence[Reason]], Sequence[Sequence[Reason]]]


def one_side(permission: str, principal: str, resource: str, reasons: Sequence[Reason]) -> Sequence[Sequence[Reason]]:
    """Any of the reasons is enough."""
    return (reasons,)


@dataclass(frozen=True, slots=True)
class Escalating:
    """What a provider adds to an estate so that escalation rules can be asked of it.

    `reads()` names the columns by table that `shaded` needs besides those that the estate is compiled from.
    `shaded(scopes)` adds shadows. `relates(arrays, alone)` says who has which permission, as `Answering.access` does.
    `scenarios` reads the cases of suites about paths, by the suite's name. `estate` makes of the estate that a case in
    a rule file tells the tables, and its accounts that are in no organization.
    `sides(permission, principal, resource, reasons)` says of what allows somebody something which sides must each
    allow it; of one side any reason is enough. Sides of which that is not sure are taken together as one.
    """

    reads: Callable[[], Mapping[str, Sequence[str]]]
    shaded: Callable[[Sequence[ScopeTables]], tuple[Sequence[ScopeTables], Shadows]]
    relates: Callable[[Arrays, Collection[str]], Relates]
    scenarios: Mapping[str, Callable[[Mapping[str, Any], Path], Scenario]] = field(default_factory=dict)
    estate: Callable[[Mapping[str, Any]], tuple[Sequence[ScopeTables], Collection[str]]] | None = None
    sides: Sides = one_side
