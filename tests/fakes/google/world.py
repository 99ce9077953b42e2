"""A small organization at Google Cloud, and what each method answers about it.

`organizations/1` (directory C01) holds project alpha and folder 10, which holds beta and folder 11 with gamma.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from .policies import POLICIES, at_version
from .things import LISTS, OBJECTS

Parameters = Mapping[str, Any]
Answer = Callable[[Parameters, Any], dict[str, Any]]
_CONTAINERS = re.compile(r"(?<=\.)(organizations|folders|projects)(\.locations)?\.(?=[a-zA-Z]+\.)|(?<=\.)locations\.")
NODES = {
    "organizations/1": {"name": "organizations/1", "displayName": "brightwater.example", "state": "ACTIVE",
                        "directoryCustomerId": "C01", "etag": "o1", "createTime": "2024-01-01T00:00:00Z"},
    "folders/10": {"name": "folders/10", "parent": "organizations/1", "displayName": "Plants", "state": "ACTIVE"},
    "folders/11": {"name": "folders/11", "parent": "folders/10", "displayName": "North", "state": "ACTIVE"},
    "projects/101": {"name": "projects/101", "parent": "organizations/1", "projectId": "bw-alpha",
                     "displayName": "Alpha", "state": "ACTIVE", "labels": {"team": "core"}},
    "projects/102": {"name": "projects/102", "parent": "folders/10", "projectId": "bw-beta", "state": "ACTIVE"},
    "projects/103": {"name": "projects/103", "parent": "folders/11", "projectId": "bw-gamma", "state": "ACTIVE"},
}  # fmt: skip


class Refused(Exception):
    """The vendor's own error: HTTP status, canonical code, message, and the reason with what it names."""

    def __init__(
        self, http: int, status: str, message: str = "scripted", reason: str = "",
        metadata: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.http, self.status, self.message, self.reason, self.metadata = http, status, message, reason, metadata or {}


@dataclass
class World:
    """What there is. Tests change it; every change is seen by the next call."""

    nodes: dict[str, dict[str, Any]] = field(default_factory=lambda: deepcopy(NODES))
    policies: dict[str, dict[str, Any]] = field(default_factory=lambda: deepcopy(POLICIES))
    lists: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=lambda: deepcopy(LISTS))
    objects: dict[str, dict[str, Any]] = field(default_factory=lambda: deepcopy(OBJECTS))
    held: set[str] | None = None
    """Permissions that testIamPermissions finds; None for all that are asked for."""

    def named(self, name: str) -> dict[str, Any]:
        """A node by its name, or a project by its id."""
        node = self.nodes.get(name) or next(
            (one for one in self.nodes.values() if f"projects/{one.get('projectId')}" == name), None
        )
        if node is None:
            raise Refused(403, "PERMISSION_DENIED", f"The caller does not have permission on {name}")
        return node

    def below(self, parent: str, kind: str) -> list[dict[str, Any]]:
        """Nodes of a kind directly below another."""
        return [one for name, one in self.nodes.items() if one.get("parent") == parent and name.startswith(kind)]

    def tree(self, root: str) -> list[str]:
        """A node and every node below it."""
        root = self.named(root)["name"]
        found = [root]
        for one in found:
            found += [name for name, node in self.nodes.items() if node.get("parent") == one]
        return found

    def ancestors(self, name: str) -> list[str]:
        """A node and those above it, nearest first."""
        found = [name]
        while parent := self.nodes[found[-1]].get("parent"):
            found.append(parent)
        return found

    def answer(self, method: str, parameters: Parameters, body: Any) -> dict[str, Any] | list[Any]:
        """What a method answers: an object, or the items of a list, which the server cuts into pages."""
        short = _CONTAINERS.sub("", method)
        made = self._special(method, parameters, body)
        if made is not None:
            return made
        parent = str(parameters.get("parent") or parameters.get("name") or parameters.get("customer") or "")
        parent = self._by_number(parent)
        if (short, parent) in self.lists:
            return self.lists[short, parent]
        if any(name == short for name, _ in self.lists):
            return []
        raise Refused(404, "NOT_FOUND", f"{method} of {parent}")

    def _by_number(self, parent: str) -> str:
        """A parent that names a project by its number, as a project's own id names it."""
        for name, node in self.nodes.items():
            if node.get("projectId") and re.search(rf"(?<![\w-]){name}(?![\w-])", parent):
                return parent.replace(name, f"projects/{node['projectId']}")
        return parent

    def _special(self, method: str, parameters: Parameters, body: Any) -> dict[str, Any] | list[Any] | None:
        match method.split(".")[0], method.split(".")[-1]:
            case "cloudresourcemanager" | "iam", "getIamPolicy":
                return self._policy(parameters, body)
            case "cloudresourcemanager", "testIamPermissions":
                asked = body["permissions"]
                return {"permissions": [one for one in asked if self.held is None or one in self.held]}
            case "cloudresourcemanager", "getAncestry":
                return self._ancestry(str(parameters["projectId"]))
            case "cloudresourcemanager", "search":
                kind = method.split(".")[1]
                return [one for name, one in self.nodes.items() if name.startswith(kind)]
            case "cloudresourcemanager", "get":
                return self.named(str(parameters["name"]))
            case "cloudresourcemanager", "list" if method.split(".")[1] in ("folders", "projects"):
                return self.below(str(parameters["parent"]), method.split(".")[1])
            case "cloudasset", _:
                return self._assets(parameters)
            case "iam", "get" if "denypolicies" in str(parameters["name"]):
                return self._object(str(parameters["name"]))
            case "iam", "listPolicies":
                place = str(parameters["parent"]).split("googleapis.com/", 1)[-1]
                found = self.lists.get(("iam.policies.listPolicies", place), [])
                return [{key: value for key, value in one.items() if key != "rules"} for one in found]
        return None

    def _object(self, name: str) -> dict[str, Any]:
        for items in self.lists.values():
            for one in items:
                if unquote(str(one.get("name"))) == name:
                    return one
        raise Refused(404, "NOT_FOUND", f"{name} was not found")

    def _policy(self, parameters: Parameters, body: Any) -> dict[str, Any]:
        resource = str(parameters["resource"])
        name = self.named(resource)["name"] if resource.count("/") == 1 else resource
        version = int((body or {}).get("options", {}).get("requestedPolicyVersion", 0))
        version = int(parameters.get("options.requestedPolicyVersion", version))
        return at_version(self.policies.get(name, {"etag": "ACAB", "version": 1}), version)

    def _ancestry(self, project: str) -> dict[str, Any]:
        chain = self.ancestors(self.named(f"projects/{project}")["name"])
        ids = [(one.split("/")[0].rstrip("s"), one.split("/")[1]) for one in chain]
        return {"ancestor": [{"resourceId": {"type": kind, "id": id}} for kind, id in ids]}

    def _assets(self, parameters: Parameters) -> list[Any]:
        root = str(parameters.get("parent") or parameters.get("scope"))
        inside = set(self.tree(root))
        content = parameters.get("contentType", "searchAllIamPolicies")
        found = [one for one in self.objects.values() if one["content"] == content and one["node"] in inside]
        types = parameters.get("assetTypes")
        types = [types] if isinstance(types, str) else types
        return [one["body"] for one in found if not types or one["body"]["assetType"] in types]
