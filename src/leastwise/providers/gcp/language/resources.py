"""Names of resources: Cloud Asset's full names in one spelling, what lies above what, and what conditions see of them.

A project has an id and a number, and names of resources have either; a bucket is `//storage.googleapis.com/B` in Cloud
Asset and `projects/_/buckets/B` in conditions. https://cloud.google.com/iam/docs/conditions-resource-attributes
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pkgutil import get_data
from typing import Any

MANAGER = "//cloudresourcemanager.googleapis.com/"
COMPUTE = "//compute.googleapis.com/"
_STORAGE = "//storage.googleapis.com/"
_IN_BUCKETS = f"{_STORAGE}projects/_/buckets/"
_PROJECT = re.compile(r"^(//[^/]+/projects/)([^/]+)(?=/|$)")
_INSIDE_OF = re.compile(
    r"(?P<above>//secretmanager\.googleapis\.com/projects/[^/]+(?:/locations/[^/]+)?/secrets/[^/]+)/versions/[^/]+"
    r"|(?P<key>//cloudkms\.googleapis\.com/projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+)"
    r"/cryptoKeyVersions/[^/]+"
    r"|(?P<account>//iam\.googleapis\.com/projects/[^/]+/serviceAccounts/[^/]+)/keys/[^/]+"
)


@dataclass(frozen=True)
class Projects:
    """Ids and numbers of projects.

    Args:
        numbers: number by id.
    """

    numbers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def ids(self) -> Mapping[str, str]:
        """Id by number."""
        return {number: id for id, number in self.numbers.items()}

    def number(self, project: str) -> str | None:
        """The number of a project of that id or number; None when it is not known."""
        return project if project.isdigit() else self.numbers.get(project)

    def id(self, project: str) -> str | None:
        """The id of a project of that id or number; None when it is not known."""
        return self.ids.get(project) if project.isdigit() else project

    def canonical(self, name: str) -> str:
        """A full name with the number of its project where that is known, and buckets as Cloud Asset writes them."""
        if name.startswith(_IN_BUCKETS) and "/" not in name[len(_IN_BUCKETS) :]:
            return _STORAGE + name[len(_IN_BUCKETS) :]
        found = _PROJECT.match(name)
        if found is None or found[2] in ("_", "-"):
            return name
        return f"{found[1]}{self.number(found[2]) or found[2]}{name[found.end() :]}"


def scope(name: str) -> str:
    """The full name of a project, folder or organization (`folders/2`)."""
    return MANAGER + name


def scope_of(name: str) -> str | None:
    """`projects/1`, `folders/2` or `organizations/3` of the full name of one, else None."""
    bare = name.removeprefix(MANAGER)
    kind, _, rest = bare.partition("/")
    ours = bare != name and kind in ("projects", "folders", "organizations") and rest and "/" not in rest
    return bare if ours else None


def service_of(name: str) -> str:
    """The host of the service that a full name names."""
    return name.removeprefix("//").partition("/")[0]


def path_of(name: str) -> str:
    """A full name without its service."""
    return name.removeprefix("//").partition("/")[2]


def project_of(name: str) -> str | None:
    """The id or number of the project in a full name, or None."""
    found = _PROJECT.match(name)
    return found[2] if found is not None and found[2] not in ("_", "-") else None


def inside_of(name: str) -> str | None:
    """What a resource without a policy of its own lies in: an object in a bucket, a version in a secret or key."""
    if name.startswith(_IN_BUCKETS):
        bucket, separator, _ = name[len(_IN_BUCKETS) :].partition("/objects/")
        return _STORAGE + bucket if separator else None
    found = _INSIDE_OF.fullmatch(name)
    return None if found is None else found["above"] or found["key"] or found["account"]


def numbered_beside(bound: Iterable[str], known: Collection[str]) -> frozenset[str]:
    """What stands before the numbers to which tags are bound, where nothing told whose number it is.

    Compute Engine's resources are named by their names, and tags are bound to their numbers:
    https://cloud.google.com/resource-manager/docs/tags/tags-creating-and-managing#attaching
    """
    parts = (one.rpartition("/") for one in bound if one.startswith(COMPUTE) and one not in known)
    return frozenset(front for front, _, last in parts if last.isdigit())


def bucket_of(name: str) -> str | None:
    """The full name of the bucket of an object or managed folder, or None."""
    if not name.startswith(_IN_BUCKETS):
        return None
    bucket, separator, rest = name[len(_IN_BUCKETS) :].partition("/")
    return _STORAGE + bucket if separator and rest.partition("/")[0] in ("objects", "managedFolders") else None


def folders_of(name: str, named: Iterable[str]) -> list[str]:
    """Those of some managed folders that an object or managed folder lies in, the innermost first."""
    bucket = bucket_of(name)
    if bucket is None:
        return []
    begin = f"{_IN_BUCKETS}{bucket.removeprefix(_STORAGE)}"
    inside = name[len(begin) + 1 :].partition("/")[2]
    found = []
    for folder in named:
        prefix = folder.removeprefix(f"{begin}/managedFolders/")
        if prefix != folder and folder != name and inside.startswith(prefix.rstrip("/") + "/"):
            found.append(folder)
    return sorted(found, key=len, reverse=True)


def above(name: str) -> list[str]:
    """What a full name can lie in by its own words, the innermost first: `…/datasets/D` of `…/datasets/D/tables/T`."""
    service, parts = service_of(name), path_of(name).split("/")
    return [f"//{service}/{'/'.join(parts[:end])}" for end in range(len(parts) - 1, 2, -1)]


@dataclass(frozen=True, slots=True)
class Attributes:
    """What conditions see of a resource.

    Args:
        service: None where the service gives no attributes.
        type: None where it gives none for this type.
        name: None where it gives none.
        unknown: what of its name is not known, where it has one that cannot be told; else empty.
    """

    service: str | None = None
    type: str | None = None
    name: str | None = None
    unknown: str = ""


def attributes(name: str, projects: Projects) -> Attributes:
    """The attributes that conditions see of the resource of a full name."""
    formats = _formats()
    host = service_of(name)
    service = formats.hosts.get(host, host)
    if service not in formats.services:
        return Attributes()
    path = path_of(name)
    if service == "storage.googleapis.com" and not path.startswith("projects/_/"):
        path = f"projects/_/buckets/{path}"
    for pattern, spec in formats.services[service]:
        found = pattern.fullmatch(path)
        if found is None:
            continue
        if not spec.named:
            return Attributes(service, spec.type)
        return _with_name(service, spec, path, projects)
    return Attributes(service)


@dataclass(frozen=True, slots=True)
class _Spec:
    """One type of resource: its type, whether it has a name, and which of id and number stands in that."""

    type: str | None
    named: bool
    project: str


def _with_name(service: str, spec: _Spec, path: str, projects: Projects) -> Attributes:
    parts = path.split("/")
    if not spec.project:
        return Attributes(service, spec.type, path)
    known = projects.id(parts[1]) if spec.project == "ID" else projects.number(parts[1])
    if known is None:
        word = "id" if spec.project == "ID" else "number"
        return Attributes(service, spec.type, None, f"the {word} of project {parts[1]}")
    return Attributes(service, spec.type, "/".join(("projects", known, *parts[2:])))


@dataclass(frozen=True, slots=True)
class _Formats:
    services: Mapping[str, list[tuple[re.Pattern[str], _Spec]]]
    hosts: Mapping[str, str]


@cache
def _formats() -> _Formats:
    import yaml

    body: Mapping[str, Any] = yaml.safe_load(get_data("leastwise.providers.gcp", "data/attributes.yaml") or b"")
    hosts = {one["host"]: service for service, one in body.items() if "host" in one}
    return _Formats(
        {service: [_read(service, *row) for row in one["types"].items()] for service, one in _with(body)}, hosts
    )


def _with(body: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """The services, with what they provide put into each type."""
    for service, one in body.items():
        types = {
            text: {**({"type": told} if isinstance(told, str) else told), "parts": one["parts"]}
            for text, told in one["types"].items()
        }
        yield service, {"types": types}


def _read(service: str, text: str, told: Mapping[str, Any]) -> tuple[re.Pattern[str], _Spec]:
    pieces = []
    for part in text.split("/"):
        any_one = part in ("ID", "NUMBER", "*")
        pieces.append(".+" if part == "**" else "[^/]+" if any_one else re.escape(part))
    kind = told["type"] if "/" in told["type"] else f"{service}/{told['type']}"
    project = next((part for part in text.split("/") if part in ("ID", "NUMBER")), "")
    named = "name" in told["parts"] and told.get("name", True)
    return re.compile("/".join(pieces)), _Spec(kind if "type" in told["parts"] else None, named, project)
