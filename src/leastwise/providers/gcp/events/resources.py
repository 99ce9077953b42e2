"""What a call touched: full names as Cloud Asset has them, and the bucket that usage counts them under.

Entries name a resource relative to its service (`projects/_/buckets/b/objects/o`), which the permission's host or the
entry itself names; a project, folder or organization alone is one of Resource Manager, whichever service was asked.
What is made anew for each use (jobs, builds, operations, versions, pods) counts under what it lies in.

https://docs.cloud.google.com/asset-inventory/docs/asset-names
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from leastwise.providers.gcp.language.names import canonical
from leastwise.providers.gcp.language.resources import MANAGER, project_of
from leastwise.providers.gcp.translate.members import project_of as project_of_mail
from leastwise.providers.logs.nested import Object, text

from .entry import Entry

_API = ".googleapis.com"
_STORAGE = "//storage.googleapis.com/"
_CONTAINER = re.compile(r"(projects|folders|organizations)/([^/]+)")
_NUMBER = re.compile(r"(?:projectnumbers/)?(\d{6,})")
_BUCKET = re.compile(r"(?:projects/_/)?buckets/([^/]+)(/.*)?")
_RUN = re.compile(r"namespaces/([^/]+)/((?:services|jobs|configurations|routes|revisions)/.+)")
_IN_CLUSTER = re.compile(r"(?:[a-z0-9.-]+/)?v\d+(?:(?:alpha|beta)\d+)?/.+")
_ACCOUNT = re.compile(r"projects/(?:-|[^/]+)/serviceAccounts/([^/@]+@[^/]+)(/.*)?")
_ANEW = re.compile(
    r"/(jobs|builds|operations|executions|revisions|sessions|transactions|queries|traces|timeSeries|invocations|runs|"
    r"messages|pods|events|leases|replicasets|endpointslices|tokenreviews|subjectaccessreviews|logEntries|instances/"
    r"gke-[^/]+)(?:/[^/]+)(/.*)?$"
)
_PART = re.compile(r"/(?:versions|cryptoKeyVersions|keys)/[^/]+(?:/.*)?$")


@dataclass(frozen=True, slots=True)
class Touched:
    """A full name, the bucket it counts under, the account that holds it; each empty where the log does not tell."""

    name: str = ""
    bucket: str = ""
    target: str = ""


def touched(entry: Entry, resource: str, permission: str, attributes: Object | None = None) -> Touched:
    """What a permission was checked on. `resource` is as the entry names it, `attributes` what it says of it."""
    name = full_name(entry, resource, permission, text(attributes, "service"))
    target = account_of(name) or account(entry)
    return Touched(name, bucket_of(name), target) if name else Touched("", "", target)


def account(entry: Entry) -> str:
    """The account in whose log an entry stands: the id of the project, `projects/NUMBER`, `folders/N` and the like."""
    return account_in(entry.container, entry.project)


@lru_cache(maxsize=1 << 12)
def account_in(container: str, project: str) -> str:
    """The account of a container, or of the project where the log names none."""
    return _account(container) or (_account(f"projects/{project}") if project else "")


def account_of(name: str) -> str:
    """The account that a full name names, empty where it names none."""
    if name.startswith(MANAGER):
        return _account(name.removeprefix(MANAGER))
    project = project_of(name)
    return _account(f"projects/{project}") if project else ""


def _account(container: str) -> str:
    kind, _, id = container.partition("/")
    return id if kind == "projects" and not id.isdigit() else container


def full_name(entry: Entry, resource: str, permission: str, service: str = "") -> str:
    """The full name of a resource; empty when the entry does not tell enough.

    Names of service accounts may have `-` in the project's place; the monitored resource and the address tell it.
    """
    resource = resource.strip()
    if not resource or resource == "...":
        return ""
    if resource.startswith("//"):
        if resource.startswith("//google.cloud.kms/"):  # as its own entries write it
            resource = f"//cloudkms{_API}/{resource.removeprefix('//google.cloud.kms/')}"
        return _storage(resource)
    resource = resource.strip("/")
    if _CONTAINER.fullmatch(resource):
        return f"{MANAGER}{resource}"
    if number := _NUMBER.fullmatch(resource):
        return f"{MANAGER}projects/{number[1]}"
    host = service if service.endswith(_API) else _host(permission) or entry.service
    if host in ("k8s.io", "container.googleapis.com") and _IN_CLUSTER.fullmatch(resource):
        return _in_cluster(entry, resource)
    if host == "storage.googleapis.com" and (bucket := _BUCKET.fullmatch(resource)):
        return f"{_STORAGE}{f'projects/_/buckets/{bucket[1]}{bucket[2]}' if bucket[2] else bucket[1]}"
    if entry.type == "service_account" and entry.project and resource.startswith("projects/-/serviceAccounts/"):
        resource = f"projects/{entry.project}{resource.removeprefix('projects/-')}"
    if found := _ACCOUNT.fullmatch(resource):
        project = project_of_mail(found[1]) or "-"
        return f"//iam.googleapis.com/projects/{project}/serviceAccounts/{found[1].lower()}{found[2] or ''}"
    if host == "run.googleapis.com" and (found := _RUN.fullmatch(resource)) and entry.region:
        return f"//{host}/projects/{found[1]}/locations/{entry.region}/{found[2]}"
    if not host.endswith(_API) or not re.match(
        r"(projects|folders|organizations|locations|billingAccounts)/", resource
    ):
        return ""
    return f"//{host}/{resource}"


def bucket_of(name: str) -> str:
    """What usage counts a full name under."""
    if name.startswith(_STORAGE):
        found = _BUCKET.fullmatch(name.removeprefix(_STORAGE))
        return f"{_STORAGE}{found[1]}" if found else name
    name = _PART.sub("", name)
    while (found := _ANEW.search(name)) is not None:
        name = f"{name[: found.start()]}/{found[1].partition('/')[0]}"
    return name


def _storage(name: str) -> str:
    found = _BUCKET.fullmatch(name.removeprefix(_STORAGE)) if name.startswith(_STORAGE) else None
    return f"{_STORAGE}{found[1]}" if found and not found[2] else name


def _host(permission: str) -> str:
    host, slash, _ = canonical(permission).partition("/")
    return host if slash and host.endswith(_API) else ""


def _in_cluster(entry: Entry, resource: str) -> str:
    """An object of Kubernetes below its cluster."""
    cluster = text(entry.labels, "cluster_name")
    if not (entry.project and entry.region and cluster):
        return ""
    word = "zones" if re.fullmatch(r".+-[a-z]", entry.region) else "locations"
    below = resource.partition("namespaces/")
    place = f"namespaces/{below[2]}" if below[1] else re.sub(r"^(?:[^/]+/)?v\d+[^/]*/", "", resource)
    return f"//container.googleapis.com/projects/{entry.project}/{word}/{entry.region}/clusters/{cluster}/k8s/{place}"
