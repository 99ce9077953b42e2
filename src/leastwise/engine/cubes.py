"""Sets of requests as values: cubes, and what union, intersection and subtraction make of them.

Nothing is multiplied out: a set is a tree over its cubes, and whether a request lies in it is a formula over what its
cubes say of the request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from .formula import Atom, Formula, all_of, any_of, assign, literals, negate
from .patterns import EVERYTHING, PERMISSION, RESOURCE, Inside, Region


@dataclass(frozen=True, slots=True, eq=False)
class Cube:
    """Requests for permissions of one region on resources of another, under a condition.

    Args:
        permissions: the permissions.
        resources: the resources.
        condition: what must hold besides; it may ask about the resource too, by `Inside`.
        name: where it comes from, for proofs.
    """

    permissions: Region
    resources: Region = EVERYTHING
    condition: Formula = True
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Cubes:
    """Requests of one of the cubes."""

    cubes: tuple[Cube, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Union:
    """Requests of one of the sets."""

    parts: tuple[AccessSet, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Common:
    """Requests of all of the sets; there is one at least."""

    parts: tuple[AccessSet, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Less:
    """Requests of one set that are not of the other."""

    kept: AccessSet
    taken: AccessSet


AccessSet = Cubes | Union | Common | Less
NOTHING = Cubes(())


def cubes_of(requests: AccessSet) -> Iterator[Cube]:
    """Every cube that takes part in the set, those of what is taken away included."""
    if isinstance(requests, Cubes):
        yield from requests.cubes
    elif isinstance(requests, Less):
        yield from cubes_of(requests.kept)
        yield from cubes_of(requests.taken)
    else:
        for part in requests.parts:
            yield from cubes_of(part)


def membership(requests: AccessSet, lies_in: Callable[[Cubes], Formula]) -> Formula:
    """Whether a request lies in the set, given when it lies in the cubes of a leaf."""
    if isinstance(requests, Cubes):
        return lies_in(requests)
    if isinstance(requests, Less):
        return all_of((membership(requests.kept, lies_in), negate(membership(requests.taken, lies_in))))
    build = any_of if isinstance(requests, Union) else all_of
    return build(membership(part, lies_in) for part in requests.parts)


def condition_for(requests: AccessSet, permission: str, resource: str) -> Formula:
    """The condition under which a request for one permission on one resource lies in the set."""

    def one(cube: Cube) -> Formula:
        if not cube.permissions.matches(permission) or not cube.resources.matches(resource):
            return False
        return assign(cube.condition, texts_of(cube.condition, {PERMISSION: permission, RESOURCE: resource}))

    return membership(requests, lambda leaf: any_of(map(one, leaf.cubes)))


def texts_of(formula: Formula, texts: Mapping[str, str]) -> dict[Atom, bool]:
    """What the atoms of a formula that ask about a text are for these texts."""
    found = {one.atom for one in literals(formula)}
    return {
        atom: atom.pattern.matches(texts[atom.axis])
        for atom in found
        if isinstance(atom, Inside) and atom.axis in texts
    }
