"""Operations that the same principals may do to the same resources: equal shapes, told without deciding anything."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from leastwise.engine.arrays import Array

from ..evaluate.conditions import attributes, leaves
from ..evaluate.request import NOW, Request, always
from ..evaluate.systems import systems_of
from ..language.operations import Plane, matches
from ..language.roles import Entry
from ..language.tree import ActionMatches
from .estate import Compiled
from .numbers import parsed
from .situations import VAULTS


def shape(held: Compiled, asked: Request, about: Array) -> Hashable | None:
    """Equal for two operations of which every answer is the same; None where that cannot be told so.

    It is made of what a decision reads of an operation: which entries of roles and deny assignments have it, what
    their conditions say of it, and of the values that are given as far as they ask for them; which systems besides may
    decide; and which kinds of resources it can be about.
    """
    plane = asked.plane
    if plane is None:
        return None
    given, estate = held.assignments, held.estate
    roles = [estate.role(key) for key in given.roles]
    gives = [None if one is None else _having(one.entries, asked, plane) for one in roles]
    denies = tuple(_having(one.entries, asked, plane) for one in estate.denies)
    texts = {
        given.conditions[int(given.condition[at])] for at in given.pairs[1].tolist() if gives[int(given.role[at])] != ()
    }
    texts |= {one.entries[at].condition for one, some in zip(roles, gives, strict=True) if one for at in some or ()}
    for one, some in zip(estate.denies, denies, strict=True):
        texts |= {one.condition, *(one.entries[at].condition for at in some)} if some else set()
    said = tuple((one, *_said(one, asked)) for one in sorted(texts))
    read = {NOW.key, *(key for one in texts for key in _read(one))}
    context = tuple(sorted((key, str(value)) for key, value in asked.context.items() if key in read))
    return plane, tuple(gives), denies, said, context, asked.strict, about.tobytes(), _besides(held, asked, plane)


def _having(entries: Sequence[Entry], asked: Request, plane: Plane) -> tuple[int, ...]:
    """The positions of those entries that have an operation."""
    return tuple(at for at, one in enumerate(entries) if one.has(asked.operation, plane))


def _said(text: str, asked: Request) -> Iterator[bool]:
    """What a condition says of the operation, whatever else the request has."""
    node = parsed(text)
    if node is None:
        return
    for one in leaves(node):
        if isinstance(one, ActionMatches):
            yield matches(one.pattern, asked.operation)
    yield from (always(asked.operation, one) for one in attributes(node))


def _read(text: str) -> Iterator[str]:
    node = parsed(text)
    return iter(()) if node is None else (one.key for one in attributes(node))


def _besides(held: Compiled, asked: Request, plane: Plane) -> Hashable:
    """The systems beside roles that may give it; of vaults with policies of their own the operation itself counts."""
    if plane is not Plane.DATA:
        return None
    vault = asked.operation.startswith(VAULTS)
    return vault, asked.operation if vault and held.estate.vaults else "", systems_of(asked.operation)
