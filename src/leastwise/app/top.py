"""The best actions: which change mends most, what it cuts, who can make it, and how far the creep index would fall."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leastwise.model.decision import Circumstances
from leastwise.model.gap import Use
from leastwise.usage.creep import WEIGHTS, index, reach

from .causes import DOCUMENT, Cause, Causes
from .excess import SENSITIVE, Excess
from .posture import Findings

_MOST = 100
"""So many holders of a document are each asked about; of more, the answer says how many were."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What an action takes away.

    Args:
        principals: from whom.
        counted: of how many of them the rest is the sum.
        permissions: how many unused permissions, each counted for each that loses it.
        sensitive: how many of them are sensitive.
        weights: by how much the weight of each falls that was counted, see docs/reference/creep.md.
    """

    principals: int
    counted: int
    permissions: int
    sensitive: int
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do, with the findings that it mends."""

    cause: Cause
    do: str
    cuts: str
    cut: Cut | None
    creep: Mapping[str, float] | None

    def to_json(self) -> dict[str, Any]:
        """The documented JSON of an action."""
        told = self.cause.to_json()
        cut = self.cut
        return {
            "do": self.do, "cuts": self.cuts,
            **{name: told[name] for name in ("score", "severity", "cause", "id", "target", "owners", "about")},
            "cut": None if cut is None else {
                "principals": cut.principals, "counted": cut.counted, "permissions": cut.permissions,
                "sensitive": cut.sensitive,
            },
            "creep": self.creep,
            "findings": [{"key": one["key"], "rule": one["rule"], "rank": one["rank"]} for one in told["items"]],
        }  # fmt: skip


def actions(found: Findings, limit: int) -> list[Action]:
    """The best actions of some findings, the highest score first; none for what is break-glass."""
    causes = Causes(found.estate, found.unused)
    chosen = (one for one in causes.grouped(found.rows) if one.score > 0 and not all(map(causes.protected, one.about)))
    excesses = {one.summary.principal: one for one in found.unused.excesses}
    made = _Making(found, causes, excesses)
    return [made.action(one) for one, _ in zip(chosen, range(limit), strict=False)]


class _Making:
    """Makes actions of causes."""

    def __init__(self, found: Findings, causes: Causes, excesses: Mapping[str, Excess]) -> None:
        self._unused, self._causes, self._excesses = found.unused, causes, excesses
        self._weights = {
            name: sum(one.summary.creep.parts.values()) for name, one in excesses.items() if not one.summary.unread
        }

    def action(self, cause: Cause) -> Action:
        """What to do about a cause."""
        first = cause.found[0].row.finding
        cut = self._cut(cause)
        if cut is None or not cut.permissions:
            return Action(cause, first.remediation, first.message, None, None)
        told = (
            f"{cut.permissions} unused permissions, {cut.sensitive} of them sensitive, of "
            f"{cut.principals} {'principal' if cut.principals == 1 else 'principals'}"
        )
        if cut.counted < cut.principals:
            told += f" ({cut.counted} counted)"
        if cause.kind == DOCUMENT:
            whose = self._causes.name(cause.target)
            # The vendor's own policies are not ours to change.
            do = f"Replace {cause.id} of {whose}: give" if cause.target else f"Cut {cause.id} down: leave"
            do += " only what is used."
        else:
            do = first.remediation
            told = f"all that {', '.join(self._causes.name(one) for one in cause.about)} may do: {told}"
        return Action(cause, do, told, cut, self._creep(cut))

    def _cut(self, cause: Cause) -> Cut | None:
        """What it takes away; None where that is not known: no logs, or it is not about permissions."""
        if not self._weights:
            return None
        if cause.kind == DOCUMENT:
            whom = [one for one in self._causes.holders(cause) if one in self._weights]
            return _sum(len(whom), [self._of_document(one, cause.id) for one in whom[:_MOST]])
        if not self._causes.removes(cause):
            return None
        whom = [one for one in cause.about if one in self._weights and not self._causes.protected(one)]
        return _sum(len(whom), [self._of_all(one) for one in whom])

    def _of_all(self, principal: str) -> tuple[str, int, int, float]:
        excess = self._excesses[principal]
        return principal, excess.summary.unused, sum(excess.counts.values()), self._weights[principal]

    def _of_document(self, principal: str, policy: str) -> tuple[str, int, int, float]:
        """What one policy gives that is unused, and that no other policy of the principal gives."""
        gap = self._unused.gap(principal)
        mine, others = set[int](), set[int]()
        for given in gap.asking.access.given(principal):
            (mine if given.policy == policy else others).update(given.permissions)
        names = {gap.facts.names[number] for number in mine - others}
        items = gap.of(principal, Circumstances()).items
        gone = [one for one in items if one.state is Use.UNUSED and one.permission in names]
        weight = sum(WEIGHTS[one.sensitivity] * reach(one.resources, gap.facts.naming) for one in gone)
        return principal, len(gone), sum(one.sensitivity in SENSITIVE for one in gone), weight

    def _creep(self, cut: Cut) -> dict[str, float]:
        """The index of all, and of those concerned, before and after."""
        after = {name: max(0.0, weight - cut.weights.get(name, 0.0)) for name, weight in self._weights.items()}
        whole, left = _mean(list(self._weights.values())), _mean(list(after.values()))
        mine, rest = (_mean([table[one] for one in cut.weights]) for table in (self._weights, after))
        return {
            "before": whole, "after": left, "drop": round(whole - left, 1), "concerned_before": mine,
            "concerned_after": rest,
        }  # fmt: skip


def _sum(principals: int, parts: Sequence[tuple[str, int, int, float]]) -> Cut:
    weights = {name: weight for name, _, _, weight in parts}
    return Cut(principals, len(parts), sum(one[1] for one in parts), sum(one[2] for one in parts), weights)


def _mean(weights: Sequence[float]) -> float:
    return index(sum(weights) / len(weights)) if weights else 0.0


def rows_of(made: Sequence[Action]) -> Iterator[dict[str, Any]]:
    """Lines of a table, and of CSV."""
    for place, one in enumerate(made, 1):
        told, creep = one.to_json(), one.creep
        fall = ""
        if creep is not None:
            fall = f"{creep['before']:g} to {creep['after']:g}; theirs {creep['concerned_before']:g} to "
            fall += f"{creep['concerned_after']:g}"
        cut = None if one.cut is None else one.cut.permissions
        keys = [each["key"] for each in told["findings"]]
        drop = None if creep is None else creep["drop"]
        yield told | {"place": place, "creep": fall, "drop": drop, "cut": cut, "findings": keys}
