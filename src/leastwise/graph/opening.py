"""Closed gates that open because something is done besides, by whomever a principal can become.

Whoever reaches somebody who goes through the gate, and for all that must be done besides somebody who can do it, goes
through it. Found backwards from the sets of those who can; of each set once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from pyroaring import BitMap

from leastwise.model.decision import State
from leastwise.rules.escalation import Need

from .classes import STATES
from .gates import Gate, Gates
from .network import Network
from .paths import LEVELS, Hop, Path, Searching
from .together import BEARER, Besides, Together

_FEW = 16
"""Of gates to so many targets it is asked who reaches them anyway; a step too many is no fault."""


class Opening:
    """Looks for closed gates that open; each is opened once to each, at the surest state.

    Args:
        gates: the graph as it is at first.
    """

    def __init__(self, gates: Gates) -> None:
        self._closed, self._together, self._nodes = gates.closed, gates.together, gates.nodes
        self._numbers = {id: at for at, id in enumerate(gates.nodes)} if gates.closed else {}
        self._through: list[BitMap] = [BitMap() for _ in gates.closed]

    def found(self, gates: Gates, states: Sequence[State]) -> list[Gate]:
        """The gates of some states that open, and are not there yet."""
        if not self._closed:
            return []
        network = Network(gates, states)
        whence = lru_cache(maxsize=None)(lambda several: network.reaching(list(BitMap.deserialize(several))))
        found = []
        for place, closed in enumerate(self._closed):
            if closed.state not in states:
                continue
            sources = self._sources(closed, place, len(states) - 1, lambda some: whence(some.serialize()))
            if sources:
                self._through[place] |= sources
                found.append(replace(closed, sources=sources, state=states[-1], after=len(gates.gates)))
        return found

    def _sources(self, closed: Gate, place: int, level: int, whence: Callable[[BitMap], BitMap]) -> BitMap:
        together = self._together[closed.together]
        sets = [(one, one.held.until(level)) for one in together.besides]
        going = closed.sources.copy()
        for one, able in sets:
            going = going & able if one.own else going
        parts = [able for one, able in sets if not one.own]
        if not any(one.becomes for one, _ in sets):
            parts.append(going)
        known = self._through[place]
        above = self._numbers.get(together.above) if together.above else None
        if above is not None and going:
            # Whoever gets further need not be told how he gets here.
            known = known | whence(BitMap([above]))
            parts = [one - known for one in parts]
        if not going or not all(parts):
            return BitMap()
        ends = BitMap(closed.targets.astype(np.uint32))
        if len(ends) <= _FEW and closed.each is None:
            there = [whence(BitMap([end])) for end in ends]
            known = known | there[0].intersection(*there[1:])
        reaching = [whence(one) for one in parts]
        return reaching[0].intersection(*reaching[1:]) - known


@dataclass(frozen=True, slots=True)
class Done:
    """What somebody does so that a gate opens.

    Args:
        who: id of who does it.
        way: to him; none where he is who goes.
        steps: what it takes; those about whoever goes through the gate say who that is.
        text: what it is, as people are told it; empty of what the rule itself asks for.
    """

    who: str
    way: Path | None
    steps: tuple[tuple[Need, ...], ...]
    text: str = ""


def done(gates: Gates, hop: Hop) -> list[Done]:
    """All that is done so that a hop opens, what comes first first."""
    before = replace(gates, gates=gates.gates[: hop.after])
    networks = [Network(before, states) for states in LEVELS]
    numbers = {id: at for at, id in enumerate(gates.nodes)}
    closed, together = _opened(gates, hop, numbers)
    return list(_done(networks, numbers[hop.source], STATES.index(hop.state), closed, together))


def _opened(gates: Gates, hop: Hop, numbers: dict[str, int]) -> tuple[Gate, Together]:
    closed = next(one for one in gates.closed if one.together == hop.together and numbers[hop.target] in one.targets)
    return closed, gates.together[hop.together]


def _done(networks: Sequence[Network], source: int, level: int, closed: Gate, together: Together) -> Iterator[Done]:
    nodes = networks[0].gates.nodes

    def reached(able: BitMap) -> tuple[int, Path | None]:
        """The nearest of some that the source can become, by the surest way."""
        if source in able:
            return source, None
        way = Searching(networks[: level + 1], list(able)).path(source)
        assert way is not None
        return next(at for at in able if nodes[at] == way.hops[-1].target), way

    going = closed.sources.copy()
    for one in together.besides:
        going = going & one.held.until(level) if one.own else going
    becoming = any(one.becomes for one in together.besides)
    bearer, way = (going[0], None) if becoming else reached(going)
    for one in together.besides:
        who, there = (bearer, way) if one.own else reached(one.held.until(level))
        yield Done(nodes[who], there, _about(one, nodes[bearer]), one.text)
    yield Done(nodes[bearer], way, together.steps)


def _about(one: Besides, bearer: str) -> tuple[tuple[Need, ...], ...]:
    return tuple(
        tuple(replace(need, on=bearer) if need.about == BEARER else need for need in step) for step in one.steps
    )
