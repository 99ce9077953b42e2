"""What somebody can do: the permissions of the roles that reach them, those together that everything treats alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula
from leastwise.engine.solve import Solver
from leastwise.engine.sparse import Rows, rows_of
from leastwise.model.decision import Cube, Residual, State

from ..evaluate.allow import unread as unread_grants
from ..evaluate.boundary import can_block, enforcement
from ..evaluate.decide import decide
from ..evaluate.deny import names
from ..evaluate.directions import held_permissions, permissions_of, reaching, unknown_roles
from ..evaluate.explain import STATES, residual_of
from ..evaluate.membership import includes
from ..evaluate.request import Request
from ..evaluate.worlds import solver
from ..language.members import Kind, Member
from ..language.names import written
from ..language.policies import DenyRule
from ..language.roles import without_condition
from .numbers import NOBODY
from .who import Who

_SPECIAL = ("iap.googleapis.com", "run.googleapis.com", "aiplatform.googleapis.com", "eventarc.googleapis.com")
_WORDS = (".setIamPolicy", "objects.list", "objects.get", "objects.update", "objects.getIamPolicy", "Rules.create")
"""Services and ends of permissions of which conditions and lists see something that others do not have."""
_Same = tuple[State, Residual | None, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Alike:
    """Permissions, canonical, on one place of which one answer holds."""

    permissions: tuple[str, ...]
    state: State
    residual: Residual | None
    missing: tuple[str, ...]


class What:
    """Answers what somebody can do, in one estate."""

    def __init__(self, who: Who) -> None:
        self._who, self.held = who, who.known.held
        self._named: dict[DenyRule, dict[str, Formula]] = {}

    def on(self, asked: Request) -> tuple[Cube, ...]:
        """Everything that the caller can do on the resource of a question."""
        found = list(self.alike(asked, held_permissions(asked)))
        lacking = tuple([f"the permissions of {role}" for role in unknown_roles(asked)])
        lacking += unread_grants(replace(asked, permission="/"))
        cubes = [_cube(one, (asked.resource,)) for one in found]
        return (*cubes, *([Cube((), (asked.resource,), (), State.UNKNOWN, (), lacking)] if lacking else []))

    def anywhere(self, asked: Request) -> tuple[Cube, ...]:
        """Everything that the caller can do, by the places at which it is given; it holds of all that lies in these."""
        gathered: dict[tuple[tuple[str, ...], _Same], list[str]] = {}
        unknown: dict[tuple[str, ...], list[str]] = {}
        for place in self.places(asked):
            here = replace(asked, resource=place, below=True)
            for one in self.alike(here, held_permissions(here)):
                gathered.setdefault((one.permissions, (one.state, one.residual, one.missing)), []).append(place)
            lacking = tuple([f"the permissions of {role}" for role in unknown_roles(here)])
            if lacking:
                unknown.setdefault(lacking, []).append(place)
        cubes = [_cube(Alike(held, *same), sorted(places)) for (held, same), places in gathered.items()]
        cubes += [Cube((), tuple(sorted(places)), (), State.UNKNOWN, (), told) for told, places in unknown.items()]
        return tuple(sorted(cubes, key=lambda one: (one.resources, one.permissions, str(one.state))))

    def bindings(self, who: Member, asked: Request) -> Array:
        """The bindings that name somebody, or a set that may take them in."""
        held = self.held
        rows, number = held.rows("member.bindings"), held.member_number(who.text)
        told = replace(asked, who=who)
        may = [*self._sets[0], *self._groups(number)] if who.single else self._all
        sets = [one for one in may if one == number or includes(held.member(one), told) is not False]
        wanted = dict.fromkeys([*([number] if number is not None else []), *sets])
        found, _ = rows.gather(np.array(list(wanted), np.int64))
        return np.unique(found)

    @cached_property
    def _all(self) -> list[int]:
        """Everybody in a binding who is no single identity."""
        rows, members = self.held.rows("member.bindings"), self.held
        named = np.flatnonzero(np.diff(rows.starts))
        return [one for one in named.tolist() if not members.member(one).single and not members.member(one).deleted]

    @cached_property
    def _sets(self) -> tuple[list[int], Rows]:
        """Those of them that may take in anybody; and for each member the other groups that name them, in any way."""
        asked = Request(self.held.estate, NOBODY, "", "")
        anybody: list[int] = []
        who, where = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for number in self._all:
            whole = self._who.known.expanding.of(np.array([number]), asked)
            if self.held.member(number).kind is not Kind.GROUP or any(part.sets or part.gaps for part in whole.parts):
                anybody.append(number)
                continue
            found = np.array(whole.everybody.to_array(), np.int64)
            who.append(found)
            where.append(np.full(len(found), number, np.int64))
        return anybody, rows_of(np.concatenate(who), np.concatenate(where), len(self.held.members))

    def _groups(self, number: int | None) -> list[int]:
        return [] if number is None else [int(one) for one in self._sets[1].row(number)]

    def places(self, asked: Request) -> list[str]:
        """Where bindings let somebody in, and what boundaries list below such places."""
        held = self.held
        documents = np.unique(held.arrays["binding.document"][self.bindings(asked.who, asked)])
        places, _ = held.rows("document.places").gather(documents)
        places = np.unique(places[~held.arrays["place.alias"][places]])
        listed = {one for each in asked.estate.boundaries.values() for one in each.resources}
        below = []
        for name in sorted(map(asked.estate.projects.canonical, listed)):
            number = held.place_number(name)
            ends = held.arrays["place.end"][places]
            if number is not None and ((places < number) & (ends > number)).any():
                below.append(number)
        return held.places.many(np.union1d(places, np.array(below, np.int64)).astype(np.int64))

    def alike(self, asked: Request, permissions: Iterable[str]) -> Iterator[Alike]:
        """The permissions that are not denied, by answer."""
        classes: dict[object, list[str]] = {}
        for permission, key in self.keys(asked, sorted(permissions)):
            classes.setdefault(key, []).append(permission)
        gathered: dict[_Same, list[str]] = {}
        solved = solver()
        for several in classes.values():
            same = _answer(asked.about(several[0]), solved)
            if same[0] is not State.DENIED:
                gathered.setdefault(same, []).extend(several)
        for same, held in gathered.items():
            yield Alike(tuple(sorted(held)), *same)

    def keys(self, asked: Request, permissions: list[str]) -> Iterator[tuple[str, object]]:
        """What tells permissions apart: the roles that hold them, rules, boundaries, what conditions see."""
        mine = list(reaching(asked))
        bare = [without_condition(one.role) for one in mine]
        roles = {one or binding.role for one, binding in zip(bare, mine, strict=True)}
        held = [permissions_of(asked, role) or frozenset() for role in sorted(roles)]
        rules = [
            rule
            for attached, policies in asked.estate.denies.items()
            if asked.chain.holds(attached) is not False
            for policy in policies
            for rule in policy.rules
        ]
        versions = {
            one.version if one.version is not None else enforcement().default
            for one in (asked.estate.boundaries.values() if asked.estate.bound else ())
        }
        conditions = [*(one.condition for one in mine), *(one.condition for one in rules), *bare]
        conditioned = any(one is not None for one in conditions)
        known = [(rule, self._named.setdefault(rule, {})) for rule in rules]
        numbers = sorted(versions)
        for permission in permissions:
            special = permission.startswith(_SPECIAL) or permission.endswith(_WORDS)
            service = permission.partition("/")[0] if conditioned else ""
            yield (
                permission,
                (
                    tuple([permission in one for one in held]),
                    tuple([self._names(rule, permission, told) for rule, told in known]),
                    tuple([can_block(version, permission) for version in numbers]),
                    permission if special else service,
                ),
            )

    def _names(self, rule: DenyRule, permission: str, known: dict[str, Formula]) -> Formula:
        """Whether a rule names a permission, whoever asks and where; `known` are those that were asked for before."""
        if permission not in known:
            known[permission] = names(Request(self.held.estate, NOBODY, permission, ""), rule)
        return known[permission]


def _answer(asked: Request, solved: Solver) -> _Same:
    verdict = decide(asked).verdict
    state = STATES[verdict.outcome]
    undecided = state in (State.CONDITIONAL, State.UNKNOWN)
    return state, residual_of(verdict, solved) if undecided else (), tuple(sorted(verdict.gaps))


def _cube(one: Alike, places: Iterable[str]) -> Cube:
    permissions = tuple(sorted(map(written, one.permissions)))
    return Cube(permissions, tuple(places), (), one.state, one.residual, one.missing)
