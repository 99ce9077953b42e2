"""What everybody holds by bindings, before deny policies and boundaries; see `bulk.everyone`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula
from leastwise.engine.holdings import Hidden, Part
from leastwise.model.decision import State
from leastwise.providers.bulk import everyone
from leastwise.providers.bulk.everyone import Bundle

from ..language.roles import without_condition
from .belonging import Belonging, state_of
from .conditioned import Conditioned
from .deciding import Known
from .guards import Guards, Standing
from .logged import Logged
from .numbers import Numbers
from .owned import Owned

_Left = tuple[BitMap, bool, bool]
_HELD = (State.ALLOWED, State.CONDITIONAL)
_UNREAD = ("denies", "bound", "above", "trees")


class Everyone(everyone.Everyone[Standing]):
    """Answers what everybody holds, in one estate."""

    def __init__(self, known: Known, numbers: Numbers, guards: Guards, owned: Owned, logged: Logged) -> None:
        super().__init__(known.held, known.held.rows("member.bindings").codes(np.arange(len(known.held.members))))
        self._held, self._numbers, self._guards = known.held, numbers, guards
        self._owned, self._logged = owned, logged
        self._belonging: Belonging = owned.belonging
        self._asked = numbers.asked()
        self._conditions = Conditioned(self._held, numbers, self._asked)
        self._states: dict[Formula, State] = {}

    def standings(self) -> Iterator[tuple[Standing, Array]]:
        """See `bulk.everyone`."""
        yield from self._guards.standings(self._belonging.principals, self._asked)

    def sets(self, member: int) -> Sequence[tuple[int, int]]:
        """See `bulk.everyone`."""
        return self._belonging.of(member)

    def set_codes(self, members: Array) -> Array:
        """See `bulk.everyone`."""
        return self._belonging.codes(members)

    def hidden(self, member: int) -> tuple[Hidden, ...]:
        """See `bulk.everyone`."""
        return self._logged.hidden(self._held.member(member))

    def all_read(self) -> bool:
        """See `bulk.everyone`."""
        arrays, unread = self._held.arrays, self._held.facts["unread"]
        above = [id for id, _ in unread["above"] if id not in self._held.alone]
        rest = any(unread[name] for name in _UNREAD if name != "above")
        return bool((arrays["place.read"] | arrays["place.alias"]).all()) and not above and not rest

    def bundle(self, member: int, conditional: bool, standing: Standing) -> Bundle:
        """See `bulk.everyone`."""
        arrays, exact, unread = self._held.arrays, True, False
        lies = self._held.rows("document.places")
        gathered: dict[tuple[int, State], tuple[BitMap, list[int]]] = {}
        for binding in self._held.rows("member.bindings").row(member).tolist():
            role = self._held.role_names[int(arrays["binding.role"][binding])]
            permissions = self._numbers.role(without_condition(role) or role)
            if permissions is None:
                unread = True
                continue
            state, known = self._condition(binding)
            exact = exact and known and not (conditional and state is State.CONDITIONAL)
            if state not in _HELD:
                continue
            state = State.CONDITIONAL if conditional else state
            places = lies.row(int(arrays["binding.document"][binding]))
            places = places[~arrays["place.alias"][places]]
            for place in np.union1d(places, self._owned.listed_below(places)).tolist():
                left, sure, doubtful = self._left(permissions, standing, int(place))
                exact, unread = exact and sure, unread or doubtful
                if left:
                    key = (id(left), state)
                    gathered.setdefault(key, (left, []))[1].append(int(place))
        named = self._owned.names
        found = [(left, tuple(sorted(set(at))), state) for (_, state), (left, at) in gathered.items()]
        parts = tuple(Part(left, named(at), state) for left, at, state in found)
        return Bundle(parts, exact, unread, tuple(at for _, at, _ in found))

    def _condition(self, binding: int) -> tuple[State, bool]:
        """The state of what a binding gives by its condition alone, and whether that is all there is to say of it."""
        when = self._conditions.of(binding)
        if when is None:
            return State.CONDITIONAL, False
        state = self._state(when)
        # What is not known of a condition may let in, and is told where somebody is asked about exactly.
        return state, state is not State.UNKNOWN

    def _left(self, permissions: BitMap, standing: Standing, place: int) -> _Left:
        """What guardrails leave of some permissions at a place, whether they leave it whatever else is asked, and
        whether that is not known of some.
        """
        guard = self._guards.at(standing, place)
        if len(guard) == 1 and guard[0][1] is True:
            return permissions, True, False
        key = id(permissions), standing, int(self._guards.situation[place])
        found = self._lefts.get(key)
        if found is None:
            kept, sure, doubtful = BitMap(), True, False
            for members, formula in guard:
                both = permissions & members
                after = self._state(formula) if both else State.DENIED
                if after in _HELD:
                    kept |= both
                sure = sure and (not both or after in (State.ALLOWED, State.DENIED))
                doubtful = doubtful or after is State.UNKNOWN
            found = self._lefts[key] = kept, sure, doubtful
        return found

    @cached_property
    def _lefts(self) -> dict[tuple[int, Standing, int], _Left]:
        return {}

    def _state(self, formula: Formula) -> State:
        if formula not in self._states:
            self._states[formula] = state_of(formula)
        return self._states[formula]
