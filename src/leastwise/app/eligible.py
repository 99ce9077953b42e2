"""What somebody could activate: eligible grants of his own and of his groups, and what being in a group would give.

None of it is access now. It is read from the facts of an estate, where each grant says on whom it lies and what is
asked of whoever activates it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from leastwise.model.decision import Circumstances
from leastwise.model.scope import CoverageStatus
from leastwise.model.snapshot import Manifest

from .asking import Asking
from .wiring import Workspace

ELIGIBLE = "eligible"
"""The layer of what can be activated."""


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
    asked = [one.provider for one in askings]
    names = {*asked, *(name for one in asked for name in workspace.provider(one).directories)}
    offering = {name for name in names if workspace.provider(name).offers is not None}
    told = [one for one in askings[0].estate.manifests if one.scope.provider in offering]
    if not told:
        return Offered()
    from .estate import OpenEstate
    from .granted import Granted
    from .offers import Offers

    estate = OpenEstate(workspace, askings[0].estate, askings[0].file)
    granted = Granted(estate, told)
    missing = unread_offers(workspace, told)
    # Most estates have none, and then nothing more is read.
    if not granted.any(ELIGIBLE):
        return Offered(missing=missing)
    whose = {one.access.held(named, Circumstances()).principal for one in askings}
    offers = Offers(estate, granted)
    found = {one for who in sorted(whose) for one in offers.of(who)}
    return Offered(tuple(sorted(found, key=lambda one: (one.provider, one.grant, one.via, one.resource))), missing)


def unread_offers(workspace: Workspace, manifests: Iterable[Manifest]) -> tuple[str, ...]:
    """What of the things that can be activated some snapshots do not tell."""
    return tuple(f"{one.scope.key}: {what} was not read" for one in manifests for what in _unread(workspace, one))


def _unread(workspace: Workspace, manifest: Manifest) -> Iterator[str]:
    """What of the things that can be activated no document of a snapshot tells of."""
    read = {
        f"{one.service}.{one.call}".partition(":")[0]
        for one in manifest.coverage
        if one.status in (CoverageStatus.OK, CoverageStatus.UNLICENSED)
    }
    for kinds, what in workspace.provider(manifest.scope.provider).offers or ():
        if not kinds & read:
            yield what


def eligible_values(offered: Offered) -> dict[str, Any]:
    """The same as the JSON interface has it."""
    items = [{name: getattr(one, name) or None for name in Eligible.__slots__} for one in offered.items]
    return {"eligible": items, "eligible_missing": list(offered.missing)}
