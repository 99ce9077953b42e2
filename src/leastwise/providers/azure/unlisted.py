"""Subscriptions of which nobody listed the resources: what may lie there, and as whom it may run.

That no resource is known there does not mean that there is none.
https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview
"""

from __future__ import annotations

from collections.abc import Iterator

from leastwise.model.scope import CoverageStatus

from .compiled.placing import Placed
from .compiled.reads import Trees

_LISTS = frozenset({"resourcegraph.resources", "resourcegraph.resources.list", "resources.resources.list"})
_OWN = "managedidentity:userassignedidentities"
"""Identities of their own, which resources anywhere may have."""


def unlisted(trees: Trees, places: Placed) -> dict[str, tuple[list[str], list[str]]]:
    """Of each such subscription the places in it that are known, and whom resources there may run as."""
    lost = [key for key, kind in zip(places.keys, places.kinds, strict=True)
            if kind == "subscription" and not _listed(trees, key)]  # fmt: skip
    whom = sorted(set(_running(trees))) if lost else []
    found = {}
    for key in lost:
        number = places.numbers[key]
        found[places.ids[number]] = places.ids[number : places.ends[number]], whom
    return found


def _listed(trees: Trees, key: str) -> bool:
    """Whether the tree that speaks for a subscription was asked for what lies there, and all was told."""
    row = trees.containers.get(key)
    if row is None:
        return False
    mine = {
        one["status"]
        for one in trees.trees[row["tree"]].rows("coverage")
        if f"{one['service']}.{one['call']}".lower() in _LISTS and (one["account"] or row["id"]) == row["id"]
    }
    return mine == {CoverageStatus.OK.value}


def _running(trees: Trees) -> Iterator[str]:
    """Identities that a resource which is not known may have: managed ones, and those of which no directory says."""
    bound = {row["principal"] for tree in trees.trees for row in tree.rows("resources") if row["kind"] != _OWN}
    told = {row["id"]: row["native"] for one in trees.directories for row in one.rows("principals")}
    for tree in trees.trees:
        for row in tree.rows("principals"):
            managed = told.get(row["id"], row["native"])
            if row["kind"] == "workload" and managed != "service_principal" and row["id"] not in bound:
                yield row["id"]
    yield from (id for id, native in told.items() if native == "managed_identity" and id not in bound)
