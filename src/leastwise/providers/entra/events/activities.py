"""Which actions of directory roles an activity of the audit log is, by `data/events/activities.yaml`.

Names differ between logs in case, blanks, kinds of dashes and a full stop at the end. An activity that no page tells of
is unknown, and said to be.

https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities
https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pkgutil import get_data
from typing import Any, Literal

from leastwise import shipped
from leastwise.providers.entra import catalog
from leastwise.providers.entra.language.actions import DIRECTORY

from .record import Target

What = Literal["call", "free", "service", "unknown"]
_DASHES = re.compile(r"\s*[\u002d\u2010-\u2015\u2212]\s*")
_TRAILING = re.compile(r"[\s.\u00a0]+$")


@dataclass(frozen=True, slots=True)
class Resolved:
    """What an activity is, which actions it is, surely or perhaps; `why` where none is known."""

    what: What
    needs: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """An activity of the table; `properties` tell more: by the name of what was changed, the actions for that."""

    resolved: Resolved
    properties: str = ""


@dataclass(frozen=True, slots=True)
class Activities:
    """What the file says.

    - `rows`: activities by their names; `properties`: by kind of object and name of a property in lower case, actions.
    - `sign_ins`: operations that are sign-ins. `shown`: actions of which every use is recorded.
    """

    rows: Mapping[str, _Row]
    properties: Mapping[str, Mapping[str, tuple[str, ...]]]
    sign_ins: frozenset[str]
    shown: frozenset[str]


@lru_cache(maxsize=1 << 12)
def plain(name: str) -> str:
    """A name as it is compared."""
    return _DASHES.sub("-", _TRAILING.sub("", " ".join(name.split()))).lower()


@cache
def activities() -> Activities:
    """The bundled file."""
    told: dict[str, Any] = shipped.values(get_data("leastwise.providers.entra", "data/events/activities.yaml") or b"")
    rows: dict[str, _Row] = {}
    for group in told["activities"]:
        for row in group["rows"]:
            made = _row(row)
            for name in row["names"]:
                rows[plain(name)] = made
    properties = {
        kind: {plain(name): _actions(actions) for name, actions in named.items()}
        for kind, named in told["properties"].items()
    }
    return Activities(rows, properties, frozenset(map(plain, told["sign_ins"])), frozenset(_actions(told["shown"])))


def _row(row: Mapping[str, Any]) -> _Row:
    for what in ("free", "service"):
        if what in row:
            return _Row(Resolved("free" if what == "free" else "service", why=row[what]))
    resolved = Resolved("call", _actions(row.get("needs", ())), _actions(row.get("possible", ())))
    return _Row(resolved, row.get("properties", ""))


def _actions(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{DIRECTORY}/{one}" for one in names)


def resolve(operation: str, targets: Sequence[Target]) -> Resolved:
    """What an activity that touched some objects is."""
    row = activities().rows.get(plain(operation))
    if row is None:
        return Resolved("unknown", why=f"no page tells which action of a role {' '.join(operation.split())} is")
    if not row.properties:
        return _spread(row.resolved)
    known = activities().properties[row.properties]
    changed = {plain(name) for one in targets for name in _names(one)}
    told = [known[name] for name in sorted(changed & known.keys())]
    sure = dict.fromkeys(one[0] for one in told if len(one) == 1)
    perhaps = dict.fromkeys(action for one in told if len(one) > 1 for action in one)
    if not changed or changed - known.keys():
        perhaps |= dict.fromkeys(row.resolved.possible)
    return _spread(Resolved("call", tuple(sure), tuple(one for one in perhaps if one not in sure)))


_ABOUT = frozenset(("included updated properties", "targetid.serviceprincipalnames", "targetid.usertype",
                    "spn", "actorid.serviceprincipalnames", "lastdirsynctime"))  # fmt: skip
"""What records list among changed properties that is none."""


def _names(one: Target) -> list[str]:
    """The properties of an object that were changed."""
    return [name for name, old, new in one.changed if name and plain(name) not in _ABOUT and old != new]


@lru_cache(maxsize=1 << 12)
def _spread(found: Resolved) -> Resolved:
    """With the same actions of narrower entities, which a role may give instead: the log does not tell of which."""
    narrower = [one for action in (*found.needs, *found.possible) for one in _subtypes().get(action.lower(), ())]
    possible = dict.fromkeys((*found.possible, *narrower))
    return Resolved(found.what, found.needs, tuple(one for one in possible if one not in found.needs), found.why)


@cache
def _subtypes() -> Mapping[str, tuple[str, ...]]:
    """By action the same action of subtypes of its entity, as built-in roles name them."""
    found: dict[str, tuple[str, ...]] = {}
    for name in catalog.bundled().actions:
        space, _, rest = name.partition("/")
        entity, _, verb = rest.partition("/")
        base, dot, _ = entity.partition(".")
        if dot and verb and not verb.lower().endswith("alltasks"):
            key = f"{space}/{base}/{verb}".lower()
            found[key] = (*found.get(key, ()), name)
    return found


def shown(action: str) -> bool:
    """Whether every use of an action is recorded as one of the activities that are known to be it."""
    space, _, rest = action.lower().partition("/")
    entity, _, verb = rest.partition("/")
    # Of deleted objects the kind is told after the dot, of others which part of the kind it is.
    return action.lower() in _shown() or f"{space}/{entity.partition('.')[0]}/{verb}" in _shown()


@cache
def _shown() -> frozenset[str]:
    return frozenset(one.lower() for one in activities().shown)
