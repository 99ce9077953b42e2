"""What was not read of a tree, as far as it may decide about access."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .placing import Placed
    from .reads import Read, Trees

_DENY = ("listPolicies",)
_BOUND = ("principalAccessBoundaryPolicies.list", "policyBindings.list", "policyBindings.search")
"""Calls that list policies; one that is listed, but could not be got, is a gap of its own."""
_NAMED = re.compile(r"(?:projects|folders|organizations)/[^/\s:,]+")
_ONE, _SHOWN = "the policy of ", 3


def shortened(missing: Sequence[str]) -> list[str]:
    """Gaps, where those of policies of single resources are many told as one."""
    policies = [one for one in missing if one.startswith(_ONE)]
    if len(policies) <= _SHOWN:
        return list(missing)
    rest = [one for one in missing if not one.startswith(_ONE)]
    return [f"the policies of {len(policies)} resources, {policies[0].removeprefix(_ONE)} among them", *rest]


def policies_told(trees: Trees, tree: int, id: str) -> bool:
    """Whether a container without an allow policy is known to have none: policies were read, its own included."""
    return not _unread_containers(trees.trees[tree], id)


def _unread_containers(tree: Read, id: str) -> bool:
    for detail in tree.policy_gaps:
        named = set(_NAMED.findall(detail))
        if not named or id in named or f"projects/{id}" in named:
            return True
    return False


def unread_of(trees: Trees, places: Placed) -> dict[str, Any]:
    """Gaps of guardrails: full name of the container, and what was not read of it.

    `above` are tops that are no organizations: what lies above them was not read, where nothing else says otherwise.
    """
    known = set(places.names)
    denies, bound, above = [], [], []
    for tree in trees.trees:
        top = trees.full(tree.id)
        if tree.lacking(_DENY):
            denies.append([top, f"the deny policies of {tree.id} and below"])
        if tree.lacking(_BOUND):
            bound.append([top, f"of principal access boundaries of {tree.id}"])
        row = trees.containers.get(tree.id)
        if tree.kind != "organization" and (row is None or not row["parent"] or trees.full(row["parent"]) not in known):
            above.append([tree.id, top])
    return {"denies": denies, "bound": bound, "above": above, "trees": trees.unreadable}
