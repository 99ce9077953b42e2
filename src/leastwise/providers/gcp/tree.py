"""The containers that documents name: organizations, folders, projects; what lies above what; a project's two names.

A container is written as the vendor's API does: `organizations/1`, `folders/2`, `projects/ID`. A project has an id and
a number; whichever a document uses, it is one container.
https://cloud.google.com/resource-manager/docs/cloud-platform-resource-hierarchy
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from leastwise.providers.gcp.language.resources import Projects

RESOURCE_MANAGER = "//cloudresourcemanager.googleapis.com/"
KINDS = {"organizations": "organization", "folders": "folder", "projects": "project"}
"""The kind of a scope, by what a container's name begins with."""
_NODE = re.compile(r"(?:organizations|folders|projects)/[^/]+")
_IN_NAME = re.compile(r"//[^/]+/((?:organizations|folders|projects)/[^/]+)(?:/|$)")
_APP = re.compile(r"//appengine\.googleapis\.com/apps/([^/]+)")
_NUMBER = re.compile(r"[0-9]+")
_PLURAL = {one: plural for plural, one in KINDS.items()}


def node_of_name(name: str) -> str:
    """The container in a full resource name, or that a relative name begins with; empty when it names none.

    >>> node_of_name("//pubsub.googleapis.com/projects/p/topics/t")
    'projects/p'
    """
    if name.startswith("//"):
        found = _IN_NAME.match(name)
        if found:
            return "" if found[1].endswith(("/-", "/_")) else found[1]
        app = _APP.match(name)
        return f"projects/{app[1]}" if app else ""
    relative = _NODE.match(name)
    return relative[0] if relative and not relative[0].endswith("/-") else ""


