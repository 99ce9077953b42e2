"""Documents that are held against one another: role definitions, or role assignments.

Role definitions are taken to be given to the same principals at the same scope. Of assignments each is looked at by
itself: to whoever it gives its role, what is assigned to him by the others at its scope or above must give as much.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from leastwise.engine.containment import Containment, CounterExample, NotProven, Proved
from leastwise.engine.formula import Formula, Literal, all_of
from leastwise.engine.solve import Gap
from leastwise.errors import UsageError
from leastwise.providers.fields import FieldError

from .containment import Giving, givings_contain
from .evaluate.estate import GROUP, Estate
from .evaluate.membership import includes
from .language.assignments import Assignment, parse_assignment
from .language.fields import Fields
from .language.ids import IdError
from .language.roles import Role, parse_role

Documents = Sequence[Mapping[str, Any]]
_Named = tuple[str, Assignment]


def documents_contain(estate: Estate, inner: Documents, outer: Documents) -> Containment:
    """Whether everything that documents of `inner` give together is given by those of `outer` together.

    Groups have the members that the estate knows, assignments the roles. A counter-example is an operation; of
    assignments its resource is the scope, and the value `principal` whom it is about.

    Raises:
        UsageError: something is no role definition and no assignment, or both are mixed.
    """
    sides = [_read(documents, side) for documents, side in ((inner, "inner"), (outer, "outer"))]
    roles = [[(name, one) for name, one in side if isinstance(one, Role)] for side in sides]
    assigned = [[(name, one) for name, one in side if isinstance(one, Assignment)] for side in sides]
    if not any(assigned):
        given, held = ([giving for name, role in side for giving in _of_role(name, role)] for side in roles)
        return givings_contain(estate, given, held)
    if any(roles):
        raise UsageError("role definitions are held against role definitions, and assignments against assignments")
    return _Assigned(estate, *assigned).run()


def _read(documents: Documents, side: str) -> list[tuple[str, Role | Assignment]]:
    found: list[tuple[str, Role | Assignment]] = []
    for number, body in enumerate(documents):
        name = f"{side}[{number}]"
        if not isinstance(body, Mapping):
            raise UsageError(f"{name}: is no role definition and no role assignment")
        fields = Fields(body)
        try:
            if fields.has("permissions", "actions", "dataActions"):
                found.append((name, parse_role(body)))
            elif fields.has("roleDefinitionId", "principalId"):
                found.append((name, parse_assignment(body)))
            else:
                raise FieldError("is no role definition, which has permissions, and no role assignment")
        except (FieldError, IdError) as error:
            raise UsageError(f"{name}: {error}") from None
    return found


def _of_role(name: str, role: Role) -> Iterator[Giving]:
    for number, entry in enumerate(role.entries):
        yield Giving(f"{name}, permissions/{number} ({role.title})", entry, role.key, (entry.condition,))


class _Assigned:
    """One comparison of assignments."""

    def __init__(self, estate: Estate, inner: Sequence[_Named], outer: Sequence[_Named]) -> None:
        self._estate, self._inner, self._outer = estate, inner, outer

    def run(self) -> Containment:
        """A counter-example of one assignment is one of all; a proof needs all of them."""
        proofs: list[Proved] = []
        open_: dict[str, NotProven] = {}
        for name, one in self._inner:
            for who, known in self._callers(one, frozenset()).items():
                found = self._held(name, one, who, known=known)
                if isinstance(found, CounterExample):
                    return replace(found, values={**found.values, "principal": (who,)})
                if isinstance(found, NotProven):
                    open_.setdefault(found.reason, found)
                else:
                    proofs.append(found)
        if open_:
            return NotProven("; ".join(open_), frozenset[str]().union(*(one.gaps for one in open_.values())))
        return Proved(tuple(dict.fromkeys(cover for one in proofs for cover in one.covers)))

    def _callers(self, one: Assignment, passed: frozenset[str]) -> dict[str, bool]:
        """To whom an assignment gives its role, and whether it is known in which groups they are.

        Of a group that was not read as a whole somebody of whom nothing else is known stands for the others.
        """
        kind = self._estate.kind(one.principal, one.type)
        if kind and kind != GROUP:
            return {one.principal: True}
        if one.principal in passed:
            return {}
        members = self._estate.groups.get(one.principal)
        found: dict[str, bool] = {}
        for member in members or ():
            inside = replace(one, principal=member.id, type=member.kind)
            found |= self._callers(inside, passed | {one.principal})
        if members is None or one.principal in self._estate.partly:
            found[one.principal] = False
        return found

    def _held(self, name: str, one: Assignment, who: str, *, known: bool) -> Containment:
        chain = self._estate.chain(one.scope)
        outer = []
        for other_name, other in self._outer:
            under = all_of((chain.within(other.scope), self._reaches(other, who, known=known), _lasting(one, other)))
            if under is not False:
                outer += self._givings(other_name, other, under)
        return givings_contain(self._estate, self._givings(name, one, True), outer, who, one.scope)

    def _reaches(self, other: Assignment, who: str, *, known: bool) -> Formula:
        found = includes(self._estate, other.principal, other.type, who)
        return Literal(Gap(f"who is in {who}")) if found is False and not known else found

    def _givings(self, name: str, one: Assignment, under: Formula) -> list[Giving]:
        """The entries of an assignment's role, each under its condition and the assignment's."""
        role = self._estate.role(one.role)
        if role is None:
            return [Giving(f"{name} ({one.role})", None, one.role, (one.condition,), under)]
        return [
            replace(giving, conditions=(*giving.conditions, one.condition), under=under)
            for giving in _of_role(name, role)
        ]


def _lasting(one: Assignment, other: Assignment) -> Formula:
    """Whether another assignment is in force as long as one is."""
    if not other.until or other.until == one.until:
        return True
    return Literal(Gap(f"whether it is asked after {other.until}"))
