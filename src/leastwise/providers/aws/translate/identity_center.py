"""Identity Center: people and groups of its directory, permission sets, and who holds them in which account.

A permission set has four parts: an inline policy, AWS managed policies, customer managed policies (named by name and
path, and found in each account: https://docs.aws.amazon.com/singlesignon/latest/userguide/howtocmp.html) and a
permissions boundary. Each is told by a call of its own; a part that was not read may hold anything.
"""

from __future__ import annotations

from leastwise.model.scope import CoverageStatus

from .context import Context
from .saved import Saved
from .shapes import Node

_PARTS = {
    "get-inline-policy-for-permission-set": "inline policy",
    "list-managed-policies-in-permission-set": "AWS managed policies",
    "list-customer-managed-policy-references-in-permission-set": "customer managed policies",
    "get-permissions-boundary-for-permission-set": "permissions boundary",
}
"""The call that tells each part of a permission set."""

_ASSIGNING = ("ListPermissionSets", "ListAccountsForProvisionedPermissionSet", "ListAccountAssignments")
"""The calls that lead to assignments: where one failed, assignments may be missing."""

_BOUNDARY = "permissions boundary"
_NOTHING = b'{"Version":"2012-10-17","Statement":[]}'


def translate_identity_center(responses: list[Saved], context: Context) -> None:
    """Every saved response of sso-admin and identitystore. Raises InputError."""
    center = _Center(responses, context)
    for saved in responses:
        operation = saved.call.partition(".")[2]
        if saved.service == "sso-admin":
            if operation == "list-account-assignments":
                center.assignments(saved)
            elif operation.partition("!")[0] in _PARTS:
                center.part(saved, operation)
        elif saved.service == "identitystore":
            center.directory(saved, operation)
    center.close_sets()
    center.close_directory()


