"""The least role that the declared calls need, as the vendor takes it, and what a run would call."""

from __future__ import annotations

from collections.abc import Iterable

import yaml

from leastwise.providers.base import PlannedCall
from leastwise.providers.collecting.linking import linked
from leastwise.providers.collecting.planning import planned
from leastwise.providers.gcp.catalog import current

from .declaration import ROOTS, Call, Root, Service
from .source import Source

ENTERING = ("resourcemanager.projects.get",)
"""What finding the trees needs; searching gives what may be seen."""
CHARGING = "serviceusage.services.use"
"""Needed in the project that pays for the calls (`quota_project`, or the service account's own)."""
_TITLE = "Leastwise reader"
_ABOVE = frozenset({"above", "ancestor", "organization"})
_WITHIN: dict[Root, frozenset[str]] = {
    "organization": frozenset({"root", "organization", "container", "node", "project"}),
    "folder": frozenset({"root", "container", "node", "project"}),
    "project": frozenset({"root", "node", "project"}),
}
"""The kinds of things that there are at and below a root."""
_WHERE: dict[Root, str] = {
    "organization": "an organization: create it there and bind it there",
    "folder": "a folder: create it in the organization and bind it on the folder",
    "project": "a project: create it and bind it there",
}


def permissions(services: Iterable[Service], root: Root) -> list[str]:
    """The permissions that collecting a tree with such a root needs, without those above the root."""
    known = current()
    found = {*ENTERING, *_asked(services, root, _WITHIN[root])}
    # A custom role can hold only what can be tested where it is bound.
    levels = {one: known.levels(one) for one in found}
    return sorted(one for one in found if not levels[one] or root in levels[one])


def _asked(services: Iterable[Service], root: Root, kinds: frozenset[str]) -> set[str]:
    """The permissions of the calls that are asked of things of these kinds (or of none), and of what follows."""
    return {
        one
        for service in services for opening in service.calls
        if (not opening.roots or root in opening.roots)
        and (kinds & set(opening.of) if opening.of else "root" in kinds)
        for call in opening.walk() for one in call.permission
    }  # fmt: skip


def privileges(services: Iterable[Service]) -> list[str]:
    """The privileges in the directory that its services need."""
    return sorted({one for service in services for call in service.walk() for one in call.privilege})


def policy_text(source: Source) -> str:
    """A definition of a custom role for each kind of tree, in YAML as `gcloud iam roles create --file` takes it.

    Comments say where to bind it, which permissions are needed above it, and what the directory must give.
    https://cloud.google.com/iam/docs/creating-custom-roles
    """
    services = source.declared()
    kinds = {"organizations": "organization", "folders": "folder", "projects": "project"}
    roots = [root for root in ROOTS if root in {kinds[one.partition("/")[0]] for one in source.roots}]
    texts = [_role(services, root) for root in roots or ["organization"]]
    told = privileges(services)
    if told and ("organization" in roots or not roots):
        texts.append("\n".join([
            "# Groups and people are in the directory, not in IAM: give the collector (or the user that `admin` names)",
            "# an administrator role of Google Workspace or Cloud Identity with these privileges of the Admin API:",
            *(f"#   {one}" for one in told),
            "# With `admin`, allow the service account's client id these scopes (domain-wide delegation):",
            *(f"#   https://www.googleapis.com/auth/{one}" for one in _scopes(services)),
            "",
        ]))  # fmt: skip
    return "---\n".join(texts).rstrip("\n")


def _role(services: Iterable[Service], root: Root) -> str:
    role = {
        "title": _TITLE, "description": f"Reads {root} for Leastwise, no data, no secrets", "stage": "GA",
        "includedPermissions": permissions(services, root),
    }  # fmt: skip
    lines = [f"# For {_WHERE[root]}."]
    if above := _needed_above(services, root):
        lines += [
            "# Above it, to know what is inherited, in a role of the organization:",
            *(f"#   {one}" for one in above),
        ]
    lines.append(f"# In the project that pays for the calls: {CHARGING}.")
    return "\n".join([*lines, yaml.safe_dump(role, sort_keys=False, width=120)])


def _needed_above(services: Iterable[Service], root: Root) -> list[str]:
    return [] if root == "organization" else sorted(_asked(services, root, _ABOVE))


def _scopes(services: Iterable[Service]) -> list[str]:
    return sorted({one for service in services if service.workspace for one in service.scopes})


def plan(source: Source) -> list[PlannedCall]:
    """Every kind of call that collecting the source makes, once, in order."""
    root: Root = "organization"
    if source.roots:
        kinds = {"organizations": 0, "folders": 1, "projects": 2}
        root = ROOTS[min(kinds[one.partition("/")[0]] for one in source.roots)]
    return list(planned(linked(source.declared(), root), _needs).values())


def _needs(call: Call) -> tuple[str, ...]:
    return (*call.permission, *(f"directory: {one}" for one in call.privilege))
