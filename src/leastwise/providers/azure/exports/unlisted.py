"""Subscriptions that an import names, and whose role assignments are not in it: what is given there is not known.

A list of assignments does not say of what it is. Whatever lies in a subscription says that its list was read, or else
the name of the file does; rows of Resource Graph are of everything that may be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leastwise.model.scope import Collected, Coverage, CoverageStatus, RawDocument
from leastwise.providers.azure.placing import node_of
from leastwise.providers.azure.tree import ENTITIES, SUBSCRIPTION_LIST, SUBSCRIPTIONS, Tree
from leastwise.providers.exported import call_of

from .shapes import RESOURCE_GET, RESOURCE_GRAPH, RESOURCES, ROLE_ASSIGNMENTS, read_items

_NAMING = {ENTITIES, SUBSCRIPTION_LIST, RESOURCES, RESOURCE_GET, RESOURCE_GRAPH}
_OF_RESOURCE_GRAPH = {"subscriptionId", "tenantId"}
"""Members of the rows of Resource Graph alone."""


def unlisted(collected: Collected) -> list[Coverage]:
    """A gap for each subscription of which none of the imported lists is."""
    lists = [one for one in collected.documents if one.kind == ROLE_ASSIGNMENTS]
    service, call = call_of(ROLE_ASSIGNMENTS)
    if not lists or any(one.account for one in collected.coverage if (one.service, one.call) == (service, call)):
        return []  # nothing at all is one gap, told elsewhere; collection tells of each subscription by itself
    tree = Tree()
    held = {node_of({"resource": one.resource}, one.kind, tree) for one in lists}
    for one in _objects(lists):
        if one.keys() >= _OF_RESOURCE_GRAPH:
            return []
        held.add(node_of(one, ROLE_ASSIGNMENTS, tree))
    for document in collected.documents:
        if document.kind.partition(":")[0] in _NAMING:
            for one in _objects([document]):
                tree.learn(one, document.kind)
                node_of(one, document.kind, tree)
    known = sorted(key for key in tree.containers() if key.startswith(SUBSCRIPTIONS))
    if len(known) == 1:
        return []  # a list that does not say of what it is, is of the only one
    reason, affects = "no list of this subscription is in what was imported", "who is given which role there"
    return [
        Coverage(service, call, CoverageStatus.NOT_TRIED, reason, affects, tree.name(key))
        for key in known
        if key not in held
    ]


def _objects(documents: Sequence[RawDocument]) -> list[Mapping[str, Any]]:
    return [item.value for one in documents for item in read_items(one.name, one.body).items]