class _Center:
    """What was read of Identity Center, and so what was not."""

    def __init__(self, responses: list[Saved], context: Context) -> None:
        self._context = context
        self._names: dict[str, str] = {}
        self._read: dict[str, dict[str, str]] = {}
        self._giving: set[str] = set()
        self._asked_assignments = False
        self._assigned: set[str] = set()
        self._asked_groups: set[str] = set()
        self._unnamed = 0
        self._group_arns: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        self._people: dict[str, str] = {}
        for saved in responses:
            if saved.call == "sso-admin.list-permission-sets" and not saved.texts("PermissionSets"):
                self._asked_assignments = True
            elif saved.call == "sso-admin.describe-permission-set":
                about = saved.node("PermissionSet")
                self._names[about.text("Name")] = about.text("PermissionSetArn")

    def assignments(self, saved: Saved) -> None:
        """list-account-assignments."""
        self._asked_assignments = True
        for one in saved.nodes("AccountAssignments"):
            kind = one.text("PrincipalType").lower()
            principal = _arn(kind, one.text("PrincipalId"))
            if kind == "group":
                self._assigned.add(principal)
            self._context.facts.assignments.add(
                bundle=one.text("PermissionSetArn"), account=one.text("AccountId"), principal_kind=kind,
                principal=principal, source=saved.name,
            )  # fmt: skip

    def part(self, saved: Saved, operation: str) -> None:
        """One part of one permission set; the vendor's word that there is none is an answer too."""
        operation, _, absent = operation.partition("!")
        subject = saved.subject()
        arn = self._names.get(subject, subject)
        self._read.setdefault(arn, {})[_PARTS[operation]] = saved.name
        if absent:
            return
        if operation.startswith("get-inline"):
            self._inline(saved, arn)
        elif operation.startswith("list-managed"):
            for one in saved.nodes("AttachedManagedPolicies"):
                self._attach(arn, one.text("Arn"), None, saved.name)
        elif operation.startswith("list-customer"):
            for one in saved.nodes("CustomerManagedPolicyReferences"):
                self._attach(arn, _named(one), None, saved.name)
        else:
            boundary = saved.node("PermissionsBoundary")
            policy = boundary.maybe("ManagedPolicyArn")
            reference = boundary.node("CustomerManagedPolicyReference")
            if policy or reference:
                self._attach(arn, policy or _named(reference), None, saved.name, "boundary")

    def _inline(self, saved: Saved, arn: str) -> None:
        if not saved.maybe("InlinePolicy"):
            return
        row = self._context.documents.intern_text(saved.text("InlinePolicy"))
        self._set_policy(arn, "inline", row, saved.name)
        self._attach(arn, "inline", row, saved.name)

    def _set_policy(self, arn: str, version: str, row: int, source: str) -> None:
        name = next((name for name, one in self._names.items() if one == arn), arn)
        self._context.facts.policies.add(
            id=arn, account=self._context.account, name=name, kind="permission_set", version=version,
            default=True, document=row, source=source,
        )  # fmt: skip

    def _attach(self, target: str, policy: str, row: int | None, source: str, layer: str = "identity") -> None:
        if layer == "identity":
            self._giving.add(target)
        self._context.facts.attachments.add(
            account=self._context.account, layer=layer, kind="permission_set", target=target, policy=policy,
            document=row, source=source,
        )  # fmt: skip

    def close_sets(self) -> None:
        """A row without a document for each part that was not read; an empty document for a set that gives nothing."""
        for arn, parts in sorted(self._read.items()):
            source = min(parts.values())
            for part in _PARTS.values():
                if part not in parts:
                    layer = "boundary" if part == _BOUNDARY else "identity"
                    self._attach(arn, f"{part} (not read)", None, source, layer)
            if arn not in self._giving:
                self._set_policy(arn, "empty", self._context.documents.intern(_NOTHING), source)

    def directory(self, saved: Saved, operation: str) -> None:
        """People, groups and memberships."""
        if operation == "list-users":
            for user in saved.nodes("Users"):
                mails, arn = user.nodes("Emails"), _arn("user", user.text("UserId"))
                self._people[arn] = saved.name
                self._context.principal(
                    arn, saved.name, kind="human", tags=[],
                    native="identity_center_user", name=user.maybe("UserName"), unique_id=user.maybe("UserId"),
                    mail=mails[0].maybe("Value") if mails else None,
                    enabled=user.maybe("UserStatus") == "ENABLED" if "UserStatus" in user else None,
                    details=_external(user),
                )  # fmt: skip
        elif operation == "list-groups":
            for group in saved.nodes("Groups"):
                arn = _arn("group", group.text("GroupId"))
                self._groups[arn] = saved.name
                if group.maybe("DisplayName"):
                    self._group_arns[group.text("DisplayName")] = arn
                self._context.principal(
                    arn, saved.name, kind="group", tags=[],
                    native="identity_center_group", name=group.maybe("DisplayName"), unique_id=group.maybe("GroupId"),
                    details=_external(group),
                )  # fmt: skip
        elif operation == "list-group-memberships":
            self._asked_groups.update(saved.subjects)
            self._unnamed += not saved.subjects
            for one in saved.nodes("GroupMemberships"):
                owner = _arn("group", one.text("GroupId"))
                self._asked_groups.add(owner)
                self._context.facts.memberships.add(
                    member=_arn("user", one.node("MemberId").text("UserId")), kind="identity_center_group",
                    source=saved.name, group=owner,
                )  # fmt: skip

    def close_directory(self) -> None:
        """What acts on people and groups without our knowing: assignments or memberships that were not read."""
        if not self._asked_assignments or self._failed("sso-admin", *_ASSIGNING):
            for arn, source in (self._people | self._groups).items():
                self._unread(arn, "account assignments", source)
        asked = self._asked_groups | {self._group_arns.get(name, "") for name in self._asked_groups}
        if self._unnamed and self._unnamed >= len(self._groups):
            # Our own collector asks for every group that is listed, and need not name them.
            asked |= set(self._groups)
        hidden = {arn for arn in self._assigned if arn not in asked and arn.rpartition("/")[2] not in asked}
        for arn, source in self._people.items() if hidden else ():
            self._unread(arn, f"{len(hidden)} groups whose members were not read", source)

    def _failed(self, service: str, *calls: str) -> bool:
        return any(
            one.service == service and one.call in calls and one.status is not CoverageStatus.OK
            for one in self._context.collected.coverage
        )

    def _unread(self, arn: str, what: str, source: str) -> None:
        self._context.facts.attachments.add(
            account=self._context.account, layer="identity", kind="unread", target=arn, policy=what, source=source
        )


def _named(reference: Node) -> str:
    return f"customer managed policy {reference.maybe('Path') or '/'}{reference.text('Name')}"


def _external(one: Node) -> list[tuple[str, str]] | None:
    """The ids that a directory gave somebody, by their issuer.

    https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_ExternalId.html
    """
    found = [(f"external_id:{id.text('Issuer')}", id.text("Id")) for id in one.nodes("ExternalIds")]
    return found or None


def _arn(kind: str, id: str) -> str:
    return f"arn:aws:identitystore:::{kind}/{id}"
