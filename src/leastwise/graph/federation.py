"""Bearers of tokens and the doors that these open, as gates: steps from one provider, or from outside, into another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pyroaring import BitMap

from leastwise.model.decision import State
from leastwise.model.federation import ROLES, Bearer, Door, Entered, issuer_key
from leastwise.model.shadows import Shadows
from leastwise.rules.escalation import Need
from leastwise.rules.federation import FederationRule

from .gates import Gate, Gates
from .subjects import Subjects


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

    @property
    def thing(self) -> str:
        """The door, where it is another than the target."""
        return self.door if self.door != self.target else ""


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
        self._named: dict[tuple[str, str], Subjects] = defaultdict(Subjects)
        self._handed: dict[tuple[str, str, str], list[Bearer]] = defaultdict(list)
        for one in bearers:
            token = one.token
            key = (token.form, issuer_of(one))
            self._of[key].append(one)
            self._named[key].add(one)
            for role in token.claims.get(ROLES, ()):
                self._handed[*key, role].append(one)

    def gates(self) -> Gates:
        """A graph of those steps alone."""
        through: dict[_Step, list[str]] = defaultdict(list)
        asked: dict[tuple[str, str, str], Need] = {}
        for door, bearer in self._tried():
            for entered in door.tries(bearer.token):
                if entered.target == bearer.principal:
                    continue
                step = _step(door, bearer, entered)
                through[step].append(bearer.principal)
                if entered.asked is not None:
                    principal, permission, given = entered.asked
                    key = bearer.principal, step.target, step.thing
                    asked.setdefault(key, Need(permission, "target", principal, given))
        return self._made(through, asked)

    def _tried(self) -> Iterator[tuple[Door, Bearer]]:
        """Each door with those who may come in by it."""
        alone: dict[int, list[Bearer]] = defaultdict(list)
        for one in self._shown:
            alone[one.door].append(one.bearer)
        for number, door in enumerate(self._doors):
            key = (door.form, door.issuer)
            if door.handed:
                yield from ((door, one) for role in door.handed for one in self._handed.get((*key, role), ()))
            elif door.exact:
                for subject in door.subjects:
                    yield from ((door, one) for one in self._named[key].like(subject))
            else:
                yield from ((door, one) for one in self._of.get(key, ()))
            yield from ((door, one) for one in alone.get(number, ()))

    def _made(self, through: Mapping[_Step, Sequence[str]], asked: Mapping[tuple[str, str, str], Need]) -> Gates:
        nodes: dict[str, int] = {}
        kinds = list(dict.fromkeys(step.kind for step in through))
        joined: dict[tuple[str, State, str, bytes], tuple[BitMap, list[_Step]]] = {}
        for step, sources in through.items():
            bits = BitMap(nodes.setdefault(one, len(nodes)) for one in sources)
            key = (step.kind, step.state, step.missing, bits.serialize())
            joined.setdefault(key, (bits, []))[1].append(step)
        gates = []
        for (kind, state, missing, _), (sources_, several) in joined.items():
            targets = np.array([nodes.setdefault(one.target, len(nodes)) for one in several], np.int64)
            things = [one.thing for one in several]
            about = [one.about or one.target for one in several]
            with_ = things if any(things) else ()
            gates.append(Gate(kinds.index(kind), sources_, targets, with_, state, missing=missing, about=about))
        steps = [self._rules[kind].step for kind in kinds]
        return Gates(list(nodes), steps, gates, Shadows({}, {}, {}), asked=asked)


def issuer_of(bearer: Bearer) -> str:
    """The issuer of somebody's token, as doors name it."""
    return issuer_key(bearer.token.issuer)


def _step(door: Door, bearer: Bearer, entered: Entered) -> _Step:
    missing = tuple(dict.fromkeys((*((bearer.doubt,) if bearer.doubt else ()), *entered.missing)))
    state = State.UNKNOWN if bearer.doubt else entered.state
    return _Step(door.kind, door.id, entered.target, state, "; ".join(missing), entered.about)
