"""What objects of resources tell that conditions ask for, or that says which other ways there are to what is in them.

https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-attributes#is-hierarchical-namespace-enabled
https://learn.microsoft.com/azure/storage/common/shared-key-authorization-prevent
"""

from __future__ import annotations

from collections.abc import Mapping

from leastwise.providers.fields import Body

from .fields import Fields
from .ids import ArmId
from .tree import Attribute, Value

HIERARCHICAL = Attribute("Resource", "Microsoft.Storage/storageAccounts:isHnsEnabled").key
SHARED_KEY = Attribute("Resource", "Microsoft.Storage/storageAccounts:allowSharedKeyAccess").key
"""No attribute of conditions: whether the account's keys let in."""


def resource_attributes(id: ArmId, body: Body) -> dict[str, tuple[Value, ...]]:
    """Attributes of a resource, by key. Raises FieldError."""
    if id.segments[-3:-1] != ("microsoft.storage", "storageaccounts") or not isinstance(
        body.get("properties"), Mapping
    ):
        return {}
    fields = Fields(body)
    # An account that does not tell it has no hierarchical namespace, and lets in by key.
    keys = fields.flag("allowSharedKeyAccess") if fields.get("allowSharedKeyAccess") is not None else True
    return {HIERARCHICAL: (fields.flag("isHnsEnabled"),), SHARED_KEY: (keys,)}
