"""Organizations, folders, projects and tags → scopes."""

from __future__ import annotations

from collections.abc import Mapping

from leastwise.providers.gcp.tree import RESOURCE_MANAGER, node_of_name
from leastwise.providers.members import Object

from .context import Context
from .reading import labels, member, text


def project(context: Context, value: Object, node: str, source: str) -> None:
    """A project as Resource Manager lists it, v1 or v3."""
    context.scope(
        context.tree.name(node), source, name=text(value, "displayName") or _name(text(value, "name")),
        status=text(value, "lifecycleState") or text(value, "state"), tags=labels(value, "labels"),
    )  # fmt: skip


def _name(name: str) -> str:
    """The name of a project in version 1; in version 3 that member says which project it is."""
    return "" if name.startswith("projects/") else name


def container(context: Context, value: Object, node: str, source: str) -> None:
    """A folder or an organization."""
    if not node:
        return
    context.scope(
        context.tree.name(node), source, name=text(value, "displayName"),
        status=text(value, "lifecycleState") or text(value, "state"),
    )  # fmt: skip
    if node.startswith("organizations/"):
        organization(context, value, node)


def organization(context: Context, value: Object, node: str) -> None:
    """The directory of an organization, and its primary domain, which is the organization's display name.

    https://cloud.google.com/resource-manager/reference/rest/v3/organizations (version 1 names the directory `owner`)
    """
    customer = text(value, "directoryCustomerId") or text(value, "owner", "directoryCustomerId")
    if customer:
        context.customers.setdefault(context.tree.name(node), customer)
    name = text(value, "displayName").lower()
    if "." in name and " " not in name:
        context.members.domains.add(name)
        context.domains.setdefault(customer, set()).add(name)


def container_asset(context: Context, asset: Object, node: str, source: str) -> None:
    """An organization, folder or project as Cloud Asset tells of it."""
    data = member(asset, "resource", "data")
    context.scope(
        context.tree.name(node), source,
        name=text(data, "displayName") or ("" if node.startswith("folders/") else text(data, "name")),
        status=text(data, "lifecycleState") or text(data, "state"), tags=labels(data, "labels"),
    )  # fmt: skip
    if node.startswith("organizations/"):
        organization(context, data if isinstance(data, dict) else {}, node)


def tag_key(context: Context, value: Object, node: str, source: str) -> None:
    """A tag key: its name with the organization's or project's id before it."""
    named = f"{text(value, 'parent').rpartition('/')[2]}/{text(value, 'shortName')}"
    context.tags[text(value, "name")] = text(value, "namespacedName") or named


def tag_value(context: Context, value: Object, node: str, source: str) -> None:
    """A tag value: `PARENT/KEY/VALUE`."""
    context.tags[text(value, "name")] = text(value, "namespacedName") or text(value, "shortName")
    context.tag_keys[text(value, "name")] = text(value, "parent")


def tag_binding(context: Context, value: Object, node: str, source: str) -> None:
    """A tag on a container or resource; its key and value may be told later."""
    parent, bound = text(value, "parent"), text(value, "tagValue")
    if parent and bound:
        context.tagged.append((parent, bound, text(value, "tagValueNamespacedName")))


def finish_tags(context: Context) -> None:
    """The tags of containers and resources, by the names of key and value, with their ids."""
    keys = {named: id for id, named in context.tags.items() if id.startswith("tagKeys/")}
    for parent, bound, said in context.tagged:
        _tag(context, parent, bound, said or context.tags.get(bound, ""), keys)


def _tag(context: Context, parent: str, bound: str, named: str, keys: Mapping[str, str]) -> None:
    if named.count("/"):
        key, _, short = named.rpartition("/")
    else:
        key, short = (
            context.tags.get(context.tag_keys.get(bound, ""), context.tag_keys.get(bound, "") or bound),
            named or bound,
        )
    own = node_of_name(parent) if parent.startswith(RESOURCE_MANAGER) else ""
    place = context.tree.name(own) if own and parent == RESOURCE_MANAGER + own else parent
    context.bound_tags.setdefault(place, {}).setdefault(key, short)
    if bound.startswith("tagValues/") and key != bound:
        id = context.tag_keys.get(bound) or keys.get(key, "")
        context.tag_ids.setdefault(place, {}).setdefault(key, f"{id}/{bound}" if id else bound)


def effective_tag(context: Context, value: Object, resource: str) -> None:
    """A tag that a container has, also one that it inherits from what was not read.

    https://docs.cloud.google.com/resource-manager/reference/rest/v3/effectiveTags
    """
    node = node_of_name(resource if resource.startswith("//") else RESOURCE_MANAGER + resource)
    key, named = text(value, "namespacedTagKey"), text(value, "namespacedTagValue")
    if node and key and named.startswith(f"{key}/"):
        context.effective_tags.setdefault(context.tree.name(node), {}).setdefault(key, named[len(key) + 1 :])
        ids = "/".join(one for one in (text(value, "tagKey"), text(value, "tagValue")) if one)
        if ids:
            context.effective_ids.setdefault(context.tree.name(node), {}).setdefault(key, ids)


def inherited_tags(context: Context, path: list[str]) -> dict[str, str]:
    """The effective tags of the container that a path begins with which bindings on the path do not tell."""
    told = context.effective_tags.get(path[0], {}) if path else {}
    found = {}
    for key, value in told.items():
        bound = (context.bound_tags.get(one, {}).get(key) for one in path)
        if next((one for one in bound if one is not None), None) != value:
            found[key] = value
    return found
