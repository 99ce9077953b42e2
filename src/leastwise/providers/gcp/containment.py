"""Whether everything that some allow policies grant is granted by others that lie on the same place.

Whoever an inner binding lets in is looked at: each principal, each member of a group that was read, and of every other
set somebody of whom nothing else is known. For each, and for permissions that all roles tell alike, what both sides
grant is a formula over the attributes of a request. Deny policies, boundaries and what lies above are not looked at:
they limit both alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from leastwise.engine.containment import Containment, CounterExample, Cover, NotProven, Proved
from leastwise.engine.cubes import Cube
from leastwise.engine.formula import Formula, Literal, all_of, any_of, literals, negate
from leastwise.engine.patterns import EVERYTHING, Region, exactly
from leastwise.engine.solve import Gap, Model, OverBudgetError, with_gaps
from leastwise.errors import UsageError
from leastwise.providers.conditions import ConditionError

from .compiled.conditioned import alike
from .evaluate.allow import role_key
from .evaluate.conditions import Absent, Test, judge
from .evaluate.directions import permissions_of
from .evaluate.estate import Estate
from .evaluate.membership import includes
from .evaluate.request import AllowFacts, Request
from .evaluate.worlds import solver, witness
from .language.cel import Constant, Stamp, moment, parse_condition, text_of_constant
from .language.members import CONVENIENCE, Kind, Member
from .language.names import written
from .language.policies import Binding, PolicyError, parse_allow_policy
from .language.roles import without_condition

_KEYS = frozenset({"version", "bindings", "etag", "auditConfigs", "kind", "resourceId"})
_UNTOLD = frozenset({Kind.GROUP, Kind.CUSTOMER, Kind.OTHER, *CONVENIENCE})
"""Sets that may be smaller than they look: that one is in no other set is not known."""
_ANYBODY = Member(Kind.EVERYONE, text="allUsers")
_NOWHERE = "//cloudresourcemanager.googleapis.com/"


@dataclass(frozen=True, slots=True)
class _Granting:
    """A binding, what its role holds (None where that is not known), and how it is named in proofs."""

    binding: Binding
    role: str
    permissions: frozenset[str] | None
    name: str


def policies_contain(
    estate: Estate, inner: Sequence[Mapping[str, Any]], outer: Sequence[Mapping[str, Any]]
) -> Containment:
    """Whether everything that the policies of `inner` grant together is granted by those of `outer` together.

    Groups have the members that the estate knows. A counter-example names who asks as the value `principal`; where
    conditions matter, also values of the one attribute that they read.

    Raises:
        UsageError: something is no allow policy.
    """
    return _Comparison(estate, _granting(estate, inner, "inner"), _granting(estate, outer, "outer")).run()


def _granting(estate: Estate, policies: Sequence[Mapping[str, Any]], side: str) -> list[_Granting]:
    found = []
    asked = Request(estate, _ANYBODY, "", "")
    for number, body in enumerate(policies):
        name = f"{side}[{number}]"
        if not isinstance(body, Mapping) or not body.keys() <= _KEYS:
            raise UsageError(f"{name}: is no allow policy, which has bindings; others are not held against one another")
        try:
            policy = parse_allow_policy(body)
        except PolicyError as error:
            raise UsageError(f"{name}: {error}") from None
        for one in policy.bindings:
            bare = without_condition(one.role) or one.role
            told = f"{name}, bindings/{one.position} ({one.role})"
            found.append(_Granting(one, role_key(asked, bare), permissions_of(asked, bare), told))
    return found


class _Comparison:
    """One comparison of two sides."""

    def __init__(self, estate: Estate, inner: list[_Granting], outer: list[_Granting]) -> None:
        self._estate, self._inner, self._outer = estate, inner, outer
        self._solver = solver()
        self._reasons: dict[str, None] = {}
        self._gaps: set[str] = set()

    def run(self) -> Containment:
        """Each caller with each class of permissions."""
        for who in self._callers:
            for permission in self._permissions:
                found = self._outside(who, permission)
                if found is not None:
                    return found
            self._unknown_roles(who)
        if self._reasons:
            return NotProven("; ".join(self._reasons), frozenset(self._gaps))
        return Proved(tuple(self._covers()))

    # --- who and what is asked about

    @cached_property
    def _callers(self) -> list[Member]:
        """Everybody whom an inner binding names; of a group that was read its members, of other sets the set."""
        found: dict[Member, None] = {}
        for one in self._inner:
            for member in one.binding.members:
                if member.deleted:
                    continue
                if member.kind is Kind.GROUP:
                    found |= dict.fromkeys(who for who, _ in self._estate.members_of(member.id) if not who.deleted)
                else:
                    found[member] = None
        return list(found)

    @cached_property
    def _permissions(self) -> list[str]:
        """A permission of each class that all roles hold, and all conditions judge, alike."""
        every = [*self._inner, *self._outer]
        given = frozenset[str]().union(*(one.permissions or () for one in self._inner))
        apart = [one.binding for one in every if not (one.binding.condition is None or alike(one.binding.condition))]
        classes: dict[object, str] = {}
        for name in sorted(given):
            held = tuple(name in (one.permissions or ()) for one in every)
            judged = tuple(self._condition(one, self._asked(_ANYBODY, name)) for one in apart)
            classes.setdefault((held, judged), name)
        return list(classes.values())

    def _asked(self, who: Member, permission: str) -> Request:
        """A question about any resource that there may be."""
        return Request(self._estate, who, permission, _NOWHERE, below=True)

    # --- whether it is granted

    def _outside(self, who: Member, permission: str) -> CounterExample | None:
        """A request of a caller that only the inner side grants; remembers what leaves it open."""
        asked = self._asked(who, permission)
        given = any_of(self._grants(one, asked) for one in self._inner if permission in (one.permissions or ()))
        if given is False:
            return None
        held = any_of(self._holds(one, asked) for one in self._outer)
        difference = all_of((given, negate(held)))
        try:
            if not self._solver.satisfiable(difference):
                return None
            sure = all_of((with_gaps(given, False), negate(with_gaps(held, True))))
            model = self._solver.model(sure)
        except OverBudgetError:
            self._reasons["more combinations of conditions than are tried"] = None
            return None
        if model is None:
            gaps = {one.atom.name for one in literals(difference) if isinstance(one.atom, Gap)}
            self._gaps |= gaps
            self._reasons |= dict.fromkeys(f"it rests on {one}" for one in sorted(gaps))
            return None
        return self._example(who, permission, model)

    def _grants(self, one: _Granting, asked: Request) -> Formula:
        within = any_of(includes(member, asked) for member in one.binding.members)
        return all_of((within, self._condition(one.binding, asked))) if within is not False else False

    def _holds(self, one: _Granting, asked: Request) -> Formula:
        """Whether an outer binding grants; of a set that may be small it is not known what else it lies in."""
        if one.permissions is not None and asked.permission not in one.permissions:
            return False
        within = any_of(self._within(member, asked) for member in one.binding.members)
        if within is False:
            return False
        role: Formula = True if one.permissions is not None else Literal(Gap(f"the permissions of {one.role}"))
        return all_of((role, within, self._condition(one.binding, asked)))

    @staticmethod
    def _within(member: Member, asked: Request) -> Formula:
        found = includes(member, asked)
        if found is False and asked.who.kind in _UNTOLD and not member.deleted:
            return Literal(Gap(f"who is in {asked.who.text}"))
        return found

    @staticmethod
    def _condition(binding: Binding, asked: Request) -> Formula:
        """When a binding's condition is true; one that is not known is the same unknown wherever it is written so."""
        if binding.condition is None:
            unread = without_condition(binding.role) is not None
            return Literal(Gap(f"the condition of {binding.role}")) if unread else True
        try:
            return judge(parse_condition(binding.condition), AllowFacts(asked)).true
        except ConditionError:
            return Literal(Gap(f"the condition {binding.condition!r}, which does not parse"))

    def _unknown_roles(self, who: Member) -> None:
        """Of a role of which it is not known what it holds only the same role is known to hold all."""
        asked = self._asked(who, "/")
        for one in self._inner:
            if one.permissions is not None:
                continue
            given = self._grants(one, asked)
            held = any_of(self._grants(other, asked) for other in self._outer if other.role == one.role)
            try:
                open_ = given is not False and self._solver.satisfiable(all_of((given, negate(held))))
            except OverBudgetError:
                open_ = True
            if open_:
                self._gaps.add(f"the permissions of {one.role}")
                self._reasons[f"it rests on the permissions of {one.role}"] = None

    # --- what comes out

    def _example(self, who: Member, permission: str, model: Model) -> CounterExample | None:
        """The request of a model, where values of the one attribute that is read make it so."""
        values: dict[str, tuple[str, ...]] = {"principal": (who.text,)}
        asked = {name: (atoms, world) for name, (atoms, world) in model.items() if atoms}
        tests = {one for atoms, _ in asked.values() for one in atoms if isinstance(one, Test)}
        about = sorted({name for one in tests for name in (one.variable, *one.others)})
        if sum(name.startswith("resource.") for name in about) > 1:
            self._reasons[f"{', '.join(about)}: of one resource, and looked at apart"] = None
            return None
        for name in about:
            atoms, world = next(told for told in asked.values() if any(_reads(one, name) for one in told[0]))
            value = witness(name, atoms, world)
            if value is None:
                self._reasons[f"{name}: whether it can be so is not known"] = None
                return None
            values[name] = () if isinstance(value, Absent) else tuple(map(_text, _several(value.value)))
        holds = {atom: atom in world for atoms, world in asked.values() for atom in atoms}
        return CounterExample(written(permission), "*", holds, values)

    def _covers(self) -> Iterator[Cover]:
        """For each inner binding the outer ones that hold something of it."""
        cubes = {id(one): self._cube(one) for one in (*self._inner, *self._outer)}
        for one in self._inner:
            cube, mine = cubes[id(one)], one.permissions or frozenset()
            by = tuple(
                cubes[id(other)]
                for other in self._outer
                if mine & (other.permissions or mine) or other.role == one.role
            )
            yield Cover(cube, cube.permissions.include, by)

    def _cube(self, one: _Granting) -> Cube:
        patterns = tuple(exactly(written(name)) for name in sorted(one.permissions or ()))
        return Cube(Region(patterns), EVERYTHING, self._condition(one.binding, self._asked(_ANYBODY, "/")), one.name)


def _reads(atom: object, name: str) -> bool:
    return isinstance(atom, Test) and name in (atom.variable, *atom.others)


def _several(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def _text(value: object) -> str:
    if isinstance(value, Stamp):
        return moment(value)
    return value if isinstance(value, str) else text_of_constant(cast(Constant, value))
