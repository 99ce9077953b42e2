"""The documents of a case, as Google Cloud gives them, read one by one.

What each kind of document is stands in the suite's description; a `cloud_asset` is one asset of Cloud Asset Inventory
in the spelling of an export or of the REST API.
https://cloud.google.com/asset-inventory/docs/reference/rest/v1/TopLevel/exportAssets
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from leastwise.providers.ask import read_documents

from ..language.policies import (
    AccessBinding,
    AllowPolicy,
    Boundary,
    BoundaryBinding,
    DenyPolicy,
    PolicyError,
    parse_allow_policy,
    parse_boundary,
    parse_deny_policy,
    parse_policy_binding,
    policy_of_access_list,
)
from ..language.resources import project_of
from ..language.roles import Role, parse_role

Body = Mapping[str, Any]
_DATASET = "bigquery.googleapis.com/Dataset"


@dataclass(slots=True)
class Asset:
    """What the documents of one name say together."""

    type: str = ""
    data: Body = field(default_factory=dict)
    parent: str | None = None
    ancestors: list[str] = field(default_factory=list)
    policy: AllowPolicy | None = None
    listed: AllowPolicy | None = None
    """What a dataset's own description says of its policy."""


@dataclass(slots=True)
class Read:
    """The documents, read one by one."""

    assets: dict[str, Asset] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    denies: list[DenyPolicy] = field(default_factory=list)
    ruleless: list[DenyPolicy] = field(default_factory=list)
    """Deny policies as a list of them tells them: without their rules."""
    boundaries: dict[str, Boundary] = field(default_factory=dict)
    bound: list[BoundaryBinding] = field(default_factory=list)
    access: list[AccessBinding] = field(default_factory=list)
    groups: dict[str, list[tuple[Body, str]]] = field(default_factory=dict)


def read_all(documents: Sequence[Mapping[str, Any]]) -> Read:
    """What documents, {`kind`, `body`} each, say. Raises CaseError naming the document and what is wrong with it."""
    read = Read()
    read_documents(documents, {kind: partial(one, read) for kind, one in _READERS.items()}, PolicyError, ValueError)
    return read


def _cloud_asset(read: Read, body: Body) -> None:
    name = body.get("name")
    if not isinstance(name, str) or not name.startswith("//"):
        raise ValueError(f"name {name!r} is no full name of a resource")
    asset = read.assets.setdefault(name, Asset())
    asset.type = text_of(body, "assetType", "asset_type") or asset.type
    resource = object_of(body, "resource")
    asset.data = {**asset.data, **object_of(resource, "data")}
    asset.parent = text_of(resource, "parent") or text_of(body, "parentFullResourceName") or asset.parent
    ancestors = body.get("ancestors")
    if ancestors is not None:
        if not isinstance(ancestors, list) or not all(isinstance(one, str) for one in ancestors):
            raise ValueError(f"ancestors of {name} is no list of texts")
        asset.ancestors = ancestors
    given = body.get("iamPolicy", body.get("iam_policy"))
    if given is None and asset.type == _DATASET and isinstance(asset.data.get("access"), list):
        asset.listed = parse_allow_policy(policy_of_access_list(asset.data["access"], project_of(name) or ""))
    if given is not None:
        policy = parse_allow_policy(given)
        if asset.policy not in (None, policy):
            raise ValueError(f"{name} has two allow policies")
        asset.policy = policy


def _role(read: Read, body: Body) -> None:
    role = parse_role(body)
    read.roles[role.name] = role


def _deny_policy(read: Read, body: Body) -> None:
    policy = parse_deny_policy(body)
    (read.denies if "rules" in body else read.ruleless).append(policy)


def _boundary(read: Read, body: Body) -> None:
    boundary = parse_boundary(body)
    read.boundaries[boundary.name] = boundary


def _binding(read: Read, body: Body) -> None:
    binding = parse_policy_binding(body)
    if isinstance(binding, AccessBinding):
        read.access.append(binding)
    else:
        read.bound.append(binding)


def _group(read: Read, body: Body) -> None:
    group = object_of(body, "group")
    mail = text_of(object_of(group, "groupKey") or object_of(group, "group_key"), "id")
    if not mail:
        raise ValueError("group: groupKey.id is missing")
    memberships = body.get("memberships")
    if memberships is None:
        return  # a group of which only itself was read
    if not isinstance(memberships, list) or not all(isinstance(one, Mapping) for one in memberships):
        raise ValueError(f"memberships of {mail} must be a list of objects")
    found = read.groups.setdefault(mail.lower(), [])
    for one in memberships:
        key = one.get("preferredMemberKey", one.get("memberKey"))
        id = key.get("id") if isinstance(key, Mapping) else None
        if not isinstance(id, str) or not id:
            raise ValueError(f"memberships of {mail}: preferredMemberKey.id is missing")
        found.append((one, id))


_READERS: Mapping[str, Callable[[Read, Body], None]] = {
    "cloud_asset": _cloud_asset,
    "role": _role,
    "deny_policy": _deny_policy,
    "principal_access_boundary": _boundary,
    "policy_binding": _binding,
    "group_membership": _group,
}


def text_of(body: Body, *keys: str) -> str:
    """The first of these members that there is, as a text; empty without one. Raises ValueError."""
    found = next((body[key] for key in keys if body.get(key) is not None), "")
    if not isinstance(found, str | int) or isinstance(found, bool):
        raise ValueError(f"{keys[0]} must be a text")
    return str(found)


def object_of(body: Body, key: str) -> Body:
    """An object; empty where there is none. Raises ValueError."""
    found = body.get(key)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise ValueError(f"{key} must be an object")
    return found
