"""Bearers of tokens and the doors that these open, as gates: steps from one provider, or from outside, into another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pyroaring import BitMap

from leastwise.model.decision import State
from leastwise.model.federation import Bearer, Door, Entered, issuer_key
from leastwise.model.shadows import Shadows
from leastwise.rules.escalation import EscalationRule, Need
from leastwise.rules.federation import FederationRule

from .gates import Gate, Gates


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody who is shown to one door alone: whoever a pattern of its trust means."""

    door: int
    bearer: Bearer


@dataclass(frozen=True, slots=True)
class _Step:
    """What bearers have in common who go the same way."""

    kind: str
    door: str
    target: str
    state: State
    missing: str
    about: str


_Question = tuple[str, str, Mapping[str, tuple[str, ...]]]


class Federation:
    """Makes the gates.

    Args:
        doors: of all providers.
        bearers: of all providers, and those from outside who are shown to every door of their issuer.
        shown: those who are shown to one door alone.
        rules: by the kind of a door.
    """

    def __init__(
        self, doors: Sequence[Door], bearers: Iterable[Bearer], shown: Iterable[Shown],
        rules: Mapping[str, FederationRule],
    ) -> None:  # fmt: skip
        self._doors, self._shown, self._rules = doors, list(shown), rules
        self._of: dict[tuple[str, str], list[Bearer]] = defaultdict(list)
        self._named: dict[tuple[str, str, str], list[Bearer]] = defaultdict(list)
        for one in bearers:
            token = one.token
            key = (token.form, issuer_of(one))
            self._of[key].append(one)
            self._named[*key, token.subject].append(one)

    def gates(self) -> Gates:
        """A graph of those steps alone."""
        through: dict[_Step, dict[str, _Question | None]] = defaultdict(dict)
        for door, bearer in self._tried():
            for entered in door.tries(bearer.token):
                if entered.target != bearer.principal:
                    through[_step(door, bearer, entered)].setdefault(bearer.principal, entered.asked)
        return self._made(through)

    def _tried(self) -> Iterator[tuple[Door, Bearer]]:
        """Each door with those who may come in by it."""
        alone: dict[int, list[Bearer]] = defaultdict(list)
        for one in self._shown:
            alone[one.door].append(one.bearer)
        for number, door in enumerate(self._doors):
            key = (door.form, door.issuer)
            if door.exact:
                for subject in door.subjects:
                    yield from ((door, one) for one in self._named.get((*key, subject), ()))
            else:
                yield from ((door, one) for one in self._of.get(key, ()))
            yield from ((door, one) for one in alone.get(number, ()))

    def _made(self, through: Mapping[_Step, Mapping[str, _Question | None]]) -> Gates:
        nodes: dict[str, int] = {}
        rules: dict[str, int] = {}
        steps: list[EscalationRule] = []
        joined: dict[tuple[int, State, str, bytes], tuple[BitMap, list[_Step]]] = {}
        for step, sources in through.items():
            rule = self._rule(step, sources)
            number = rules.setdefault(repr(rule), len(steps))
            if number == len(steps):
                steps.append(rule)
            bits = BitMap(nodes.setdefault(one, len(nodes)) for one in sources)
            key = (number, step.state, step.missing, bits.serialize())
            joined.setdefault(key, (bits, []))[1].append(step)
        gates = []
        for (number, state, missing, _), (sources_, several) in joined.items():
            targets = np.array([nodes.setdefault(one.target, len(nodes)) for one in several], np.int64)
            things = [one.door if one.door != one.target else "" for one in several]
            about = [one.about or one.target for one in several]
            with_ = things if any(things) else ()
            gates.append(Gate(number, sources_, targets, with_, state, missing=missing, about=about))
        return Gates(list(nodes), steps, gates, Shadows({}, {}, {}))

    def _rule(self, step: _Step, sources: Mapping[str, _Question | None]) -> EscalationRule:
        """The rule of a step; where one goes alone, with the question that asks it again."""
        rule = self._rules[step.kind].step
        questions = list(sources.values())
        asked = questions[0] if len(questions) == 1 else None
        if asked is None:
            return rule
        principal, permission, given = asked
        return replace(rule, needs=((Need(permission, "target", principal, given),),))


def issuer_of(bearer: Bearer) -> str:
    """The issuer of somebody's token, as doors name it."""
    return issuer_key(bearer.token.issuer)


def _step(door: Door, bearer: Bearer, entered: Entered) -> _Step:
    missing = tuple(dict.fromkeys((*((bearer.doubt,) if bearer.doubt else ()), *entered.missing)))
    state = State.UNKNOWN if bearer.doubt else entered.state
    return _Step(door.kind, door.id, entered.target, state, "; ".join(missing), entered.about)
