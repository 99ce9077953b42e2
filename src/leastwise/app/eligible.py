"""What somebody could activate: eligible grants of his own and of his groups, and what being in a group would give.

None of it is access now. It is read from the facts of an estate, where each grant says on whom it lies and what is
asked of whoever activates it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.model.decision import Circumstances
from leastwise.model.scope import CoverageStatus
from leastwise.model.snapshot import Manifest

from .asking import Asking
from .estate import OpenEstate
from .granted import Granted
from .wiring import Workspace

_ELIGIBLE = "eligible"
_GIVING = ("allow", "application", "ownership", _ELIGIBLE)
"""Layers of what a member of a group gets by it."""
_MEMBERSHIP = "membership"
"""Kind of a bundle that makes its holder a member of the group that it lies on."""
_THEN = "; then "


@dataclass(frozen=True, slots=True)
class Eligible:
    """One grant that can be activated; texts are empty where nothing is told.

    - `grant`: the bundle's name, `policy` its id, `kind` its kind. `resource`: where.
    - `via`: the name of the group through which it is had, `via_id` its id.
    - `requires`: what is asked of whoever activates it; of both steps where membership comes first.
    """

    provider: str
    grant: str
    policy: str
    kind: str
    resource: str
    via: str
    via_id: str
    requires: str
    until: str
    condition: str


@dataclass(frozen=True, slots=True)
class Offered:
    """All of somebody's, in order; `missing` is what was not read of it."""

    items: tuple[Eligible, ...] = ()
    missing: tuple[str, ...] = ()


def eligible_of(workspace: Workspace, askings: Sequence[Asking], named: str) -> Offered:
    """What a principal could activate at the time of an estate, by all providers that answered of it."""
    estate = OpenEstate(workspace, askings[0].estate, askings[0].file)
    asked = [one.provider for one in askings]
    names = {*asked, *(name for one in asked for name in workspace.provider(one).directories)}
    told = [one for one in estate.estate.manifests if one.scope.provider in names]
    granted = Granted(estate, told)
    missing = tuple(f"{one.scope.key}: {what} was not read" for one in told for what in _unread(workspace, one))
    # Most estates have none, and then nothing more is read.
    if not granted.any(_ELIGIBLE):
        return Offered(missing=missing)
    whose = {one.access.held(named, Circumstances()).principal for one in askings}
    offers = _Offers(estate, granted)
    found = {one for who in sorted(whose) for one in offers.of(who)}
    return Offered(tuple(sorted(found, key=lambda one: (one.provider, one.grant, one.via, one.resource))), missing)


def _unread(workspace: Workspace, manifest: Manifest) -> Iterator[str]:
    """What of the things that can be activated no document of a snapshot tells of."""
    read = {
        f"{one.service}.{one.call}".partition(":")[0]
        for one in manifest.coverage
        if one.status in (CoverageStatus.OK, CoverageStatus.UNLICENSED)
    }
    for kinds, what in workspace.provider(manifest.scope.provider).offers:
        if not kinds & read:
            yield what


def eligible_values(offered: Offered) -> dict[str, Any]:
    """The same as the JSON interface has it."""
    items = [{name: getattr(one, name) or None for name in Eligible.__slots__} for one in offered.items]
    return {"eligible": items, "eligible_missing": list(offered.missing)}


@dataclass
class _Offers:
    """The eligible grants of some snapshots."""

    estate: OpenEstate
    granted: Granted

    def of(self, who: str) -> Iterator[Eligible]:
        """Those of a principal by its id."""
        direct, whole = self._groups(who)
        for row in self.granted.given({who, *whole}, (_ELIGIBLE,)):
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
                more = one["requires"] or "" if one["layer"] == _ELIGIBLE else ""
                yield self._made(one, group, _THEN.join(filter(None, (row["requires"], more))))
                if one["layer"] == _ELIGIBLE:
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
