"""The organization of a case of suite `ask`, as AWS Organizations and Identity Center would answer about it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leastwise.model.conformance import CaseError
from leastwise.providers.ask import text_of, texts_of

Call = tuple[str, object, str]
"""The call, its answer, and what it was asked about."""
_TYPES = {"scp": "SERVICE_CONTROL_POLICY", "rcp": "RESOURCE_CONTROL_POLICY"}
_UNNAMED = "o-0000000000"
_PARENT = ("parent", "Parent", "ParentId", "parent_id", "parentId", "ou", "unit")


@dataclass
class Organization:
    """What was asked about one organization."""

    id: str
    root: str
    calls: list[Call] = field(default_factory=list)


def organization_calls(
    documents: Sequence[tuple[str, Mapping[str, Any]]], accounts: Sequence[str]
) -> Organization | None:
    """The answers that tell what the documents (each a kind and a body) say; None without any.

    Units and accounts are lists of objects with `id` and `parent`, or objects from id to parent or to such an object.
    What names no parent stands under the root. Guardrails without an organization are those of one whose accounts, all
    that the case has, stand under its root.

    Raises:
        CaseError: a document lacks what it must have, or there are several organizations.
    """
    if not documents:
        return None
    bodies = [body for kind, body in documents if kind == "organization"]
    if len(bodies) > 1:
        raise CaseError(f"documents: {len(bodies)} organizations; a case has one")
    found = _tree(bodies[0] if bodies else _implied(documents, accounts))
    for number, (kind, body) in enumerate(documents):
        if kind in _TYPES:
            found.calls += _guardrail(found, kind, body, number)
        elif kind == "permission_set":
            found.calls += _permission_set(body)
    assignments = [body for kind, body in documents if kind == "account_assignment"]
    if assignments:
        found.calls += _directory(assignments)
        found.calls.append(("sso-admin.list-account-assignments", {"AccountAssignments": assignments}, ""))
    return found


def _implied(documents: Sequence[tuple[str, Mapping[str, Any]]], accounts: Sequence[str]) -> Mapping[str, Any]:
    targets = [target for kind, body in documents if kind in _TYPES for target in texts_of(body, "targets", f"{kind}.")]
    if not targets:
        return {"id": _UNNAMED}
    named = [target for target in targets if target.isdigit()]
    roots = [target for target in targets if target.startswith("r-")]
    return {"id": _UNNAMED, "root": roots[0] if roots else "", "accounts": sorted({*named, *accounts})}


def _tree(body: Mapping[str, Any]) -> Organization:
    id = text_of(body, "id", "organization.")
    units, accounts = (list(_placed(body.get(key), key)) for key in ("units", "accounts"))
    named = [unit for unit, _, _ in units if unit.startswith("r-")]
    named += [parent for _, parent, _ in (*units, *accounts) if parent.startswith("r-")]
    root = str(body.get("root") or (named[0] if named else "r-0000"))
    found = Organization(id, root)
    about: dict[str, Any] = {"Id": id}
    if body.get("management_account"):
        about["MasterAccountId"] = text_of(body, "management_account", "organization.")
    found.calls.append(("organizations.describe-organization", {"Organization": about}, ""))
    found.calls.append(("organizations.list-roots", {"Roots": [{"Id": root, "Name": "Root"}]}, ""))
    known = {account for account, _, _ in accounts}
    if about.get("MasterAccountId") and about["MasterAccountId"] not in known:
        accounts.append((about["MasterAccountId"], root, "management"))
    for unit, parent, name in units:
        if unit != root:
            listed = {"OrganizationalUnits": [{"Id": unit, "Name": name}]}
            found.calls.append(("organizations.list-organizational-units-for-parent", listed, _above(parent, found)))
    for account, parent, name in accounts:
        listed = {"Accounts": [{"Id": account, "Name": name}]}
        found.calls.append(("organizations.list-accounts-for-parent", listed, _above(parent, found)))
    return found


def _above(parent: str, found: Organization) -> str:
    return found.root if parent in ("", "root", "Root", found.id) else parent


def _placed(given: object, key: str) -> Iterator[tuple[str, str, str]]:
    """Id, parent (empty when none is named) and name of each."""
    entries: list[Any] = []
    if isinstance(given, Mapping):
        entries = [{"id": id, **(one if isinstance(one, Mapping) else {"parent": one})} for id, one in given.items()]
    elif isinstance(given, list):
        entries = [one if isinstance(one, Mapping) else {"id": one} for one in given]
    elif given is not None:
        raise CaseError(f"organization.{key}: must be a list or an object")
    for one in entries:
        id = one.get("id", one.get("Id"))
        if not isinstance(id, str) or not id:
            raise CaseError(f"organization.{key}: an entry has no id")
        parent = next((one[each] for each in _PARENT if one.get(each)), "")
        yield id, str(parent), str(one.get("name", one.get("Name")) or id)


def _guardrail(found: Organization, kind: str, body: Mapping[str, Any], number: int) -> Iterator[Call]:
    id = str(body.get("id") or f"p-{kind}{number}")
    summary = {"Id": id, "Name": str(body.get("name") or id), "Type": _TYPES[kind]}
    yield "organizations.list-policies", {"Policies": [summary]}, ""
    policy = body.get("policy")
    if policy is not None:
        content = policy if isinstance(policy, str) else json.dumps(policy)
        yield "organizations.describe-policy", {"Policy": {"PolicySummary": summary, "Content": content}}, ""
    for target in texts_of(body, "targets", f"{kind}."):
        yield "organizations.list-targets-for-policy", {"Targets": [{"TargetId": _above(target, found)}]}, id


def _directory(assignments: Sequence[Mapping[str, Any]]) -> Iterator[Call]:
    """The people and groups that assignments name; who is in the groups is not told."""
    named = {(str(one.get("PrincipalType")), str(one.get("PrincipalId"))) for one in assignments}
    people = sorted(id for kind, id in named if kind == "USER")
    groups = sorted(id for kind, id in named if kind == "GROUP")
    yield "identitystore.list-users", {"Users": [{"UserId": id, "UserName": id} for id in people]}, ""
    yield "identitystore.list-groups", {"Groups": [{"GroupId": id, "DisplayName": id} for id in groups]}, ""


def _permission_set(body: Mapping[str, Any]) -> Iterator[Call]:
    about = body.get("PermissionSet", body)
    name = about.get("Name") or about.get("PermissionSetArn") or "permission set"
    arn = str(about.get("PermissionSetArn") or f"arn:aws:sso:::permissionSet/{name}")
    about = {**about, "PermissionSetArn": arn}
    yield "sso-admin.describe-permission-set", {"PermissionSet": {"Name": arn.rsplit("/", 1)[-1], **about}}, arn
    inline = body.get("InlinePolicy")
    text = inline if isinstance(inline, str) or inline is None else json.dumps(inline)
    parts: tuple[tuple[str, str, object], ...] = (
        ("get-inline-policy-for-permission-set", "InlinePolicy", text or ""),
        ("list-managed-policies-in-permission-set", "AttachedManagedPolicies", None),
        ("list-customer-managed-policy-references-in-permission-set", "CustomerManagedPolicyReferences", None),
    )
    for call, key, value in parts:
        yield f"sso-admin.{call}", {key: body.get(key, []) if value is None else value}, arn
    boundary = body.get("PermissionsBoundary", {})
    yield "sso-admin.get-permissions-boundary-for-permission-set", {"PermissionsBoundary": boundary}, arn
