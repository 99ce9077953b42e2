"""The read model of resources: who outside may reach them, by policy or access list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import table
from leastwise.model.tables import RESOURCES_VIEW

from .columns import Bools, Ints, constant, flags, owner_by_tag, says, text, words
from .facts import Facts

_PUBLIC_WORDS = ["no", "unknown", "blocked", "conditional", "yes"]
_NO, _UNKNOWN, _BLOCKED, _CONDITIONAL, _YES = range(5)
_SAME = ("account", "id", "kind", "name", "region", "created", "principal", "tags", "source")


@dataclass(frozen=True, slots=True)
class _Access:
    """What opens each resource and what stands against it, as columns of truths.

    `restricted` and `ignored`: public access is blocked for policies that S3 deems public, and for access lists.
    """

    everyone: Bools
    conditional: Bools
    restricted: Bools
    listed: Bools
    ignored: Bools
    policy_unread: Bools
    list_unread: Bools


def resources_view(provider: str, facts: Facts) -> pa.Table:
    """One row per resource, in the order of the resources table."""
    resources = facts.resources
    rows = resources.num_rows
    access = _access(resources)
    state = _public(access)
    owned = flags(pc.is_valid(resources["policy"]))
    return table(
        RESOURCES_VIEW,
        {
            "provider": constant(provider, rows),
            **{name: resources[name] for name in _SAME},
            "policy": pa.array(owned, mask=~owned & ~flags(resources["policy_known"])),
            "public": words(_PUBLIC_WORDS, state),
            "public_reason": _because(resources, access, state),
            "shared_with": resources["shared"],
            "beside": resources["beside"],
            "owner": owner_by_tag(resources["tags"]),
        },
    )


def _access(resources: pa.Table) -> _Access:
    opening, block = resources["opening"], resources["public_block"]
    restricted = says(block, "policy", "all")
    ignored = says(block, "acl", "all")
    bucket = says(resources["kind"], "s3:bucket", "storage:bucket", "bigquery:dataset")
    return _Access(
        everyone=says(opening, "everyone"),
        conditional=says(opening, "conditional"),
        restricted=restricted & flags(resources["restrictable"]),
        listed=says(resources["acl_public"], "read", "write", "full"),
        ignored=ignored,
        # Whatever a restricted policy says, it cannot make the resource public.
        policy_unread=flags(pc.is_null(opening)) & ~restricted,
        list_unread=bucket & flags(pc.is_null(resources["acl_public"])) & ~ignored,
    )


def _public(access: _Access) -> Ints:
    """How public each resource is: a position in `_PUBLIC_WORDS`."""
    by_policy = np.where(access.everyone, _YES, np.where(access.conditional, _CONDITIONAL, _NO))
    by_policy = np.where(access.restricted & (by_policy > _NO), _BLOCKED, by_policy)
    by_list = np.where(access.listed, np.where(access.ignored, _BLOCKED, _YES), _NO)
    state = np.maximum(by_policy, by_list)
    unsure = access.policy_unread | access.list_unread
    return np.where(unsure & (state < _YES), _UNKNOWN, state).astype(np.int64)


def _because(resources: pa.Table, access: _Access, state: Ints) -> pa.Array:
    """The reason of each row: the statement, the access list, what was not read, and what blocks them."""
    under = pc.if_else(pa.array(access.conditional), " under a condition", "")
    said = pc.binary_join_element_wise("policy statement ", text(resources["opened_by"]), " allows everyone", under, "")
    granted = pc.binary_join_element_wise("access list grants everyone ", text(resources["acl_public"]), "")
    blocked = pc.binary_join_element_wise("public access is blocked (", text(resources["public_block"]), ")", "")
    parts: list[tuple[Bools, Any]] = [
        (access.everyone | access.conditional, said),
        (access.listed, granted),
        (access.policy_unread & (state == _UNKNOWN), "its policy is not known"),
        (access.list_unread & (state == _UNKNOWN), "its access list is not known"),
        (state == _BLOCKED, blocked),
    ]
    reason = constant("", resources.num_rows)
    for holds, told in parts:
        between = pc.if_else(pc.equal(reason, ""), "", "; ")
        reason = pc.if_else(pa.array(holds), pc.binary_join_element_wise(reason, between, told, ""), reason)
    return reason
