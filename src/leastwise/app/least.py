"""The least that would do for what a principal called, where any one of several permissions allows a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leastwise.errors import UsageError
from leastwise.model.decision import Circumstances

from .estate import OpenEstate
from .granted import Granted

if TYPE_CHECKING:
    from leastwise.usage.covering import Compared

    from .gap import GapOf


def least_of(found: GapOf, principal: str) -> list[Compared]:
    """By layer the least that allows what a principal called in the window, against what it is granted.

    Raises:
        UsageError: the provider's calls each need the permissions that they are.
        NotFoundError: as access does.
    """
    from leastwise.usage.covering import compared

    observing = found.workspace.provider(found.asking.provider).observing
    if observing is None or observing.choices is None:
        raise UsageError(f"--least: {found.title} has no calls that any one of several permissions allows")
    access, names = found.asking.access, found.facts.names
    held = access.held(principal, Circumstances()).principal
    rows = found.facts.uses.rows(held)
    choices = observing.choices((row["permission"], row["bucket"]) for row in rows if row["count"] or row["unknown"])
    granted: dict[str, set[str]] = {}
    for one in access.given(principal):
        granted.setdefault(one.layer, set()).update(names[number] for number in one.permissions)
    for layer in choices.calls.keys() - granted.keys():
        granted[layer] = _given_in(found, held, layer)
    return compared(choices, granted)


def _given_in(found: GapOf, principal: str, layer: str) -> set[str]:
    """The names of what grants of a layer give somebody, of which he holds nothing by himself: what is for others."""
    estate = OpenEstate(found.workspace, found.asking.estate, found.asking.file)
    mine = [one for one in estate.estate.manifests if one.scope.provider == found.asking.provider]
    granted = Granted(estate, mine)
    rows = granted.given({principal}, (layer,))
    named = {(granted.bundles.get((one["provider"], one["bundle"])) or one["bundle"], one["bundle"]) for one in rows}
    # Where another resource offers it, the id begins with that, and the calls are not its own.
    return {name for name, id in named if id.startswith(name)}


def least_values(found: GapOf, principal: str) -> dict[str, Any]:
    """The same as the JSON interface has it. Raises as `least_of`."""
    held = found.asking.access.held(principal, Circumstances())
    return {
        "principal": held.principal,
        "provider": found.asking.provider,
        "account": held.account,
        **found.header(),
        "items": [compared_values(one) for one in least_of(found, principal)],
        "next": None,
        "missing": list(held.missing),
    }


def compared_values(one: Compared) -> dict[str, Any]:
    """One layer as the JSON interface has it."""
    return {
        "layer": one.layer,
        "calls": one.calls,
        "least": list(one.least.chosen),
        "exact": one.least.exact,
        "granted": list(one.granted),
        "beyond": list(one.beyond),
        "lacking": list(one.lacking),
        "unknown": list(one.unknown),
    }
