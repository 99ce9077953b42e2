"""Recorded calls, decided again: what of them an estate with changes laid over it would no longer allow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import plain
from leastwise.model.decision import RANK, State
from leastwise.model.plan import Broken, Replay
from leastwise.model.snapshot import Estate
from leastwise.model.usage import unpacked
from leastwise.usage.uses import CALL, IMPLIED

from .aliases import naming
from .proving import ANYTHING, Laid
from .wiring import Workspace

_DECIDING = ("principal", "permission", "resource", "bucket", "outcome", "facts")
_COLUMNS = ("time", *_DECIDING)
_MADE = ("allowed", "failed", "unknown")
"""Outcomes of calls that were, or may have been, authorised."""


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


class Recordings:
    """The calls of principals in a span of time, that were or may have been authorised.

    Args:
        workspace: where the lake lies.
        provider: whose logs they stand in.
        estate: whose principals' names the logs may write.
        begin: of the span.
        end: its end.
    """

    def __init__(self, workspace: Workspace, provider: str, estate: Estate, begin: datetime, end: datetime) -> None:
        self._workspace, self._provider, self._estate = workspace, provider, estate
        self._begin, self._end = begin, end
        self._read: dict[str, Recorded] = {}

    @cached_property
    def _naming(self) -> Callable[[str], Sequence[str]]:
        return naming(self._workspace, self._estate)

    @property
    def known(self) -> Collection[str]:
        """Of whom they were read."""
        return self._read.keys()

    def of(self, principal: str) -> Recorded:
        """The calls of one principal."""
        if principal not in self._read:
            self.read([principal])
        return self._read[principal]

    def read(self, principals: Iterable[str]) -> None:
        """Read the calls of some principals at once."""
        whose: dict[str, str] = {}
        for principal in principals:
            self._read[principal] = Recorded(self._begin, self._end)
            for name in (principal, *self._naming(principal)):
                whose[name] = principal
        text = pc.field("principal").cast("string")
        where = pc.is_in(text, value_set=pa.array(list(whose), pa.string())) & (
            pc.field("what").cast("string") == "call"
        )
        table = self._workspace.lake.events(
            provider=self._provider, begin=self._begin, end=self._end, where=where, columns=_COLUMNS, each=_alike
        )
        for row in _together(table).to_pylist():
            found = self._read[whose[row["principal"]]]
            asked = list(_asked(row))
            found.calls += row["calls"] if asked else 0
            for key in asked:
                known = found.done.setdefault(key, Done(0, row["time"]))
                known.calls += row["calls"]
                known.last = max(known.last, row["time"])


def _alike(events: pa.Table) -> pa.Table:
    """Calls that differ in nothing that decides as one row, with how many there were."""
    counted = pc.if_else(pc.is_valid(events["time"]), 1, 0)
    return _together(plain(events).append_column("calls", counted))


def _together(calls: pa.Table) -> pa.Table:
    found = calls.group_by(list(_DECIDING)).aggregate([("time", "max"), ("calls", "sum")])
    return found.rename_columns([one.removesuffix("_max").removesuffix("_sum") for one in found.column_names])


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


def replayed(found: Recorded, laid: Laid, meant: Callable[[str], tuple[str, ...]]) -> Replay:
    """What of the recorded calls the changes would break.

    Args:
        found: the calls.
        laid: whose they are, and the changes.
        meant: the resources that a text of the log names.
    """
    broken, unlike, asked, beside = [], 0, [], []
    for (permission, text), done in sorted(found.done.items()):
        told = [(permission, one) for one in named(text, meant)]
        asked += [(one, done.calls, done.last) for one in told]
        open_ = [one for one in told if not laid.unchanged(*one)]
        beside += open_
        for _, resource in open_:
            old, new = laid.decided(permission, resource)
            if old.state is State.DENIED:
                unlike += done.calls
            elif RANK[new.state] > RANK[old.state] or old.residual != new.residual or new.state is State.UNKNOWN:
                states = str(old.state), str(new.state)
                broken.append(Broken(done.last, laid.principal, permission, resource, *states, done.calls))
                break
    return Replay(
        found.begin, found.end, found.calls, len(found.done), tuple(broken), unlike, tuple(asked), tuple(beside)
    )


def named(text: str, meant: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
    """The resources that a text of the log names; what stands for any where it names none that is known."""
    return (meant(text) if text else ()) or (ANYTHING,)
