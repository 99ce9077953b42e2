"""At which scope an operation must be given for what was done on a resource.

https://learn.microsoft.com/azure/role-based-access-control/scope-overview
"""

from __future__ import annotations

from collections.abc import Sequence

from ..language.ids import IdError, arm_id

_MAKES = ("write", "delete")
_CONTAINERS = ("containers", "fileshares", "queues", "tables")
"""What of a storage account roles are assigned on besides the account."""


def lowest(permission: str, chain: Sequence[str]) -> str:
    """The lowest scope of a chain (a resource first) where an assignment allows what was done on that resource.

    What writes or deletes a resource may have made it: nothing can be assigned on what is not there, so that it is the
    scope around it. Of what lies in a resource, it is the resource, or the container of a storage account.
    """
    try:
        ids = [arm_id(one) for one in chain]
    except IdError:
        return ""
    for text, id in zip(chain, ids, strict=True):
        inner = _types(id.segments)
        if inner is None:
            return text
        names, last = inner
        whole = len(names) == 1 or (last and names[-1] in _CONTAINERS)
        if last and whole and not _makes(permission, names, id.segments):
            return text
    return ""


def _types(segments: Sequence[str]) -> tuple[list[str], bool] | None:
    """The types that an id of a resource names below its provider, and whether it ends with a name.

    None for a resource group, subscription or what is above.
    """
    if "providers" not in segments or segments[:2] == ("providers", "microsoft.management"):
        return None
    at = len(segments) - 1 - segments[::-1].index("providers")
    rest = segments[at + 2 :]
    return list(rest[::2]), bool(rest) and len(rest) % 2 == 0


def _makes(permission: str, names: Sequence[str], segments: Sequence[str]) -> bool:
    """Whether an operation writes or deletes resources of the very type of one."""
    at = len(segments) - 1 - segments[::-1].index("providers")
    *type, verb = permission.removeprefix("data:").lower().split("/")
    return verb in _MAKES and type == [segments[at + 1], *names]
