"""Allow policies and roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leastwise.model.scope import CoverageStatus
from leastwise.providers.gcp import catalog
from leastwise.providers.members import Object

from .context import Context
from .documents import UNREAD_CONDITION, Statement, bindings_of
from .reading import member, text, texts, truth
from .roles import flags_of
from .trusted import trust

ALLOW_POLICY = "allow policy"
"""The name of the only allow policy that a resource has."""


def search_result(context: Context, value: Object, node: str, source: str) -> None:
    """A result of searchAllIamPolicies: those bindings of a resource's policy that the query matched.

    Several results may be of one resource, when a query was asked that matches bindings.
    """
    policy = member(value, "policy")
    name = text(value, "resource") or text(value, "name")
    if isinstance(policy, Mapping) and name:
        place(context, name, node, text(value, "assetType"), source)
        allow_policy(context, name, policy, source)


def place(context: Context, name: str, node: str, type: str, source: str) -> None:
    """A resource of which only the policy is told is a resource, too."""
    if context.target(name) == name:
        context.resource(name, source, node=node, type=type)


def allow_policy(context: Context, name: str, policy: Object, source: str) -> None:
    """The allow policy of a resource, or of a container."""
    if not name:
        return
    name = context.resource_name(name)
    target = context.target(name)
    statements = bindings_of(policy)
    document = context.documents.intern(policy, statements)
    if target != name:
        context.scope(context.tree.name(_node(target)), source)
    else:
        context.resource(name, source, policy=document)
    for one in statements:
        for who in one.principals:
            context.members.id(who, source)
        context.named_roles.setdefault(one.actions[0], source)
        if one.condition == UNREAD_CONDITION:
            context.without_conditions.setdefault(name, source)
    context.attach("allow", "allow_policy", target, ALLOW_POLICY, document, source, context.account_of(name))
    trust(context, name, document, statements)


def _node(account: str) -> str:
    return account if "/" in account else f"projects/{account}"


def role(context: Context, value: Object, node: str, source: str) -> None:
    """A custom role, or one of Google's own, as a list or a description tells of it."""
    name = text(value, "name")
    if not name:
        return
    permissions = texts(value, "includedPermissions") if member(value, "includedPermissions") is not None else None
    if permissions is None and truth(value, "deleted") is True:
        permissions = []
    if not name.startswith("roles/"):
        add_role(context, name, "custom_role", value, permissions, context.account(node), source)
    elif permissions:
        context.published.setdefault(name, (value, permissions, source))


def add_role(
    context: Context,
    name: str,
    kind: str,
    value: Object,
    permissions: list[str] | None,
    account: str | None,
    source: str,
) -> None:
    """A role, once. One that is deleted or disabled gives nothing; of one told without permissions nothing is known.

    https://cloud.google.com/iam/docs/creating-custom-roles
    """
    known = context.policies.get(name)
    if known is not None and (permissions is None or name not in context.roles_untold):
        return
    stage, deleted = text(value, "stage"), truth(value, "deleted") is True
    told = {"name": name, "stage": stage, "deleted": deleted, "includedPermissions": permissions}
    if permissions is None:
        context.roles_untold.add(name)
        detail = f"{name}: told without its permissions (gcloud iam roles list does so; describe tells them)"
        context.gap("iam", "roles.get", CoverageStatus.NOT_TRIED, detail, f"what {name} gives")
        document = context.documents.intern(told, (), unsupported="its permissions were not read")
    else:
        context.roles_untold.discard(name)
        given = [] if deleted or stage == "DISABLED" else permissions
        statements = [Statement("Allow", given)]
        document = context.documents.intern(told, statements, flags=flags_of(name, frozenset(given)))
    context.policies[name] = document
    context.bundles[name] = {
        "account": account, "name": text(value, "title") or name, "kind": kind, "version": text(value, "etag"),
        "document": document, "source": source,
    }  # fmt: skip


def own_roles(context: Context) -> None:
    """The predefined and basic roles that bindings name, as they were read or from the catalogue; else a gap each."""
    for name, source in context.named_roles.items():
        if name in context.policies:
            continue
        kind = "basic_role" if name in catalog.BASIC else "predefined_role"
        known = catalog.role(name)
        if name in context.published:
            told, permissions, place = context.published[name]
            add_role(context, name, kind, told, sorted(permissions), None, place)
        elif known is not None and known.permissions is not None:
            value: dict[str, Any] = {"title": known.title, "stage": known.stage}
            add_role(context, name, kind, value, sorted(known.permissions), None, "catalogue")
        else:
            why = "its permissions are not public" if known is not None else "the catalogue does not know it"
            if not name.startswith("roles/"):
                why = "the role was not read"
            context.gap("iam", "roles.get", CoverageStatus.NOT_TRIED, f"{name}: {why} ({source})", f"what {name} gives")
