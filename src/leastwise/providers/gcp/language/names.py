"""Names of permissions: the several spellings of one, and the patterns that deny policies and boundaries use.

Allow policies and roles write `storage.objects.get`, deny policies `storage.googleapis.com/objects.get`; some roles
write the latter, too; audit logs of clusters write `io.k8s.core.v1.pods.create` for `container.pods.create`. All of
them have one canonical spelling, that of deny policies, and one that users see, that of the catalogue of roles.
https://cloud.google.com/iam/docs/deny-permissions-support
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from .. import catalog

_API = ".googleapis.com"
_HOST_OF = {"resourcemanager": "cloudresourcemanager"}
"""Prefixes of permissions for which deny policies write another host."""
_PREFIX_OF = {
    "bigtableadmin": "bigtable",
    "firestore": "datastore",
    "sql": "cloudsql",
    "sqladmin": "cloudsql",
    "translate": "cloudtranslate",
}
"""Hosts of APIs whose permissions have another prefix, besides those that the catalogue names."""
_KUBERNETES = "io.k8s."
_VERSION = re.compile(r"v\d+((alpha|beta)\d+)?")
_VERBS = {"patch": "update", "watch": "list", "deletecollection": "delete"}
_SUBRESOURCES = {
    "exec": {"": "exec"},
    "attach": {"": "attach"},
    "portforward": {"": "portForward"},
    "proxy": {"": "proxy"},
    "log": {"": "getLogs"},
    "eviction": {"": "evict"},
    "binding": {"": "update"},
    "finalize": {"": "finalize"},
    "approval": {"": "approve"},
    "token": {"": "createToken"},
    "rollback": {"": "rollback"},
    "status": {"get": "getStatus", "": "updateStatus"},
    "scale": {"get": "getScale", "": "updateScale"},
}
"""What IAM calls what is done to a part of a Kubernetes object, by the verb; under the empty one, by any other."""


def canonical(name: str) -> str:
    """A permission's one spelling: `HOST/resource.verb`, the form of deny policies.

    A name of a form that is not known comes back as it is; whether such a permission exists is not looked at.
    """
    return _canonical(catalog.current(), name)


def permitting(host: str) -> str:
    """The host of the canonical permissions that are about a host's resources: Cloud SQL's lie at `sqladmin`."""
    return _permitting(catalog.current(), host)


@lru_cache(maxsize=1 << 12)
def _permitting(known: catalog.Catalog, host: str) -> str:
    return _canonical(known, f"{host}/resources.get").partition("/")[0]


def written(name: str) -> str:
    """A permission as the catalogue of roles writes it, whatever spelling it has, or as roles would write it."""
    return _written(catalog.current(), name)


@lru_cache(maxsize=65536)
def _canonical(known: catalog.Catalog, name: str) -> str:
    if name.startswith(_KUBERNETES):
        found = _kubernetes(known, name)
        return name if found == name else _canonical(known, found)
    host, slash, rest = name.partition("/")
    if slash and not host.endswith(_API):
        return name
    prefix, rest = (host.removesuffix(_API), rest) if slash else _split(name)
    if not prefix or not rest:
        return name
    prefix = _prefixes(known).get(prefix, prefix)
    prefix, rest = _today(known, prefix, rest)
    return f"{_HOST_OF.get(prefix, prefix)}{_API}/{rest}"


def _split(name: str) -> tuple[str, str]:
    prefix, _, rest = name.partition(".")
    return prefix, rest


@lru_cache(maxsize=4)
def _prefixes(known: catalog.Catalog) -> Mapping[str, str]:
    """The prefix of permissions by the first label of a host that has another name."""
    found = {host: prefix for prefix, host in known.hosts.items()}
    taken = {_split(name)[0] for name in known.permissions}
    return {host: prefix for host, prefix in {**found, **_PREFIX_OF}.items() if host not in taken}


def _today(known: catalog.Catalog, prefix: str, rest: str) -> tuple[str, str]:
    """Prefix and rest of a permission under its name of today, where it had, or has in one API, another.

    Keys of APIs were `serviceusage.apiKeys`; two permissions still are, and deny policies call these `apikeys/apikeys`.
    """
    resource, _, verb = rest.rpartition(".")
    if prefix == "apikeys" and resource == "apikeys":
        return "serviceusage", f"apiKeys.{verb}"
    moved = prefix == "serviceusage" and resource == "apiKeys" and not known.knows(f"{prefix}.{rest}")
    if moved and known.knows(f"apikeys.keys.{verb}"):
        return "apikeys", f"keys.{verb}"
    return prefix, rest


@lru_cache(maxsize=65536)
def _written(known: catalog.Catalog, name: str) -> str:
    full = _canonical(known, name)
    host, slash, rest = full.partition("/")
    if not slash or not host.endswith(_API):
        return full
    label = host.removesuffix(_API)
    dotted = f"{next((p for p, h in _HOST_OF.items() if h == label), label)}.{rest}"
    return full if known.knows(full) and not known.knows(dotted) else dotted


def _kubernetes(known: catalog.Catalog, name: str) -> str:
    """The permission of IAM for what an audit log of a cluster names, or that name where there is none.

    https://cloud.google.com/kubernetes-engine/docs/how-to/iam
    """
    parts = name.removeprefix(_KUBERNETES).split(".")
    at = next((place for place, part in enumerate(parts) if _VERSION.fullmatch(part)), None)
    if at is None or len(parts) - at not in (3, 4):
        return name
    resource, *sub, verb = parts[at + 1 :]
    action = _VERBS.get(verb, verb)
    if sub:
        by_verb = _SUBRESOURCES.get(sub[0], {})
        action = by_verb.get(verb) or by_verb.get("") or ""
    return _in_clusters(known).get(f"container.{resource}.{action}".lower(), name)


@lru_cache(maxsize=4)
def _in_clusters(known: catalog.Catalog) -> Mapping[str, str]:
    return {name.lower(): name for name in known.permissions if name.startswith("container.")}


@dataclass(frozen=True, slots=True)
class PermissionPattern:
    """Permissions of one host: those of a resource, those of a verb, or all; None for any."""

    host: str
    resource: str | None
    verb: str | None

    def takes(self, permission: str) -> bool:
        """Whether it takes in a permission in its canonical spelling; resources and verbs are compared without case."""
        host, _, rest = permission.partition("/")
        resource, _, verb = rest.rpartition(".")
        return (
            host == self.host
            and self.resource in (None, resource.lower())
            and self.verb in (None, verb.lower())
            and bool(resource)
        )


@lru_cache(maxsize=1 << 14)
def permission_pattern(text: str, *, bare: bool = False) -> PermissionPattern | None:
    """The permissions that a rule names: one, or `HOST/resource.*`, `HOST/*.*`, `HOST/*.verb`; None for another form.

    Args:
        text: as the rule has it.
        bare: also `HOST/*`, as the lists of what boundaries block write it.
    """
    host, slash, rest = text.partition("/")
    if slash and rest == "*" and bare:
        rest = "*.*"
    resource, dot, verb = rest.rpartition(".") if slash else ("", "", "")
    if not slash or not dot or not resource or not verb or "*" in host:
        return None
    if any("*" in part and part != "*" for part in (resource, verb)):
        return None
    # A resource may have moved to another host; a wildcard in its place, or for its verb, moves nothing.
    probe = canonical(f"{host}/{'x' if resource == '*' else resource}.{'y' if verb == '*' else verb}")
    host, _, moved = probe.partition("/")
    resource, verb = (
        old if old == "*" else new for old, new in zip((resource, verb), moved.rpartition(".")[::2], strict=True)
    )
    return PermissionPattern(host, *(None if part == "*" else part.lower() for part in (resource, verb)))
