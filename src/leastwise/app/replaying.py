"""Recorded calls, decided again: what of them an estate with changes laid over it would no longer allow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from leastwise.engine.columns import plain
from leastwise.model.decision import Circumstances, State
from leastwise.model.plan import Broken, Replay
from leastwise.model.usage import unpacked
from leastwise.usage.uses import CALL, IMPLIED

from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.engine.access import Access

_COLUMNS = ("time", "permission", "resource", "bucket", "outcome", "facts", "what")
_MADE = ("allowed", "failed", "unknown")
"""Outcomes of calls that were, or may have been, authorised."""
_RANK = {State.ALLOWED: 3, State.CONDITIONAL: 2, State.UNKNOWN: 1, State.DENIED: 0}


@dataclass(slots=True)
class Done:
    """Calls of one permission on one resource: how many, and when the last was."""

    calls: int
    last: datetime


@dataclass
class Recorded:
    """The recorded calls of one principal in a span of time, by permission and resource."""

    begin: datetime
    end: datetime
    done: dict[tuple[str, str], Done] = field(default_factory=dict)
    calls: int = 0


def recorded(workspace: Workspace, provider: str, names: Sequence[str], begin: datetime, end: datetime) -> Recorded:
    """The calls of a principal, by the names that logs have for it, that were or may have been authorised."""
    found = Recorded(begin, end)
    where = pc.field("principal").cast("string").isin(list(names)) & (pc.field("what").cast("string") == "call")
    table = workspace.lake.events(provider=provider, begin=begin, end=end, where=where, columns=_COLUMNS)
    for row in plain(table).to_pylist():
        asked = list(_asked(row))
        found.calls += bool(asked)
        for key in asked:
            known = found.done.get(key)
            if known is None:
                found.done[key] = Done(1, row["time"])
            else:
                known.calls += 1
                known.last = max(known.last, row["time"])
    return found


def _asked(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What one call needed: permissions, each with the resource, or the bucket of it, that the log tells."""
    if not row["facts"]:
        if row["permission"] and row["outcome"] in _MADE:
            yield row["permission"], row["resource"] or row["bucket"]
        return
    for one in unpacked(row["facts"]):
        if one.outcome in _MADE and one.how in (CALL, IMPLIED):
            # The row tells the first resource exactly; of the others only the bucket is known.
            exact = one.permission == row["permission"] and one.bucket == row["bucket"]
            yield one.permission, (row["resource"] if exact and row["resource"] else one.bucket)


def replayed(
    found: Recorded,
    principal: str,
    before: Access,
    after: Access,
    unchanged: Callable[[str, str], bool],
    meant: Callable[[str], tuple[str, ...]],
) -> Replay:
    """What of the recorded calls the changed estate would break.

    Args:
        found: the calls.
        principal: whose they are.
        before: the estate as it was read.
        after: the same with the changes.
        unchanged: whether a permission on a resource is surely given as before: the engine need not be asked.
        meant: the resources that a text of the log names.
    """
    broken, unlike = [], 0
    for (permission, text), done in sorted(found.done.items()):
        named = meant(text) if text else ()
        resource = named[0] if named else ""
        if resource and unchanged(permission, resource):
            continue
        old, new = (_state(one, principal, permission, resource) for one in (before, after))
        if old[0] is State.DENIED:
            unlike += done.calls
        elif _RANK[new[0]] < _RANK[old[0]] or (old[1] != new[1] or new[0] is State.UNKNOWN):
            broken.append(Broken(done.last, principal, permission, resource, str(old[0]), str(new[0]), done.calls))
    return Replay(found.begin, found.end, found.calls, len(found.done), tuple(broken), unlike)


def _state(access: Access, principal: str, permission: str, resource: str) -> tuple[State, Any]:
    decision = access.can(principal, permission, resource or None, Circumstances())
    return decision.state, decision.residual
