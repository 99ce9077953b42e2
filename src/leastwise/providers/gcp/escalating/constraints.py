"""Organization policies with boolean constraints: whether one is enforced on a project, and how far that is known.

They gate what is done from now on, not what was done before, so they decide about steps and not about access.
https://cloud.google.com/resource-manager/docs/organization-policy/understanding-hierarchy
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leastwise.model.decision import State

_V1 = "constraints/"


class Constraints:
    """The organization policies of an estate.

    Args:
        parents: the container above each, by the ids that tables have; None or absent for a top.
        unread: containers of which, and of what lies below them, not all organization policies were read.
        alone: tops that are organizations: nothing stands above them.
    """

    def __init__(self, parents: Mapping[str, str | None], unread: Iterable[str], alone: Iterable[str]) -> None:
        self._parents, self._unread, self._tops = parents, frozenset(unread), frozenset(alone)
        self._told: dict[tuple[str, str], State] = {}

    def tell(self, container: str, constraint: str, body: Mapping[str, Any]) -> None:
        """What one policy says; one that is read twice holds as it was told first."""
        self._told.setdefault((container, constraint.removeprefix(_V1)), enforced(body))

    def states(self, names: Sequence[str], containers: Iterable[str]) -> dict[str, State]:
        """For each container whether one of some constraints is enforced there: ALLOWED where it is."""
        return {id: _least((self._state(name, id) for name in names), State.ALLOWED) for id in containers}

    def _state(self, name: str, container: str) -> State:
        """The policy of the nearest container that has one decides; without any, nothing is enforced."""
        at: str | None = container
        path: list[str] = []
        found: State | None = None
        while at is not None and at not in path and found is None:
            path.append(at)
            found = self._told.get((at, name))
            at = self._parents.get(at) if found is None else at
        if found is State.ALLOWED and len(path) == 1:
            return found
        whole = not self._unread & set(self._above(container)) and (found is not None or path[-1] in self._tops)
        return (found or State.DENIED) if whole else State.UNKNOWN

    def _above(self, container: str) -> list[str]:
        found: list[str] = []
        at: str | None = container
        while at is not None and at not in found:
            found.append(at)
            at = self._parents.get(at)
        return found


def _least(states: Iterable[State], best: State) -> State:
    """The best of some states; the surest where none is."""
    found = list(states)
    for one in (best, State.CONDITIONAL, State.UNKNOWN):
        if one in found:
            return one
    return State.DENIED


def enforced(body: Mapping[str, Any]) -> State:
    """Whether a policy enforces its constraint: ALLOWED where it does, CONDITIONAL where tags of a resource decide.

    https://cloud.google.com/resource-manager/docs/reference/orgpolicy/rest/v2/organizations.policies
    """
    old = body.get("booleanPolicy", body.get("boolean_policy"))
    if isinstance(old, Mapping):
        return State.ALLOWED if old.get("enforced") is True else State.DENIED
    spec = body.get("spec")
    if not isinstance(spec, Mapping) or spec.get("reset") is True:
        return State.DENIED
    rules = [one for one in spec.get("rules") or () if isinstance(one, Mapping)]
    plain = {one.get("enforce") is True for one in rules if not one.get("condition")}
    depends = {one.get("enforce") is True for one in rules if one.get("condition")}
    if depends - plain:
        return State.CONDITIONAL
    return State.ALLOWED if True in plain else State.DENIED


def opposite(state: State) -> State:
    """How far something is not so."""
    return {State.ALLOWED: State.DENIED, State.DENIED: State.ALLOWED}.get(state, state)
