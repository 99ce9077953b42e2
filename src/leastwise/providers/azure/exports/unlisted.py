"""Subscriptions that an import names, and whose role or deny assignments are not in it: these are not known.

A list of assignments does not say of what it is. Whatever lies in a subscription says that its list was read, or else
the name of the file does; rows of Resource Graph are of everything that may be read.

What a subscription inherits, the command line leaves out unless it is asked for (`--include-inherited`); the interface
itself and PowerShell do not. One assignment from above says that it was asked for.
https://learn.microsoft.com/cli/azure/role/assignment#az-role-assignment-list
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leastwise.model.scope import Collected, Coverage, CoverageStatus, RawDocument
from leastwise.providers.azure.placing import node_of
from leastwise.providers.azure.tree import ENTITIES, SUBSCRIPTION_LIST, SUBSCRIPTIONS, Tree
from leastwise.providers.exported import call_of

from .shapes import DENY_ASSIGNMENTS, RESOURCE_GET, RESOURCE_GRAPH, RESOURCES, ROLE_ASSIGNMENTS, read_items

_NAMING = {ENTITIES, SUBSCRIPTION_LIST, RESOURCES, RESOURCE_GET, RESOURCE_GRAPH}
_OF_RESOURCE_GRAPH = {"subscriptionId", "tenantId"}
"""Members of the rows of Resource Graph alone."""


def unlisted(collected: Collected) -> list[Coverage]:
    """A gap for each subscription of which none of the imported lists is, or none has what is inherited."""
    return [*_of(collected, ROLE_ASSIGNMENTS, "who is given which role there"),
            *_of(collected, DENY_ASSIGNMENTS, "what deny assignments take away there")]  # fmt: skip


def _of(collected: Collected, kind: str, affects: str) -> list[Coverage]:
    lists = [one for one in collected.documents if one.kind == kind]
    service, call = call_of(kind)
    if not lists or any(one.account for one in collected.coverage if (one.service, one.call) == (service, call)):
        return []  # nothing at all is one gap, told elsewhere; collection tells of each subscription by itself
    tree = Tree()
    held = {node_of({"resource": one.resource}, one.kind, tree) for one in lists}
    given = list(_objects(lists))
    if any(one.keys() >= _OF_RESOURCE_GRAPH for one in given):
        return []
    held |= {node_of(one, kind, tree) for one in given}
    known = _subscriptions(collected, tree)
    if kind == ROLE_ASSIGNMENTS and given and not any(map(_told_with_inherited, given)):
        reason = "no list has what is inherited from above: list again with --include-inherited"
        missing = known
    else:
        reason = "no list of this subscription is in what was imported"
        # A list that does not say of what it is, is of the only one.
        missing = [key for key in known if key not in held] if len(known) > 1 else []
    return [Coverage(service, call, CoverageStatus.NOT_TRIED, reason, affects, tree.name(key)) for key in missing]


def _subscriptions(collected: Collected, tree: Tree) -> list[str]:
    """Those that the import names; the tree learns them."""
    for document in collected.documents:
        if document.kind.partition(":")[0] in _NAMING:
            for one in _objects([document]):
                tree.learn(one, document.kind)
                node_of(one, document.kind, tree)
    return sorted(key for key in tree.containers() if key.startswith(SUBSCRIPTIONS))


def _told_with_inherited(one: Mapping[str, Any]) -> bool:
    """Whether an assignment is of a list that has what is inherited: it is, or the list is no command line's."""
    scope = one.get("scope")
    return not isinstance(scope, str) or not scope.lower().startswith(SUBSCRIPTIONS)


def _objects(documents: Sequence[RawDocument]) -> list[Mapping[str, Any]]:
    return [item.value for one in documents for item in read_items(one.name, one.body).items]
