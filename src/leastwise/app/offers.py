"""The eligible grants of some snapshots, read from their tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from .eligible import ELIGIBLE, Eligible
from .estate import OpenEstate
from .granted import Granted

_GIVING = ("allow", "application", "ownership", ELIGIBLE)
"""Layers of what a member of a group gets by it."""
_MEMBERSHIP = "membership"
"""Kind of a bundle that makes its holder a member of the group that it lies on."""
_THEN = "; then "


@dataclass
class Offers:
    """The eligible grants of some snapshots."""

    estate: OpenEstate
    granted: Granted

    def of(self, who: str) -> Iterator[Eligible]:
        """Those of a principal by its id."""
        direct, whole = self._groups(who)
        for row in self.granted.given({who, *whole}, (ELIGIBLE,)):
            if row["holder"] == who or row["holder"] in (direct if row["direct"] else whole):
                via = "" if row["holder"] == who else row["holder"]
                yield self._made(row, via, row["requires"] or "")
                yield from self._joined(row, {who})

    def _joined(self, row: Mapping[str, Any], seen: set[str]) -> Iterator[Eligible]:
        """What whoever becomes a member of a group by a grant has then, or could activate."""
        group = row["target"]
        if self.granted.kinds.get((row["provider"], row["bundle"])) != _MEMBERSHIP or group in seen:
            return
        _, whole = self._groups(group)
        for one in self.granted.given({group, *whole}, _GIVING):
            # Who is in a group is a member of that itself, and of what holds it by the way.
            if one["holder"] == group or not one["direct"]:
                more = one["requires"] or "" if one["layer"] == ELIGIBLE else ""
                yield self._made(one, group, _THEN.join(filter(None, (row["requires"], more))))
                if one["layer"] == ELIGIBLE:
                    yield from self._joined(one | {"requires": row["requires"]}, {*seen, group})

    def _made(self, row: Mapping[str, Any], via: str, requires: str) -> Eligible:
        key = row["provider"], row["bundle"]
        return Eligible(
            provider=row["provider"], grant=self.granted.bundles.get(key) or row["bundle"], policy=row["bundle"],
            kind=self.granted.kinds.get(key, ""), resource=row["target"], via=self._names.get(via, via), via_id=via,
            requires=requires, until=row["until"].isoformat() if row["until"] else "",
            condition=row["condition"] or row["conditions"] or "",
        )  # fmt: skip

    def _groups(self, who: str) -> tuple[set[str], set[str]]:
        """The groups that somebody is in, and these with all that they are in."""
        direct = self._containing({who})
        whole, new = set(direct), direct
        while new:
            new = self._containing(new) - whole
            whole |= new
        return direct, whole

    def _containing(self, members: set[str]) -> set[str]:
        table = self._memberships
        rows = pc.is_in(table["member"], value_set=pa.array(sorted(members), pa.string()))
        return set(table["group"].filter(rows).to_pylist())

    @cached_property
    def _memberships(self) -> pa.Table:
        table = self.estate.facts("memberships", ["member", "group"])
        return pa.table({name: table[name].cast(pa.string()) for name in ("member", "group")})

    @cached_property
    def _names(self) -> dict[str, str]:
        """Names of groups by their ids."""
        table = self.estate.facts("principals", ["id", "name", "kind"])
        groups = table.filter(pc.equal(table["kind"].cast(pa.string()), "group")).to_pylist()
        return {one["id"]: one["name"] for one in groups if one["name"]}
