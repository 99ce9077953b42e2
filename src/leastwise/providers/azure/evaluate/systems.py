"""What gives access beside roles, in systems of their own: named where they were not read, never taken for a no.

https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-access-control-model
https://learn.microsoft.com/azure/cosmos-db/how-to-connect-role-based-access-control
https://learn.microsoft.com/azure/aks/concepts-identity
https://learn.microsoft.com/azure/storage/common/authorize-data-access
"""

from __future__ import annotations

from collections.abc import Iterator

from ..language.operations import Plane
from ..language.resources import HIERARCHICAL, SHARED_KEY
from .request import Request

_BLOBS = "microsoft.storage/storageaccounts/blobservices/containers/blobs/"
_STORAGE = "microsoft.storage/storageaccounts/"
_SYSTEMS = {
    "microsoft.containerservice/managedclusters/": "the roles of Kubernetes",
    "microsoft.documentdb/databaseaccounts/": "the roles of Cosmos DB",
}
"""Systems of services whose own roles give data operations too, by the beginning of these."""
LIST_KEYS = "microsoft.storage/storageaccounts/listkeys/action"


def other_systems(asked: Request, plane: Plane) -> Iterator[str]:
    """The systems beside roles that may give what is asked on this resource, and were not read."""
    if plane is not Plane.DATA:
        return
    for beginning, name in _SYSTEMS.items():
        if asked.operation.startswith(beginning) and f"/providers/{beginning}" in f"{asked.resource.key}/":
            yield f"{name} in {asked.resource}"
    if asked.operation.startswith(_BLOBS) and _told(asked, HIERARCHICAL) is True:
        yield f"the access control lists in {asked.resource}"


def systems_of(operation: str) -> tuple[str, ...]:
    """The beginnings of a data operation by which other systems may give it."""
    return tuple(one for one in (*_SYSTEMS, _BLOBS) if operation.startswith(one))


def by_key(asked: Request) -> Request | None:
    """The request for an account's keys, with which everything in it can be done; None where keys do not help."""
    data = asked.plane is Plane.DATA and asked.operation.startswith(_STORAGE)
    if not data or _told(asked, SHARED_KEY) is False:
        return None
    return Request(asked.estate, asked.who, LIST_KEYS, Plane.CONTROL, asked.resource, asked.context, asked.strict)


def _told(asked: Request, key: str) -> object:
    """What the object of the account tells that the resource is, or lies in; None where it was not read."""
    for path in asked.resource.paths():
        found = asked.estate.resources.get(path, {}).get(key)
        if found:
            return found[0]
    return None
