"""Organization policies with boolean constraints: whether one is enforced on a project, and how far that is known.

They gate what is done from now on, not what was done before, so they decide about steps and not about access.
https://cloud.google.com/resource-manager/docs/organization-policy/understanding-hierarchy
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from leastwise.model.decision import State

_V1 = "constraints/"
_DENIED: Mapping[str, frozenset[str]] = {
    "storage.restrictAuthTypes": frozenset({"SERVICE_ACCOUNT_HMAC_SIGNED_REQUESTS", "in:ALL_HMAC_SIGNED_REQUESTS"})
}
"""Values of constraints with a list that stand for what is asked.

https://cloud.google.com/storage/docs/org-policy-constraints
"""


class Constraints:
    """The organization policies of an estate.

    Args:
        parents: the container above each, by the ids that tables have; None or absent for a top.
        unread: containers of which, and of what lies below them, not all organization policies were read.
        alone: tops that are organizations: nothing stands above them.
    """

    def __init__(self, parents: Mapping[str, str | None], unread: Iterable[str], alone: Iterable[str]) -> None:
        self._parents, self._unread, self._tops = parents, frozenset(unread), frozenset(alone)
        self._told: dict[tuple[str, str], State | None] = {}

    def tell(self, container: str, constraint: str, body: Mapping[str, Any]) -> None:
        """What one policy says; one that is read twice holds as it was told first."""
        name = constraint.removeprefix(_V1)
        found = enforced(body, _DENIED.get(name, frozenset()))
        if found is not State.DENIED or not _inherits(body):
            self._told.setdefault((container, name), found)

    def states(
        self, names: Sequence[str], containers: Iterable[str], default: State = State.DENIED
    ) -> dict[str, State]:
        """For each container whether one of some constraints is enforced there: ALLOWED where it is.

        Args:
            names: of the constraints.
            containers: ids as tables have them.
            default: where nobody says anything.
        """
        return {id: _best(self._state(name, id, default) for name in names) for id in containers}

    def _state(self, name: str, container: str, default: State) -> State:
        """The policy of the nearest container that has one decides."""
        above = self._above(container)
        at = next((one for one in above if (one, name) in self._told), None)
        found = default if at is None else self._told[at, name] or default
        whole = not self._unread & set(above) and (at is not None or above[-1] in self._tops)
        # What a container itself says holds, whatever was not read.
        return found if whole or at == container else State.UNKNOWN

    def _above(self, container: str) -> list[str]:
        found: list[str] = []
        at: str | None = container
        while at is not None and at not in found:
            found.append(at)
            at = self._parents.get(at)
        return found


def _best(states: Iterable[State]) -> State:
    """The surest of some states."""
    return min(states, key=(State.ALLOWED, State.CONDITIONAL, State.UNKNOWN, State.DENIED).index)


def enforced(body: Mapping[str, Any], denied: Collection[str] = ()) -> State | None:
    """Whether a policy enforces its constraint: ALLOWED where it does, CONDITIONAL where tags of a resource decide.

    A constraint with a list is enforced where it denies all, or one of some values.

    None where it says that what Google has by default is in force, or nothing that is known.

    https://cloud.google.com/resource-manager/docs/reference/orgpolicy/rest/v2/organizations.policies
    """
    old = body.get("booleanPolicy", body.get("boolean_policy"))
    if isinstance(old, Mapping):
        return State.ALLOWED if old.get("enforced") is True else State.DENIED
    listed = body.get("listPolicy", body.get("list_policy"))
    if isinstance(listed, Mapping):
        every = listed.get("allValues", listed.get("all_values")) == "DENY"
        return State.ALLOWED if every or _names(listed, denied) else State.DENIED
    spec = body.get("spec")
    if not isinstance(spec, Mapping) or spec.get("reset") is True:
        return None
    rules = [one for one in spec.get("rules") or () if isinstance(one, Mapping)]
    plain, depends = (
        {one.get("enforce") is True or one.get("denyAll") is True or _names(one.get("values") or {}, denied)
         for one in rules if bool(one.get("condition")) is those}
        for those in (False, True)
    )  # fmt: skip
    if depends - plain:
        return State.CONDITIONAL
    return State.ALLOWED if True in plain else State.DENIED


def _names(listed: Mapping[str, Any], values: Collection[str]) -> bool:
    """Whether a list denies one of some values."""
    told = listed.get("deniedValues", listed.get("denied_values")) or ()
    return any(one in values for one in told)


def _inherits(body: Mapping[str, Any]) -> bool:
    """Whether what stands above is in force besides."""
    parts = (body.get("listPolicy"), body.get("spec"))
    return any(isinstance(one, Mapping) and one.get("inheritFromParent") is True for one in parts)


def opposite(state: State) -> State:
    """How far something is not so."""
    return {State.ALLOWED: State.DENIED, State.DENIED: State.ALLOWED}.get(state, state)
