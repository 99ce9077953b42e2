"""Who is something to objects, whatever is asked: their owners, and those who act and are objects themselves.

Where nothing else is given, the same comes of all pairs of a group: of objects that nothing tells apart but roles and
the units that are not restricted, and of principals of one standing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.groups import parted
from leastwise.engine.sparse import Rows, rows_of

from ..evaluate.request import Request
from ..language.directory import SERVICE, USER
from .placing import Placing


@dataclass(frozen=True, slots=True)
class Near:
    """Pairs of which the same comes.

    Args:
        objects: by number, of each pair.
        members: who is something to each, ascending.
        whom: the same without repetition.
    """

    objects: Array
    members: Array
    whom: BitMap

    def of(self, member: int) -> Array:
        """The objects that somebody is something to."""
        begin, end = np.searchsorted(self.members, [member, member + 1])
        return self.objects[begin:end]


class Owning:
    """What is so of one tenant whatever is asked."""

    def __init__(self, placing: Placing) -> None:
        self._placing, self._held = placing, placing.views.held

    @cached_property
    def coarse(self) -> Array:
        """For each member a number of what decides about what is done to it by whom no role is given."""
        held = self._held
        numbers = np.arange(len(held.members))
        columns = [self._placing.shapes[held.arrays["member.shape"]], self._restricted.codes(numbers)]
        columns += [np.minimum(self._placing.locked, 2), held.assignable.astype(np.int64)]
        found = np.zeros(len(numbers), np.int64)
        for code, some in enumerate(parted(columns, len(numbers))):
            found[some] = code
        return found

    @cached_property
    def units(self) -> Array:
        """For each member a number of the units that it is in."""
        return self._held.units_of.codes(np.arange(len(self._held.members)))

    def protected(self, asked: Request) -> Array:
        """For each member a number of what protects it from what is asked."""
        return self._placing.protected if self._placing.guards(asked) else self._free

    @cached_property
    def _free(self) -> Array:
        return np.zeros(len(self._held.members), np.int64)

    @cached_property
    def _restricted(self) -> Rows:
        """The units that are restricted, or may be, of each member."""
        held, units = self._held, self._held.units_of
        codes = np.unique(units.values)
        known = zip(codes.tolist(), held.members.many(codes.astype(np.int64)), strict=True)
        told = held.whole.units
        kept = [number for number, id in known if id not in told or told[id].restricted is not False]
        owner = np.repeat(np.arange(len(held.members)), np.diff(units.starts))
        mask = np.isin(units.values, kept)
        return rows_of(owner[mask], units.values[mask], len(held.members))

    @cached_property
    def always(self) -> Sequence[Near]:
        """The groups of what always holds: acting objects themselves, and owners."""
        held = self._held
        itself = np.flatnonzero(held.of_kind(USER, SERVICE, "") & ~held.nobody)
        owners, at = held.owners_of.gather(np.arange(len(held.members)))
        return [*self.groups(itself, itself), *self.groups(at, owners.astype(np.int64))]

    def groups(self, objects: Array, members: Array) -> list[Near]:
        """Pairs in groups."""
        standing = self._held.arrays["member.standing"].astype(np.int64)
        columns = [self.coarse[objects], standing[members], objects == members]
        found = []
        for some in parted(columns, len(members)):
            order = some[np.argsort(members[some], kind="stable")]
            found.append(Near(objects[order], members[order], BitMap(members[order])))
        return found

    @cached_property
    def barred(self) -> BitMap:
        """Who cannot sign in."""
        shapes = np.array([one["enabled"] is False for one in self._held.shapes], np.bool_)
        return BitMap(np.flatnonzero(shapes[self._held.arrays["member.shape"]]))
