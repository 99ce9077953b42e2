"""What everybody holds by role assignments and access policies of vaults, before deny assignments.

What an assignment gives is found out for its role, condition and kind of scope, once for all whom it is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula, all_of, negate
from leastwise.engine.groups import Groups
from leastwise.engine.holdings import Hidden, Part
from leastwise.model.decision import State
from leastwise.providers.bulk import everyone
from leastwise.providers.bulk.everyone import Bundle
from leastwise.providers.bulk.grouping import among

from ..evaluate.allow import grant
from ..evaluate.deny import deny, within
from ..evaluate.explain import STATES
from ..evaluate.request import Request
from ..evaluate.vaults import policies, vault_of
from ..evaluate.worlds import solver
from ..language.assignments import DenyAssignment
from ..language.operations import Plane
from ..language.roles import Role
from .belonging import Belonging, Named
from .columns import UNREAD
from .what import What

Standing = tuple[frozenset[int], int]
"""Which deny assignments name somebody or leave them out, and the class of their attributes."""
_HELD = (State.ALLOWED, State.CONDITIONAL)
_PRINCIPAL = "@principal["
_VAULTS = "microsoft.keyvault/vaults/"


@dataclass(frozen=True, slots=True)
class _Given:
    """What one assignment, or access policy, gives on what lies in its scope; see `Bundle`."""

    parts: tuple[tuple[BitMap, State], ...]
    exact: bool
    unread: bool


class Everyone(everyone.Everyone[Standing]):
    """Answers what everybody holds, in one estate.

    Args:
        what: the estate.
        belonging: who is in what.
        asked: a question in which nothing is given; who asks and what does not matter.
    """

    def __init__(self, what: What, belonging: Belonging, asked: Request) -> None:
        super().__init__(what.held, belonging.own)
        self._what, self._belonging, self._asked, self._held = what, belonging, asked, what.held
        self._standing: dict[Standing, int] = {}
        self._given: dict[object, _Given] = {}
        self._states: dict[Formula, State] = {}
        self._whole: dict[int, BitMap] = {}
        self._marks: dict[int, frozenset[int]] = {}

    # --- see `bulk.everyone`

    def standings(self) -> Iterator[tuple[Standing, Array]]:
        """See `bulk.everyone`."""
        members, known = self._belonging.principals, self._what.known
        groups = Groups(len(members))
        for number, one in enumerate(self._held.estate.denies):
            for whom in known.named(number, one):
                groups.mark(among(members, whom.sure))
        classes = np.zeros(len(members), np.int64)
        if self._of_principal:
            classes = self._held.arrays["member.class"][members].astype(np.int64)
        for marks, some in groups.parts(np.arange(len(members)), [classes]):
            standing = marks, int(classes[some[0]])
            self._standing.setdefault(standing, int(members[some[0]]))
            yield standing, members[some]

    def sets(self, member: int) -> Sequence[tuple[int, int]]:
        """See `bulk.everyone`."""
        return self._belonging.sets(member)

    def set_codes(self, members: Array) -> Array:
        """See `bulk.everyone`."""
        return self._belonging.codes(members)

    def hidden(self, member: int) -> tuple[Hidden, ...]:
        """See `bulk.everyone`: logs of Azure tell of everybody alike."""
        return ()

    def all_read(self) -> bool:
        """See `bulk.everyone`."""
        held, estate = self._held, self._held.estate
        unread = any(key not in held.read for key, *_ in held.facts["containers"])
        vaults = any(one.policies is None for one in estate.vaults.values())
        return not (unread or vaults or estate.unread_grants or estate.unread_denies or self._belonging.anybody)

    def bundle(self, member: int, conditional: bool, standing: Standing) -> Bundle:
        """See `bulk.everyone`."""
        given = self._held.assignments
        rows = given.by_member.row(member).tolist()
        made = [(int(given.place[one]), self._by_assignment(one, standing)) for one in rows]
        made += [(one[0], self._by_policy(one)) for one in self._belonging.policies.get(member, ())]
        gathered: dict[tuple[int, State], tuple[BitMap, list[int]]] = {}
        for place, one in made:
            for left, state in one.parts:
                gathered.setdefault((id(left), state), (left, []))[1].append(place)
        found = [(left, tuple(sorted(set(at))), state) for (_, state), (left, at) in gathered.items()]
        parts = tuple(
            Part(left, tuple(sorted(self._held.ids[place] for place in at)), state) for left, at, state in found
        )
        exact, unread = all(one.exact for _, one in made), any(one.unread for _, one in made)
        return Bundle(parts, exact, unread, tuple(at for _, at, _ in found))

    # --- what one assignment gives

    def _by_assignment(self, number: int, standing: Standing) -> _Given:
        given = self._held.assignments
        place = int(given.place[number])
        anchor = place if self._alone[number] else int(self._what.anywhere_of.situations.every[place])
        alone, before = bool(self._alone[number]), self._before(place, anchor, standing)
        unread = number if int(given.until[number]) == UNREAD else -1
        key = int(given.role[number]), int(given.condition[number]), alone, anchor, before, unread
        found = self._given.get(key)
        if found is None:
            found = self._given[key] = self._assigned(number, place, self._held.members[self._standing[standing]])
        return found

    def _before(self, place: int, anchor: int, standing: Standing) -> Standing:
        """What of a standing matters in a place: whom the deny assignments there name or leave out, and the class."""
        if anchor not in self._marks:
            here = self._what.anywhere_of.at(self._asked, place)
            denies = (number for number, one in enumerate(here.estate.denies) if within(here, one) is not False)
            self._marks[anchor] = frozenset(mark for number in denies for mark in (2 * number, 2 * number + 1))
        return standing[0] & self._marks[anchor], standing[1]

    def _assigned(self, number: int, place: int, who: str) -> _Given:
        one = self._held.assignments.one(number)
        role = self._held.estate.role(one.role)
        if role is None:
            return _Given((), False, True)
        here = replace(self._what.anywhere_of.at(self._asked, place), who=who)
        whole = self._role(int(self._held.assignments.role[number]), role)
        denies = [each for each in here.estate.denies if within(here, each) is not False]
        found: dict[State, BitMap] = {}
        exact, unread = True, False
        for plane in Plane:
            asked = replace(here, plane=plane)
            for some in self._parted(asked, plane, whole, role, one.condition, denies):
                told = self._what.about(asked, some[0])
                free = negate(deny(told, plane).formula)
                made = grant(told, plane, one, True)
                gives = all_of((made.has, made.condition, made.lasts)) if vault_of(told, plane) is None else False
                state = self._state(all_of((free, gives)))
                if state in _HELD:
                    found.setdefault(state, BitMap()).update(some)
                exact = exact and state is not State.UNKNOWN
                unread = unread or (gives is not False and self._state(free) is State.UNKNOWN)
        shared = ((whole if held == whole else held, state) for state, held in found.items())
        return _Given(tuple(shared), exact, unread)

    def _parted(
        self, asked: Request, plane: Plane, whole: BitMap, role: Role, condition: str, denies: Sequence[DenyAssignment]
    ) -> Iterator[BitMap]:
        """The operations of a role on a plane, those together of which all that matters says the same."""
        numbers = self._what.numbers
        denied = [entry for one in denies for entry in one.entries]
        texts = [
            condition,
            *(one.condition for one in role.entries),
            *(text for one in denies for text in one.conditions),
        ]
        sets = [*map(numbers.entry, (*role.entries, *denied)), *numbers.asked_by(texts)]
        return self._what.parted(asked, whole & numbers.of_plane[plane], sets, texts)

    def _role(self, code: int, role: Role) -> BitMap:
        """All operations of a role; one set for all who are given it."""
        if code not in self._whole:
            self._whole[code] = BitMap.union(BitMap(), *map(self._what.numbers.entry, role.entries))
        return self._whole[code]

    def by_policy(self, named: Named) -> BitMap:
        """What an access policy of a vault surely gives whomever it names."""
        return BitMap.union(BitMap(), *(some for some, _ in self._by_policy(named).parts))

    def _by_policy(self, named: Named) -> _Given:
        """What an access policy gives whomever it names."""
        place, policy = named
        key = place, policy.principal, tuple(sorted(policy.permissions.items()))
        if key not in self._given:
            vault = self._held.estate.vaults[self._held.places[place]]
            here = replace(self._what.anywhere_of.at(self._asked, place), who=policy.principal)
            found, exact = BitMap(), True
            for number in self._of_vaults:
                told = policies(self._what.about(here, number), replace(vault, policies=(policy,)))
                if told is True:
                    found.add(number)
                exact = exact and isinstance(told, bool)
            parts = ((found, State.ALLOWED),) if found else ()
            self._given[key] = _Given(parts, exact, False)
        return self._given[key]

    @cached_property
    def _of_vaults(self) -> BitMap:
        numbers = self._what.numbers
        data = numbers.of_plane[Plane.DATA]
        return BitMap([one for one in data if numbers.canonical[one].startswith(_VAULTS)])

    @cached_property
    def _alone(self) -> Array:
        """The mask of assignments of which it matters on what resource exactly they lie."""
        given = self._held.assignments
        every = np.arange(len(given.place))
        if self._what.known.denials_read:
            return np.ones(len(every), np.bool_)
        return self._what.anywhere_of.situations.reads_resource(every)

    @cached_property
    def _of_principal(self) -> bool:
        """Whether a condition asks something of the principal."""
        given, estate = self._held.assignments, self._held.estate
        roles = (role for key in given.roles if (role := estate.role(key)) is not None)
        texts = (*given.conditions, *(entry.condition for role in roles for entry in role.entries))
        denied = (text for one in estate.denies for text in one.conditions)
        return any(_PRINCIPAL in one.lower() for one in (*texts, *denied))

    def _state(self, formula: Formula) -> State:
        if isinstance(formula, bool):
            return State.ALLOWED if formula else State.DENIED
        if formula not in self._states:
            self._states[formula] = STATES[solver().verdict(formula).outcome]
        return self._states[formula]