class Tree:
    """What documents tell of containers. What is told twice holds as it was told first."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}
        self._own: dict[str, str] = {}
        self._number: dict[str, str] = {}
        self._id: dict[str, str] = {}
        self._seen: dict[str, None] = {}

    def project(self, id: Any, number: Any) -> None:
        """A project's id and its number belong together."""
        given, told = str(id or ""), str(number or "")
        if given and _NUMBER.fullmatch(told) and not _NUMBER.fullmatch(given):
            self._number.setdefault(given, told)
            self._id.setdefault(told, given)

    def put(self, node: str, above: str) -> None:
        """A container lies below another one."""
        if node and above and node != above:
            self._above.setdefault(node, above)
            self._seen.setdefault(node)
            self._seen.setdefault(above)

    def said(self, node: str, above: str) -> None:
        """A container itself says that it lies below another one: that outweighs what others say of it."""
        if node and above and node != above:
            self._own.setdefault(node, above)
            self.put(node, above)

    def see(self, node: str) -> None:
        """There is such a container."""
        if node:
            self._seen.setdefault(node)

    def chain(self, nodes: list[str]) -> None:
        """Containers, each below the next."""
        for lower, upper in pairwise(nodes):
            self.put(lower, upper)

    def name(self, node: str) -> str:
        """The one name of a container: a project by its id where that was told, else by its number."""
        kind, _, id = node.partition("/")
        return f"projects/{self._id.get(id, id)}" if kind == "projects" else node

    def projects(self) -> Projects:
        """Ids and numbers of projects."""
        return Projects(self._number)

    def number(self, node: str) -> str:
        """The number of a project, empty where it was not told."""
        id = node.partition("/")[2]
        return id if _NUMBER.fullmatch(id) else self._number.get(id, "")

    def above(self, node: str) -> str:
        """The container above, by its one name; empty where none was told."""
        kind, _, id = node.partition("/")
        names = [node]
        if kind == "projects":
            names += [f"projects/{other}" for other in (self._id.get(id), self._number.get(id)) if other]
        return next((self.name(told[name]) for told in (self._own, self._above) for name in names if name in told), "")

    def path(self, node: str) -> list[str]:
        """The container and those above it, the lowest first; one that was told to lie below itself ends it."""
        found: list[str] = []
        at = self.name(node)
        while at and at not in found:
            found.append(at)
            at = self.above(at)
        return found

    def containers(self) -> Iterator[str]:
        """Every container that was named, once, by its one name."""
        yield from dict.fromkeys(self.name(node) for node in self._seen)

    # -- what documents say -------------------------------------------------------------------------------------------

    def asset(self, asset: Mapping[str, Any]) -> str:
        """Learn from an asset, and give the lowest container that it lies in, itself if it is one; else empty."""
        name = _text(asset.get("name"))
        own = node_of_name(name) if name.startswith(RESOURCE_MANAGER) else ""
        resource = asset.get("resource")
        resource = resource if isinstance(resource, dict) else {}
        data = resource.get("data")
        data = data if isinstance(data, dict) else {}
        if own.startswith("projects/") or str(asset.get("asset_type") or asset.get("assetType")).startswith(
            "cloudresourcemanager.googleapis.com/Project"
        ):
            number = _text(data.get("projectNumber")) or own.partition("/")[2]
            self.project(data.get("projectId"), number)
        ancestors = [one for one in _list(asset.get("ancestors")) if isinstance(one, str) and _NODE.fullmatch(one)]
        ancestors = ancestors or ancestry(_text(asset.get("ancestry_path") or asset.get("ancestryPath")))
        self.chain(ancestors)
        parent = node_of_name(_text(resource.get("parent"))) or node_of_data(data.get("parent"))
        if own:
            self.see(own)
            if ancestors and self.name(ancestors[0]) != self.name(own):
                self.put(own, ancestors[0])
            self.said(own, parent)
            return own
        number = _text(data.get("projectNumber"))
        given = [*ancestors[:1], node_of_name(name), parent, f"projects/{number}" if number else ""]
        found = next((one for one in given if one), "")
        self.see(found)
        return found

    def found(self, result: Mapping[str, Any]) -> str:
        """Learn from a result of a search of Cloud Asset, and give the lowest container that it lies in."""
        project, name = _text(result.get("project")), _text(result.get("name") or result.get("resource"))
        folders = [one for one in _list(result.get("folders")) if isinstance(one, str)]
        own = node_of_name(name) if name.startswith(RESOURCE_MANAGER) else ""
        extra = result.get("additionalAttributes")
        extra = extra if isinstance(extra, dict) else {}
        if own.startswith("projects/") and project:
            self.project(own.partition("/")[2], project.partition("/")[2])
            self.project(extra.get("projectId"), project.partition("/")[2])
        chain = [one for one in (project, *folders, _text(result.get("organization"))) if one]
        self.chain(chain)
        lowest = own or (chain[0] if chain else node_of_name(name))
        self.see(lowest)
        return lowest

    def listed_project(self, project: Mapping[str, Any]) -> str:
        """Learn from a project as Resource Manager lists it (v1 or v3), and give its container."""
        id, number = _text(project.get("projectId")), project.get("projectNumber")
        if number is None:
            number = _text(project.get("name")).removeprefix("projects/")
        self.project(id, number)
        node = f"projects/{id}"
        self.see(node)
        self.said(node, node_of_data(project.get("parent")))
        return node


def ancestry(path: str) -> list[str]:
    """Containers of an `organization/1/folder/2/project/p`, the lowest first; what is not known is left out."""
    parts = [part for part in path.split("/") if part]
    found = []
    for kind, id in zip(parts[::2], parts[1::2], strict=False):
        plural = _PLURAL.get(kind, kind)
        if plural in _PLURAL.values() and id != "unknown":
            found.append(f"{plural}/{id}")
    return found[::-1]


def node_of_data(parent: Any) -> str:
    """The container that a project or folder says it lies in: `folders/2`, or `{"type": "folder", "id": "2"}`."""
    if isinstance(parent, dict):
        plural = _PLURAL.get(_text(parent.get("type")), "")
        return f"{plural}/{parent['id']}" if plural and parent.get("id") else ""
    return node_of_name(_text(parent))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
