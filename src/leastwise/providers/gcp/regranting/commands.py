"""Changes of bindings and roles as commands of Google Cloud's command line.

https://cloud.google.com/sdk/gcloud/reference/projects/add-iam-policy-binding and its like,
https://cloud.google.com/sdk/gcloud/reference/iam/roles/create
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from .scopes import CONTAINERS

_ON: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"//storage\.googleapis\.com/(?P<id>[^/]+)", ("storage", "buckets")),
    (r"//pubsub\.googleapis\.com/(?P<id>projects/[^/]+/topics/[^/]+)", ("pubsub", "topics")),
    (r"//pubsub\.googleapis\.com/(?P<id>projects/[^/]+/subscriptions/[^/]+)", ("pubsub", "subscriptions")),
    (r"//secretmanager\.googleapis\.com/(?P<id>projects/[^/]+/secrets/[^/]+)", ("secrets",)),
    (r"//iam\.googleapis\.com/projects/[^/]+/serviceAccounts/(?P<id>[^/]+)", ("iam", "service-accounts")),
)
"""What the command line has a group of commands for that name a resource by one word."""


def command(verb: str, told: Mapping[str, Any]) -> str:
    """What makes one change; empty for what the command line has no single command for."""
    match verb:
        case "create" | "put" if "document" in told:
            return _role("create" if verb == "create" else "update", told["document"])
        case "delete":
            name = str(told["policy"])
            return _gcloud("iam", "roles", "delete", name.rpartition("/")[2], *_parent(name))
        case "assign":
            return _binding("add", told)
        case "unassign":
            return _binding("remove", told)
        case "leave" | "join":
            way = "delete" if verb == "leave" else "add"
            members = (f"--group-email={_mail(told['group'])}", f"--member-email={_mail(told['principal'])}")
            return _gcloud("identity", "groups", "memberships", way, *members)
    return ""


def _role(action: str, document: Mapping[str, Any]) -> str:
    name = str(document["name"])
    return _gcloud(
        "iam", "roles", action, name.rpartition("/")[2], *_parent(name), f"--title={document['title']}",
        f"--description={document['description']}", f"--permissions={','.join(document['includedPermissions'])}",
    )  # fmt: skip


def _parent(name: str) -> tuple[str, ...]:
    kind, _, id = name.partition("/roles/")[0].partition("/")
    return (f"--{kind.removesuffix('s')}={id}",)


def _binding(action: str, told: Mapping[str, Any]) -> str:
    group, id = _named(str(told["on"]))
    if not group:
        return ""
    condition = told.get("condition")
    flags = [f"--member={told['principal']}", f"--role={told['bundle']}"]
    flags.append(f"--condition={_condition(condition)}" if condition else "--condition=None")
    return _gcloud(*group, f"{action}-iam-policy-binding", id, *flags)


def _condition(told: Mapping[str, Any]) -> str:
    """With a separator of its own, as expressions have commas. https://cloud.google.com/sdk/gcloud/reference/topic/escaping"""
    return f"^~^expression={told['expression']}~title={told['title']}"


def _named(on: str) -> tuple[tuple[str, ...], str]:
    """The group of commands for a resource, and its id there."""
    if on.startswith(CONTAINERS):
        kind, _, id = on.removeprefix(CONTAINERS).partition("/")
        return (("resource-manager", kind) if kind == "folders" else (kind,)), id
    for pattern, group in _ON:
        if found := re.fullmatch(pattern, on):
            id = found["id"]
            return group, f"gs://{id}" if group == ("storage", "buckets") else id
    return (), ""


def _gcloud(*words: str) -> str:
    return shlex.join(("gcloud", *words))


def _mail(id: str) -> str:
    return id.partition(":")[2]
