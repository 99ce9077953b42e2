"""What a role amounts to, wherever it is granted: the flags of its document."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from leastwise.providers.gcp import catalog

_POLICY_OF = frozenset(f"resourcemanager.{one}.setIamPolicy" for one in ("projects", "folders", "organizations"))
"""Who may write the allow policy of a container may give themselves any role on it."""
_NEARLY = 0.8


def flags_of(name: str, permissions: frozenset[str]) -> dict[str, bool | None]:
    """Flags of the table documents for a role with these permissions.

    `admin`: it is Owner, or holds all that Owner holds. `admin_rest`: nearly all of Owner (80 %), but no writing of
    policies of containers, as Editor. `rewrites_iam`: it may write these. `wildcard`: it holds every permission of a
    service. They hold of what lies below the place where the role is granted.
    """
    owner = catalog.permissions_of("roles/owner") or frozenset()
    share = len(permissions & owner) / max(len(owner), 1)
    rewrites = not permissions.isdisjoint(_POLICY_OF)
    admin = name == "roles/owner" or (bool(owner) and permissions >= owner)
    whole = bool(_whole_services(permissions))
    return {
        "admin": admin,
        "admin_conditional": False,
        "admin_nearly": share >= _NEARLY and rewrites and not admin,
        "admin_rest": share >= _NEARLY and not rewrites,
        "admin_iam": rewrites and not admin,
        "rewrites_iam": rewrites,
        "wildcard": whole,
        "wildcard_actions": whole,
        "wildcard_resources": False,
        "conditional": False,
        "denies": False,
        "denies_admin": False,
    }


def services_of(permissions: frozenset[str]) -> frozenset[str]:
    """The prefixes of the services that the permissions are of."""
    return frozenset(map(prefix, permissions))


def prefix(permission: str) -> str:
    """What a permission begins with: `storage`; of `iam.googleapis.com/…` it is `iam`."""
    return permission.partition(".")[0]


@lru_cache(maxsize=8)
def _counts(place: str) -> Counter[str]:
    return Counter(map(prefix, catalog.current().permissions))


def _whole_services(permissions: frozenset[str]) -> list[str]:
    """The services of which every permission is there; one with fewer than three says little."""
    totals = _counts(catalog.current().place)
    held = Counter(map(prefix, permissions))
    return [service for service, count in held.items() if count >= totals[service] > 2]
