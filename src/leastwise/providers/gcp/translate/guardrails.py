"""What takes away or offers: deny policies, boundaries, access policies, organization policies, entitlements."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from leastwise.model.scope import CoverageStatus
from leastwise.providers.gcp.placing import attached_to
from leastwise.providers.gcp.tree import RESOURCE_MANAGER, node_of_name
from leastwise.providers.members import Object

from .context import Context
from .documents import Statement, boundary_rules, canonical, deny_rules, entitlement_bindings
from .reading import member, objects, text, texts, time

_IAM = "//iam.googleapis.com/"
"""Before names of policies that are written in full."""
_MAKES_ADMIN = tuple(
    f"cloudresourcemanager.googleapis.com/{one}.setIamPolicy" for one in ("projects", "folders", "organizations")
)
"""What makes an administrator: whoever may write the policy of a container may give themselves everything on it."""


def _bundle(context: Context, name: str, kind: str, value: Object, document: int, source: str, account: str) -> None:
    context.bundles.setdefault(
        name,
        {
            "account": account, "name": text(value, "displayName") or name.rpartition("/")[2], "kind": kind,
            "version": text(value, "details", "enforcementVersion") or text(value, "etag"), "document": document,
            "created": time(value, "createTime"), "updated": time(value, "updateTime"), "source": source,
        },
    )  # fmt: skip


def deny_policy(context: Context, value: Object, node: str, source: str) -> None:
    """A deny policy. The list of them leaves the rules out: such a policy may deny anything.

    https://cloud.google.com/iam/docs/reference/rest/v2/policies/listPolicies
    """
    name = text(value, "name")
    if not name:
        return
    target = context.account(attached_to(name) or node)
    if not isinstance(member(value, "rules"), list):
        context.ruleless.setdefault(name, (value, target, source))
        return
    statements = deny_rules(value)
    _register(context, statements, source)
    flags = {"denies": True, "denies_admin": denies_admin(statements)}
    document = context.documents.intern(value, statements, flags=flags)
    _bundle(context, name, "deny_policy", value, document, source, target)
    context.attach("deny", "deny_policy", target, name, document, source, target)


def finish_deny_policies(context: Context) -> None:
    """Attach the deny policies of which the rules were told nowhere: they may deny anything."""
    for name, (value, target, source) in context.ruleless.items():
        if name in context.bundles:
            continue
        detail = f"{name}: told without its rules (list does so; get tells them)"
        context.gap("iam", "policies.get", CoverageStatus.NOT_TRIED, detail, "what deny policies take away")
        flags = {"denies": True}
        document = context.documents.intern(value, (), unsupported="its rules were not read", flags=flags)
        _bundle(context, name, "deny_policy", value, document, source, target)
        context.attach("deny", "deny_policy", target, name, document, source, target)


def denies_admin(statements: list[Statement]) -> bool:
    """Whether the rules of a deny policy take away what makes an administrator."""
    return any(
        fnmatchcase(wanted, pattern)
        for one in statements
        for pattern in one.actions
        for wanted in _MAKES_ADMIN
        if not any(fnmatchcase(wanted, excepted) for excepted in one.not_actions)
    )


def _register(context: Context, statements: list[Statement], source: str) -> None:
    for one in statements:
        for who in (*one.principals, *one.not_principals):
            context.members.id(who, source)


def boundary_policy(context: Context, value: Object, node: str, source: str) -> None:
    """A principal access boundary policy; it binds nobody until a binding says whom."""
    name = text(value, "name").removeprefix(_IAM)
    if name:
        document = context.documents.intern(value, boundary_rules(value))
        _bundle(context, name, "principal_access_boundary", value, document, source, context.account(node))


def policy_binding(context: Context, value: Object, node: str, source: str) -> None:
    """A binding of a boundary (or of an access policy) to a set of principals, or to a resource."""
    policy = text(value, "policy").removeprefix(_IAM)
    if not policy:
        return
    place = text(value, "target", "principalSet") or text(value, "target", "resource")
    layer = "access_policy" if "accessPolicies" in policy else "principal_access_boundary"
    condition = member(value, "condition")
    told = canonical(condition) if isinstance(condition, Mapping) and condition else None
    context.bindings.append((layer, context.target(place) or place, policy, told, source))


def finish_bindings(context: Context) -> None:
    """Attach what bindings name, now that all policies were read; one that was not read is a document not known."""
    for layer, target, policy, condition, source in context.bindings:
        document = context.bundles.get(policy, {}).get("document")
        if document is None:
            detail = f"{policy}: bound, but not read"
            context.gap("iam", f"{policy.split('/')[-2]}.get", CoverageStatus.NOT_TRIED, detail, "what it takes away")
        context.attach(layer, layer, target, policy, document, source, condition=condition)


def access_policy(context: Context, value: Object, node: str, source: str) -> None:
    """An access policy (IAM v3): kept and shown, not evaluated."""
    name = text(value, "name")
    if not name:
        return
    document = context.documents.intern(value, (), unsupported="access policies are not evaluated yet")
    _bundle(context, name, "access_policy", value, document, source, context.account(node))
    detail = f"{name}: access policies are not evaluated yet"
    context.gap("iam", "accessPolicies", CoverageStatus.UNSUPPORTED, detail, "what access policies grant or deny")


def access_context(context: Context, value: Object, part: str, name: str, source: str) -> None:
    """An access policy, level or perimeter of Access Context Manager: kept as documents of the organization."""
    own = text(value, "name")
    document = context.documents.intern(value, (), unsupported="Access Context Manager is not evaluated")
    target = context.target(name)
    account = context.top if target.startswith("//") else target
    context.attach("access_policy", "access_policy", target, own or part, document, source, account)


def organization_policy(context: Context, value: Object, node: str, source: str) -> None:
    """An organization policy, version 2: `projects/P/policies/CONSTRAINT`."""
    name = text(value, "name")
    if name:
        target = context.account(node_of_name(name) or node)
        document = context.documents.intern(value, ())
        context.attach(
            "organization_policy", "organization_policy", target, name.rpartition("/")[2], document, source, target
        )


def organization_policy_v1(context: Context, value: Object, name: str, source: str) -> None:
    """An organization policy, version 1, of the container with this full resource name."""
    constraint = text(value, "constraint").removeprefix("constraints/")
    node = node_of_name(name) if name.startswith(RESOURCE_MANAGER) else ""
    if constraint and node:
        target = context.account(node)
        document = context.documents.intern(value, ())
        context.scope(context.tree.name(node), source)
        context.attach("organization_policy", "organization_policy", target, constraint, document, source, target)


def entitlement(context: Context, value: Object, node: str, source: str) -> None:
    """What Privileged Access Manager offers on request, with who approves it.

    https://cloud.google.com/iam/docs/pam-overview
    """
    name = text(value, "name")
    if not name:
        return
    statements = entitlement_bindings(value)
    _register(context, statements, source)
    approvers = [
        who for step in objects(value, "approvalWorkflow", "manualApprovals", "steps")
        for one in objects(step, "approvers") for who in texts(one, "principals")
    ]  # fmt: skip
    for who in approvers:
        context.members.id(who, source)
    for one in statements:
        context.named_roles.setdefault(one.actions[0], source)
    document = context.documents.intern(value, statements)
    place = text(value, "privilegedAccess", "gcpIamAccess", "resource")
    target = context.target(place) if place else context.account(node)
    _bundle(context, name, "entitlement", value, document, source, context.account(node))
    context.attach("eligible", "entitlement", target, name, document, source, context.account(node))
