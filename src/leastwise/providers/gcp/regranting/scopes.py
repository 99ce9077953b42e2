"""At which resource a permission must be given for what was done on one.

https://cloud.google.com/iam/docs/resource-types-with-policies
"""

from __future__ import annotations

import re
from collections.abc import Sequence

CONTAINERS = "//cloudresourcemanager.googleapis.com/"
_CARRIERS = tuple(
    re.compile(rf"//{host}\.googleapis\.com/{pattern}")
    for host, pattern in (
        ("storage", r"[^/]+"),
        ("pubsub", r"projects/[^/]+/(?:topics|subscriptions)/[^/]+"),
        ("bigquery", r"projects/[^/]+/datasets/[^/]+"),
        ("secretmanager", r"projects/[^/]+/secrets/[^/]+"),
        ("cloudkms", r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+(?:/cryptoKeys/[^/]+)?"),
        ("iam", r"projects/[^/]+/serviceAccounts/[^/]+"),
        ("run", r"projects/[^/]+/locations/[^/]+/services/[^/]+"),
        ("cloudfunctions", r"projects/[^/]+/locations/[^/]+/functions/[^/]+"),
        ("artifactregistry", r"projects/[^/]+/locations/[^/]+/repositories/[^/]+"),
        ("spanner", r"projects/[^/]+/instances/[^/]+"),
    )
)
"""What has a policy of its own that custom and predefined roles are granted in, and outlives what lies in it."""
_MAKES = frozenset({"create", "delete"})


def lowest(permission: str, chain: Sequence[str]) -> str:
    """The lowest of a resource and what it lies in (itself first) where a grant allows what was done on it.

    What makes or deletes a resource is given on what it lies in: a resource that is not there has no policy.
    """
    for at, name in enumerate(chain):
        carries = name.startswith(CONTAINERS) or any(one.fullmatch(name) for one in _CARRIERS)
        if carries and not (at == 0 and _makes(permission, name)):
            return name
    return ""


def _makes(permission: str, name: str) -> bool:
    """Whether a permission makes or deletes resources of the very kind of one."""
    _, _, rest = permission.partition(".")
    kind, _, verb = rest.partition(".")
    if verb not in _MAKES:
        return False
    parts = name.split("/")
    return kind == (parts[-2] if len(parts) > 4 else "buckets")
