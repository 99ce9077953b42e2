"""What everybody holds: principals in groups, what is given to each name in bindings worked out once.

A bundle is what the bindings that name one principal, group or set give to those of one standing before deny policies
and boundaries: what these surely take away is not in it. So a group's bundles are few, however many bindings there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula
from leastwise.engine.groups import combined
from leastwise.engine.holdings import Alike, Everybody, Hidden, Part
from leastwise.model.decision import State

from ..language.roles import without_condition
from .belonging import CONDITIONAL, PERHAPS, Belonging, state_of
from .conditioned import Conditioned
from .deciding import Known
from .guards import Guards, Standing
from .logged import Logged
from .numbers import Numbers
from .owned import Owned

_Left = tuple[BitMap, bool, bool]
_HELD = (State.ALLOWED, State.CONDITIONAL)
_UNREAD = ("denies", "bound", "above", "trees")


@dataclass(frozen=True, slots=True)
class Bundle:
    """What some bindings give.

    Args:
        parts: what surely, or under a condition, is held by them.
        exact: asking exactly comes to the same.
        unread: what some role holds is not known, or what was not read may take away some of it.
        places: of each part, the numbers of its places.
    """

    parts: tuple[Part, ...]
    exact: bool
    unread: bool
    places: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Same:
    """Principals of one standing, kind and account, whom the same bindings name and who are in the same sets.

    Args:
        standing: before deny rules and boundaries.
        members: their numbers.
        told: the groups and sets that they are in, or may be, and how.
        numbers: those of the bundles that they hold, that of their own bindings first; none of what they may be in.
        bundles: these bundles.
    """

    standing: Standing
    members: Array
    told: tuple[tuple[int, int], ...]
    numbers: tuple[int, ...]
    bundles: tuple[Bundle, ...]

    @property
    def unread(self) -> bool:
        """Whether something of what they are given was not read."""
        return any(one.unread for one in self.bundles)


class Everyone:
    """Answers what everybody holds, in one estate."""

    def __init__(self, known: Known, numbers: Numbers, guards: Guards, owned: Owned, logged: Logged) -> None:
        self._held, self._numbers, self._guards = known.held, numbers, guards
        self._owned, self._logged = owned, logged
        self._belonging: Belonging = owned.belonging
        self._asked = numbers.asked()
        self._conditions = Conditioned(self._held, numbers, self._asked)
        self._bundles: dict[tuple[int, bool, Standing], int] = {}
        self._made: list[Bundle] = []
        self._parts: dict[int, tuple[Part, ...]] = {}
        self._states: dict[Formula, State] = {}

    def all(self) -> Everybody:
        """Everybody who can act, once."""
        return Everybody(self._parts, self._groups())

    def _groups(self) -> Iterator[Alike]:
        for same in self.same():
            yield from self._alike(same)

    def same(self) -> Iterator[Same]:
        """Everybody who can act, once."""
        for standing, members in self._guards.standings(self._belonging.principals, self._asked):
            for some in self._split(members):
                yield self._same(standing, some)

    def _same(self, standing: Standing, members: Array) -> Same:
        first = int(members[0])
        told = tuple(self._belonging.of(first))
        numbers = [self._number(first, False, standing)]
        numbers += [self._number(one, how == CONDITIONAL, standing) for one, how in told if how != PERHAPS]
        return Same(standing, members, told, tuple(numbers), tuple(self._made[one] for one in numbers))

    def _split(self, members: Array) -> Iterator[Array]:
        """Members with the same bindings, in the same groups and sets, of one account and kind."""
        if not len(members):
            return
        arrays = self._held.arrays
        columns = [arrays[f"member.{name}"][members].astype(np.int64) for name in ("kind", "native", "account")]
        own = self._held.rows("member.bindings").codes(members)
        code = combined([own, self._belonging.codes(members), *columns], len(members))
        order = np.argsort(code, kind="stable")
        for places in np.split(order, np.flatnonzero(np.diff(code[order])) + 1):
            yield members[places]

    def _alike(self, same: Same) -> Iterator[Alike]:
        """Groups of members that differ, if at all, in what logs tell of them."""
        first, unread = int(same.members[0]), same.unread
        # What was not read may let in anybody.
        exact = self._read and all(how != PERHAPS for _, how in same.told) and all(one.exact for one in same.bundles)
        kept = () if unread else tuple(sorted({one for one in same.numbers if self._parts[one]}))
        words = [self._held.word(name, first) for name in ("kind", "native", "account")]
        for hidden, some in self._by_hidden(same.members):
            ids = tuple(sorted(self._held.members.many(some)))
            yield Alike(ids, words[0], words[1], words[2], kept, None, exact and not unread, unread, hidden)

    def _by_hidden(self, members: Array) -> Iterator[tuple[tuple[Hidden, ...], Array]]:
        found: dict[int, tuple[tuple[Hidden, ...], list[int]]] = {}
        for number in members.tolist():
            hidden = self._logged.hidden(self._held.member(number))
            found.setdefault(id(hidden), (hidden, []))[1].append(number)
        yield from ((hidden, np.array(numbers, np.int64)) for hidden, numbers in found.values())

    @cached_property
    def _read(self) -> bool:
        """Whether everything that may let in somebody, or take something away, was read."""
        arrays, unread = self._held.arrays, self._held.facts["unread"]
        above = [id for id, _ in unread["above"] if id not in self._held.alone]
        rest = any(unread[name] for name in _UNREAD if name != "above")
        return bool((arrays["place.read"] | arrays["place.alias"]).all()) and not above and not rest

    # --- bundles

    def _number(self, member: int, conditional: bool, standing: Standing) -> int:
        """The number of what the bindings that name somebody give to one of a standing."""
        # Whoever has the same bindings has the same bundle.
        key = int(self._own[member]), conditional, standing
        found = self._bundles.get(key)
        if found is None:
            found = self._bundles[key] = len(self._made)
            self._made.append(self._bundle(member, conditional, standing))
            self._parts[found] = self._made[found].parts
        return found

    @cached_property
    def _own(self) -> Array:
        """A number for each member: equal where the same bindings name them."""
        return self._held.rows("member.bindings").codes(np.arange(len(self._held.members)))

    def _bundle(self, member: int, conditional: bool, standing: Standing) -> Bundle:
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
