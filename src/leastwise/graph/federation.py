"""Bearers of tokens and the doors that these open, as gates: steps from one provider, or from outside, into another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.model.decision import State
from leastwise.model.federation import ANY, ROLES, Bearer, Door, Entered, Token, issuer_key
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
        alone: dict[int, list[Bearer]] = defaultdict(list)
        for one in self._shown:
            alone[one.door].append(one.bearer)
        let = _Let()
        known: dict[Hashable, tuple[Door, _Let]] = {}
        for number, door in enumerate(self._doors):
            first, mine = known.get(door.alike, (door, None))
            if mine is None:
                mine = _let(door, self._who(door))
                if door.alike is not None:
                    known[door.alike] = (door, mine)
            let.add(mine.of(first, door))
            let.add(_let(door, alone.get(number, ())))
        return self._made(let)

    def _who(self, door: Door) -> Iterator[Bearer]:
        """Those who may come in by a door."""
        key = (door.form, door.issuer)
        if door.handed:
            yield from (one for role in (*door.handed, ANY) for one in self._handed.get((*key, role), ()))
        elif door.exact:
            for subject in door.subjects:
                yield from self._named[key].like(subject)
        else:
            yield from self._of.get(key, ())

    def _made(self, let: _Let) -> Gates:
        nodes: dict[str, int] = {}
        kinds = list(dict.fromkeys(step.kind for step, _ in let.through))
        told: dict[int, tuple[BitMap, bytes]] = {}
        joined: dict[tuple[str, State, str, bytes], tuple[BitMap, list[_Step]]] = {}
        for step, sources in let.through:
            if id(sources) not in told:
                bits = BitMap(nodes.setdefault(one, len(nodes)) for one in sources)
                told[id(sources)] = bits, bits.serialize()
            bits, written = told[id(sources)]
            joined.setdefault((step.kind, step.state, step.missing, written), (bits, []))[1].append(step)
        gates = []
        for (kind, state, missing, _), (sources_, several) in joined.items():
            targets = np.array([nodes.setdefault(one.target, len(nodes)) for one in several], np.int64)
            things = [one.thing for one in several]
            about = [one.about or one.target for one in several]
            with_ = things if any(things) else ()
            gates.append(Gate(kinds.index(kind), sources_, targets, with_, state, missing=missing, about=about))
        steps = [self._rules[kind].step for kind in kinds]
        return Gates(list(nodes), steps, gates, Shadows({}, {}, {}), asked=let.asked)


class _Let:
    """Who gets in, by the way that each goes, and what is asked of each then."""

    def __init__(self) -> None:
        self.through: list[tuple[_Step, Sequence[str]]] = []
        self.asked: dict[tuple[str, str], Mapping[str, Need]] = {}

    def add(self, other: _Let) -> None:
        """Those of another door; what is asked of somebody was told first where two tell it."""
        self.through += other.through
        for key, needs in other.asked.items():
            self.asked[key] = {**needs, **self.asked[key]} if key in self.asked else needs

    def of(self, door: Door, other: Door) -> _Let:
        """The same at a door that lets in the same bearers as itself, who share what is told of them."""
        if other is door:
            return self
        found = _Let()
        for step, sources in self.through:
            target = other.id if step.target == door.id else step.target
            mine = [one for one in sources if one != other.id] if other.id in self._all else sources
            found.through.append((replace(step, door=other.id, target=target), mine))
        found.asked = {
            (other.id if target == door.id else target, other.id if thing == door.id else thing): needs
            for (target, thing), needs in self.asked.items()
        }
        return found

    @cached_property
    def _all(self) -> frozenset[str]:
        return frozenset(one for _, sources in self.through for one in sources)


def _let(door: Door, bearers: Iterable[Bearer]) -> _Let:
    """Who of some bearers gets in by a door."""
    let, through = _Let(), defaultdict[_Step, list[str]](list)
    asked: dict[tuple[str, str], dict[str, Need]] = defaultdict(dict)
    # Of some tokens all bearers have the same one, which is tried once.
    tried: dict[int, tuple[Token, Sequence[Entered]]] = {}
    for bearer in bearers:
        if id(bearer.token) not in tried:
            tried[id(bearer.token)] = bearer.token, door.tries(bearer.token)
        for entered in tried[id(bearer.token)][1]:
            if entered.target == bearer.principal:
                continue
            step = _step(door, bearer, entered)
            through[step].append(bearer.principal)
            if entered.asked is not None:
                principal, permission, given = entered.asked
                need = Need(permission, "target", principal, given)
                asked[step.target, step.thing].setdefault(bearer.principal, need)
    let.through, let.asked = list(through.items()), dict(asked)
    return let


def issuer_of(bearer: Bearer) -> str:
    """The issuer of somebody's token, as doors name it."""
    return issuer_key(bearer.token.issuer)


def _step(door: Door, bearer: Bearer, entered: Entered) -> _Step:
    missing = tuple(dict.fromkeys((*((bearer.doubt,) if bearer.doubt else ()), *entered.missing)))
    state = State.UNKNOWN if bearer.doubt else entered.state
    return _Step(door.kind, door.id, entered.target, state, "; ".join(missing), entered.about)
