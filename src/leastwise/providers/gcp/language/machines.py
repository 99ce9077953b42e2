"""What the metadata of virtual machines, and of their project, says of how one enters them.

https://cloud.google.com/compute/docs/oslogin/set-up-oslogin
https://cloud.google.com/compute/docs/connect/restrict-ssh-keys
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

LOGIN, BLOCKING = ("enable-oslogin",), ("block-project-ssh-keys",)
"""Names in metadata: whether OS Login decides who may enter, and whether keys of the project are not taken."""
_YES, _NO = frozenset(("true", "yes", "y", "1")), frozenset(("false", "no", "n", "0"))
_WHERE = {"compute.googleapis.com/Instance": "metadata", "compute.googleapis.com/Project": "commonInstanceMetadata"}


def entering(type: str, data: Mapping[str, Any]) -> dict[str, str]:
    """`os_login` and `project_keys_blocked` of a machine or project: yes, no, or unset; none where not told.

    Args:
        type: of the asset.
        data: of the asset.
    """
    told = data.get(_WHERE.get(type, ""))
    if not isinstance(told, Mapping):
        return {}
    items = told.get("items") or ()
    pairs = [one for one in items if isinstance(one, Mapping)] if isinstance(items, list) else []
    said = {str(one.get("key")): str(one.get("value")) for one in pairs}
    found = {"os_login": _said(said, LOGIN), "project_keys_blocked": _said(said, BLOCKING)}
    return {key: value for key, value in found.items() if value}


def _said(pairs: Mapping[str, str], names: Collection[str]) -> str:
    value = next((pairs[name].lower() for name in names if name in pairs), None)
    if value is None:
        return "unset"
    return "yes" if value in _YES else "no" if value in _NO else ""
