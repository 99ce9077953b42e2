"""What an operation of Azure or of the directory is about: `Microsoft.Storage/storageAccounts/read` reads accounts."""

from __future__ import annotations

from leastwise.model.kin import Kin


def kin(permission: str) -> Kin:
    """That of an operation by its name: what comes before the verb is the thing.

    https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format
    """
    thing, _, verb = permission.rpartition("/")
    return Kin(permission.partition("/")[0].lower(), thing.lower() or permission.lower(), verb.lower() == "read")
