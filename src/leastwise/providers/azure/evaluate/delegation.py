"""Writing and deleting role assignments under conditions: which roles, to which principals.

https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from leastwise.engine.formula import Literal
from leastwise.engine.solve import Clause

from ..language.tree import Attribute, Compare, Value, Values
from .comparing import Given
from .conditions import Facts, Test, holds
from .request import ASSIGNMENT, DELETES, WRITES

ROLE, PRINCIPAL, TYPE = "RoleDefinitionId", "PrincipalId", "PrincipalType"


@dataclass(frozen=True, slots=True)
class Limited:
    """The values that an attribute may have.

    Args:
        only: these alone; None where any is possible but for some.
        but: those that are not possible, where any other is.
    """

    only: tuple[str, ...] | None = None
    but: tuple[str, ...] = ()

    @property
    def free(self) -> bool:
        """Whether every value is possible."""
        return self.only is None and not self.but


@dataclass(frozen=True, slots=True)
class Delegated:
    """One way in which role assignments may be written, or deleted.

    Args:
        roles: which roles, by key.
        principals: for which principals, by object id.
        types: for which types of principals.
        further: what else must hold, as conditions write it.
    """

    roles: Limited
    principals: Limited
    types: Limited
    further: tuple[str, ...] = ()


def delegated(asked: Facts, alternatives: Iterable[Clause]) -> tuple[Delegated, ...]:
    """What the alternatives under which a request is allowed say of the role assignment.

    None for other operations, nor where the question is about an assignment without a role, a principal or its type: of
    others that says nothing.
    """
    source = {WRITES: "Request", DELETES: "Resource"}.get(asked.operation)
    if source is None:
        return ()
    about = tuple(Attribute(source, f"{ASSIGNMENT}{one}") for one in (ROLE, PRINCIPAL, TYPE))
    known = {one.key: asked.look(one) for one in about}
    if () in known.values():
        return ()
    return tuple(dict.fromkeys(_delegated(clause, known) for clause in alternatives))


def _delegated(clause: Clause, known: Mapping[str, Given | None]) -> Delegated:
    about: dict[str, list[Literal]] = {key: [] for key in known}
    further: list[str] = []
    for one in sorted(clause, key=str):
        atom = one.atom
        simple = isinstance(atom, Test) and isinstance(atom.node, Compare) and not atom.others
        if simple and atom.variable in about:
            about[atom.variable].append(one)
        else:
            further.append(str(atom) if one.positive else f"NOT ({atom})")
    role, principal, type = (
        Limited(tuple(map(str, told))) if told else _limited(key, about[key]) for key, told in known.items()
    )
    return Delegated(role, principal, type, tuple(further))


def _limited(key: str, about: list[Literal]) -> Limited:
    """Which of the values that some tests name pass all of them, and whether others do."""
    named: dict[str, None] = {}
    tests: list[tuple[Test, bool]] = []
    for one in about:
        assert isinstance(one.atom, Test) and isinstance(one.atom.node, Compare)
        tests.append((one.atom, one.positive))
        for side in (one.atom.node.left, one.atom.node.right):
            if isinstance(side, Values):
                named.update(dict.fromkeys(map(str, side.values)))

    def passes(value: Value) -> bool:
        return all(holds(test.node, {key: (value,)}) is positive for test, positive in tests)

    if passes("ffffffff-ffff-4fff-8fff-ffffffffffff"):
        return Limited(None, tuple(sorted(one for one in named if not passes(one))))
    return Limited(tuple(sorted(one for one in named if passes(one))))
