"""What has to be there besides, whatever a rule leads to: a job that can be changed, a machine that can be stopped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from pyroaring import BitMap

from leastwise.model.decision import State
from leastwise.rules.escalation import EXISTING, EscalationRule

from .classes import Held
from .links import Links
from .needs import Needs
from .nodes import Nodes, Told

if TYPE_CHECKING:
    from .gates import Gate


class Existing:
    """Narrows gates to those who also meet some needs on one thing that exists.

    Args:
        needs: who meets what.
        links: what there is.
        told: what the tables tell of principals.
        nodes: the numbers of principals.
        places: the resource that an account is.
    """

    def __init__(self, needs: Needs, links: Links, told: Told, nodes: Nodes, places: Mapping[str, str]) -> None:
        self._needs, self._links, self._told, self._nodes, self._places = needs, links, told, nodes, places

    def gates(self, rule: EscalationRule, of: Callable[[EscalationRule], Iterator[Gate]]) -> Iterator[Gate]:
        """The gates of a rule, made of those that its other needs make."""
        about = [any(need.about in EXISTING for need in step) for step in rule.needs]
        steps = [tuple(step for step, one in zip(rule.needs, about, strict=True) if one is those)
                 for those in (True, False)]  # fmt: skip
        existing, besides = (replace(rule, needs=one) for one in steps)
        held = self._held(existing)
        if any(need.about == "sibling" for need in existing.every()):
            yield from self._beside_targets(existing, held, of(besides))
        else:
            yield from self._beside_sources(existing, held, of(besides))

    # --- in the account of whoever goes

    def _beside_sources(
        self, rule: EscalationRule, by_account: Mapping[str, Held], gates: Iterator[Gate]
    ) -> Iterator[Gate]:
        held = Held()
        for account, several in by_account.items():
            mine = dict(self._by_account(several)).get(account)
            held = held if mine is None else held.either(several.among(mine))
        perhaps = self.unlisted(rule)
        for gate in gates:
            mine_ = held.among(gate.sources).at_best(gate.state)
            for state, sources in mine_.parts():
                yield replace(gate, sources=sources, state=state)
            for account, others in perhaps.items():
                left = (others & gate.sources) - mine_.sure - mine_.unsure
                if left:
                    yield replace(gate, sources=left, state=State.UNKNOWN, missing=gate.missing or _one(rule, account))

    def _held(self, rule: EscalationRule) -> dict[str, Held]:
        """Who meets all needs of a rule on one thing that exists, by the account that it lies in."""
        things = self._links.existing(rule.kinds)
        ids = [id for id, _ in things]
        columns = [self._needs.column(one, ids).tolist() for one in rule.every()] if ids else []
        rows = {(account, tuple(row)) for (_, account), *row in zip(things, *columns, strict=True)}
        found: dict[str, Held] = {}
        for account, row in sorted(rows):
            held = self._needs.through(rule, row)
            found[account] = found[account].either(held) if account in found else held
        return found

    def unlisted(self, rule: EscalationRule) -> Mapping[str, BitMap]:
        """Who could meet the needs, were there a thing, by the accounts of which it is not known which there are."""
        accounts = self._told.unlisted(rule.listed_by)
        if not accounts:
            return {}
        anew = replace(rule, needs=tuple(tuple(replace(need, about="new") for need in step) for step in rule.needs))
        held = self._needs.through(anew, self._needs.nameable(anew.every()))
        return {account: nodes for account, nodes in self._by_account(held) if account in accounts}

    def _by_account(self, held: Held) -> Iterator[tuple[str, BitMap]]:
        return self._nodes.by_account(held.every)

    # --- in the account of the target

    def _beside_targets(self, rule: EscalationRule, held: Mapping[str, Held], gates: Iterator[Gate]) -> Iterator[Gate]:
        perhaps: dict[str, BitMap] = {}
        unlisted = self._told.unlisted(rule.listed_by)
        for gate in gates:
            for account, one in self._by_target(gate):
                mine = held.get(account, Held()).among(gate.sources).at_best(gate.state)
                for state, sources in mine.parts():
                    yield replace(one, sources=sources, state=state)
                if account not in unlisted:
                    continue
                if account not in perhaps:
                    perhaps[account] = self._anything_of(rule, account)
                left = (perhaps[account] & gate.sources) - mine.sure - mine.unsure
                if left:
                    yield replace(one, sources=left, state=State.UNKNOWN, missing=gate.missing or _one(rule, account))

    def _by_target(self, gate: Gate) -> Iterator[tuple[str, Gate]]:
        """A gate by the accounts of those whom it is about."""
        ids = list(self._nodes.numbers)
        about = gate.about or [ids[node] for node in gate.targets.tolist()]
        places: dict[str, list[int]] = defaultdict(list)
        for place, id in enumerate(about):
            places[self._told.account(id)].append(place)
        for account, mine in places.items():
            things, told = ([some[place] for place in mine] if some else () for some in (gate.things, gate.about))
            yield account, replace(gate, targets=gate.targets[np.array(mine)], things=things, about=told)

    def _anything_of(self, rule: EscalationRule, account: str) -> BitMap:
        """Who meets the needs on the account itself, and so on whatever lies in it."""
        place = [self._places.get(account, "")]
        row = [int(self._needs.column(one, place)[0]) for one in rule.every()]
        return self._needs.through(rule, row).every


def _one(rule: EscalationRule, account: str) -> str:
    return f"{' or '.join(rule.kinds)} of {account}"
