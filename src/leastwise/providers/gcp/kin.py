"""What a permission of Google Cloud is about: `storage.objects.get` reads objects."""

from __future__ import annotations

from leastwise.model.kin import Kin

_READING = ("get", "list", "search", "query", "read", "aggregatedList", "getIamPolicy", "listTagBindings")


def kin(permission: str) -> Kin:
    """That of a permission by its name, SERVICE.RESOURCE.VERB.

    https://cloud.google.com/iam/docs/permissions-reference
    """
    thing, _, verb = permission.rpartition(".")
    return Kin(permission.partition(".")[0], thing or permission, verb in _READING)
