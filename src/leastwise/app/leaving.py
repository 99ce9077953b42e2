"""Which groups somebody may be taken out of: those that give, as far as the estate tells, here alone."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

from leastwise.engine.placed import Placed
from leastwise.model.plan import Change, digest
from leastwise.rightsizing.placing import Above, Need

if TYPE_CHECKING:
    from leastwise.providers.base import Changing, ScopeTables

    from .estate import OpenEstate

READS = {"memberships": ("member", "group", "kind"), "principals": ("id", "name", "tags", "details")}
"""The columns that are read of the scopes."""
BESIDE = "what else being in it gives, in systems that the estate does not tell of too, goes with it"
_BOUND = frozenset({("dynamic", "yes"), ("unified", "yes"), ("synced", "yes")})
"""Groups whose members a rule or another directory names, or to whom more belongs than access: mail, files, a team."""


class Leaving:
    """Tells of groups, and what leaving them is.

    Args:
        estate: what other providers grant them.
        scopes: tables of the provider and its directories.
        changing: by provider what it tells of changes.
        provider: whose grants are made smaller.
    """

    def __init__(
        self, estate: OpenEstate, scopes: Sequence[ScopeTables], changing: Mapping[str, Changing], provider: str
    ) -> None:
        self._estate, self._scopes, self._changing, self._provider = estate, scopes, changing, provider

    def of(self, principal: str, grants: Sequence[Placed]) -> list[str]:
        """The groups of somebody that it can be taken out of, and whose grants are all told and lasting."""
        found = []
        for group in sorted(self._groups.get(principal, ())):
            mine = [one for one in grants if one.holder == group]
            known = mine and all(one.permissions is not None and not one.hangs and not one.told.get("until")
                                 for one in mine)  # fmt: skip
            if known and group not in self._bound and group not in self._given:
                found.append(group)
        return found

    def change(self, principal: str, group: str) -> Change:
        """The change that takes somebody out of a group."""
        named = {"principal": principal, "group": group}
        stood = json.dumps([{"join": named}]).encode()
        told = {**named, "provider": self._of_group[group]}
        return Change("leave", told, (Change("join", told),), digest(stood))

    @cached_property
    def _of_group(self) -> dict[str, str]:
        """By group the provider whose members of it can be changed."""
        return {row["id"]: one.provider for one, row in self._rows("principals") if one.provider in self._changing}

    @cached_property
    def _bound(self) -> frozenset[str]:
        """Groups that nobody is taken out of: see `_BOUND`, or they are in others."""
        held = {row["member"] for _, row in self._rows("memberships")}
        told = {
            row["id"]
            for _, row in self._rows("principals")
            if _BOUND & {tuple(each) for each in (*(row.get("tags") or ()), *(row.get("details") or ()))}
        }
        return frozenset(told | held)

    @cached_property
    def _groups(self) -> dict[str, set[str]]:
        """By principal the groups that it is in itself, by a membership that can be changed."""
        found: dict[str, set[str]] = {}
        for one, row in self._rows("memberships"):
            changing = self._changing.get(one.provider)
            if (
                changing is not None
                and row["kind"] in set(changing.members.values())
                and row["group"] in self._of_group
            ):
                found.setdefault(row["member"], set()).add(row["group"])
        return found

    @cached_property
    def _given(self) -> frozenset[str]:
        """Whom other providers grant something, or this one something that is not lasting."""
        rows = self._estate.view("grants", ("provider", "principal", "state")).select(
            ["provider", "principal", "state"]
        )
        return frozenset(
            row["principal"]
            for row in rows.to_pylist()
            if row["provider"] != self._provider or row["state"] != "standing"
        )

    def _rows(self, name: str) -> Iterable[tuple[ScopeTables, Mapping[str, Any]]]:
        for one in self._scopes:
            if name in one.tables:
                yield from ((one, row) for row in one.tables[name].to_pylist())


def idle(group: str, grants: Sequence[Placed], needs: Collection[Need], above: Above) -> bool:
    """Whether nothing that is needed comes from a group."""
    given = [one for one in grants if one.holder == group]
    every = BitMap.union(BitMap(), *(one.permissions or BitMap() for one in given))
    for need in needs:
        if need.permission not in every:
            continue
        if not need.scopes:
            return False
        around = {place for scope in need.scopes for place in (scope, *above(scope))}
        if any(one.scope in around and need.permission in (one.permissions or ()) for one in given):
            return False
    return True
