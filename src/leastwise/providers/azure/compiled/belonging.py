"""Who is in each group that assignments and access policies name: surely, or perhaps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.sparse import Rows, rows_of
from leastwise.providers.bulk.everyone import PERHAPS, SURE

from ..evaluate.estate import GROUP, USER, kind_of
from ..language.vaults import AccessPolicy
from .deciding import Known
from .estate import GROUP_CODE
from .expanding import Expansion, Naming, joined

Named = tuple[int, AccessPolicy]
"""The number of a vault's place, and one of its access policies."""


class Belonging:
    """Who is in what, in one estate."""

    def __init__(self, known: Known) -> None:
        self._known, self._held = known, known.held

    @cached_property
    def policies(self) -> Mapping[int, tuple[Named, ...]]:
        """The access policies of vaults that name each member and give something."""
        found: dict[int, list[Named]] = {}
        for key, vault in sorted(self._held.estate.vaults.items()):
            place = self._held.place_number(key)
            for policy in vault.policies or ():
                number = self._held.member_number(policy.principal)
                if number is not None and place is not None and any(policy.permissions.values()):
                    found.setdefault(number, []).append((place, policy))
        return {number: tuple(several) for number, several in found.items()}

    @cached_property
    def principals(self) -> Array:
        """The numbers of everybody to whom something is given, groups left out, ascending."""
        given = self._held.assignments
        known = BitMap(given.principal[self._known.plain].astype(np.uint32))
        inside = (one.sure for one in self._named.values())
        members = BitMap.union(known, *inside) - self._collectives
        return np.array(members.to_array(), np.int64)

    def is_group(self, member: int) -> bool:
        """Whether somebody is a group, by what was read or what assignments say."""
        return member in self._collectives

    @cached_property
    def _collectives(self) -> BitMap:
        given, types = self._held.assignments, self._held.arrays["member.type"]
        told = np.array([kind_of(one) == GROUP for one in given.types], np.bool_)
        of = given.principal[told[given.type]]
        told_groups = BitMap(of[types[of] == 0].astype(np.uint32))
        return BitMap(np.flatnonzero(types == GROUP_CODE).astype(np.uint32)) | told_groups

    def sets(self, member: int) -> list[tuple[int, int]]:
        """The other principals that are given something and have, or may have, somebody in them."""
        sure = [int(one) for one in self._rows.row(member) if one != member]
        person = self._held.kind(member) in (USER, GROUP)
        maybe = (one for one in self.anybody if not person or self._named[one].gaps - self._named[one].services)
        perhaps = (one for one in maybe if one != member and one not in sure)
        return [*((one, SURE) for one in sure), *((one, PERHAPS) for one in perhaps)]

    def codes(self, members: Array) -> Array:
        """A number for each of some members: equal where they are in the same groups."""
        return self._inside.codes(members)

    @cached_property
    def anybody(self) -> list[int]:
        """Those that are given something and may have anybody in them."""
        return [number for number, one in self._named.items() if one.gaps]

    @cached_property
    def _named(self) -> Mapping[int, Expansion]:
        """Those that are given something and are no single principals, as far as that is known, with whom they mean."""
        given = self._held.assignments
        found: dict[int, list[Expansion]] = {}
        for number in np.unique(given.principal[~self._known.plain]).tolist():
            row = given.by_member.row(number).astype(np.int64)
            found.setdefault(number, []).append(self._known.whom(row))
        for number in self.policies:
            found.setdefault(number, []).append(self._known.expanding.of([Naming(number)]))
        return {number: joined(parts) for number, parts in sorted(found.items())}

    @cached_property
    def _rows(self) -> Rows:
        """For each member those that surely have it in them, itself too where it is named."""
        who, where = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for number, whom in self._named.items():
            members = np.array(whom.sure.to_array(), np.int64)
            who.append(members)
            where.append(np.full(len(members), number, np.int64))
        return rows_of(np.concatenate(who), np.concatenate(where), len(self._held.members))

    @cached_property
    def _inside(self) -> Rows:
        """The same without itself: what is given to somebody by name is told apart by itself."""
        rows = self._rows
        owner = np.repeat(np.arange(len(rows.starts) - 1), np.diff(rows.starts))
        other = rows.values != owner
        return rows_of(owner[other], rows.values[other], len(rows.starts) - 1)

    @cached_property
    def own(self) -> Array:
        """A number for each member: equal where assignments and access policies give alike to them by name."""
        given, count = self._held.assignments, len(self._held.members)
        columns = [given.role, given.condition, given.place]
        _, codes = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
        codes = codes.ravel()
        said: dict[object, int] = {}
        first = int(codes.max(initial=-1)) + 1
        pairs = [
            (number, first + said.setdefault((place, content(policy)), len(said)))
            for number, several in self.policies.items()
            for place, policy in several
        ]
        who = np.concatenate([given.principal, np.array([one for one, _ in pairs], np.int64)]).astype(np.int64)
        what = np.concatenate([codes, np.array([one for _, one in pairs], np.int64)]).astype(np.int64)
        distinct = np.unique(np.stack([who, what], axis=1), axis=0)
        return rows_of(distinct[:, 0], distinct[:, 1], count).codes(np.arange(count))


def content(policy: AccessPolicy) -> object:
    """What an access policy gives, to be held against others."""
    return tuple(sorted((kind, tuple(sorted(verbs))) for kind, verbs in policy.permissions.items()))
