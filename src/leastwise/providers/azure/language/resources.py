"""What objects of resources tell that conditions ask for.

https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-attributes#is-hierarchical-namespace-enabled
"""

from __future__ import annotations

from .fields import Body, Fields
from .ids import ArmId
from .tree import Attribute, Value

_HIERARCHICAL = Attribute("Resource", "Microsoft.Storage/storageAccounts:isHnsEnabled").key


def resource_attributes(id: ArmId, body: Body) -> dict[str, tuple[Value, ...]]:
    """Attributes of a resource, by key. Raises FieldError."""
    if id.segments[-3:-1] != ("microsoft.storage", "storageaccounts"):
        return {}
    # An account of which the properties were read and that does not tell it has none.
    told = isinstance(body.get("properties"), dict)
    return {_HIERARCHICAL: (Fields(body).flag("isHnsEnabled"),)} if told else {}
