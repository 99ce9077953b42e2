"""The organization: its tree, its guardrails, and Identity Center's people, permission sets and assignments.

Guardrails attach to a root, a unit or an account; every level must allow
(https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html).
"""

from __future__ import annotations

from typing import Any

import msgspec

from leastwise.errors import InputError
from leastwise.model.scope import RawDocument

from .context import Context
from .resources import as_policy
from .saved import Saved

_KINDS = {"SERVICE_CONTROL_POLICY": "scp", "RESOURCE_CONTROL_POLICY": "rcp"}


class Tree:
    """The scopes and guardrails of one organization while they are read; `write` puts them into the tables."""

    def __init__(self, id: str) -> None:
        self.id, self.management = id, ""
        self.scopes: dict[str, dict[str, Any]] = {}
        self.policies: dict[str, dict[str, Any]] = {}
        self.targets: list[tuple[str, str, str]] = []

    def scope(self, id: str, kind: str, source: str, **values: Any) -> None:
        """A scope of the tree; facts given twice are joined."""
        row = self.scopes.setdefault(id, {"id": id, "kind": kind, "tenant": self.id, "source": source})
        row.update({key: value for key, value in values.items() if value is not None})

    def policy(self, id: str, kind: str, source: str, **values: Any) -> None:
        """A guardrail: `document` (bytes), `name`, `arn`."""
        row = self.policies.setdefault(id, {"kind": kind, "source": source})
        row.update({key: value for key, value in values.items() if value is not None})

    def write(self, context: Context) -> None:
        """Add scopes, guardrails and their attachments; a guardrail without its document keeps a null document."""
        for id in sorted(self.scopes):
            row = self.scopes[id]
            if row["kind"] == "account" and self.management:
                row["management"] = id == self.management
            context.facts.scopes.add(**row)
        rows: dict[str, int] = {}
        for id, policy in sorted(self.policies.items()):
            if "document" not in policy:
                continue
            rows[id] = context.documents.intern(policy["document"])
            context.facts.policies.add(
                id=policy.get("arn", id), account=self.id, name=policy.get("name", id), kind=policy["kind"],
                version="1", default=True, document=rows[id], source=policy["source"],
            )  # fmt: skip
        for id, target, source in sorted(set(self.targets)):
            held = self.policies.get(id, {"kind": "scp"})
            context.facts.attachments.add(
                account=self.id, layer=held["kind"], kind=held["kind"], target=target, policy=held.get("arn", id),
                document=rows.get(id), source=source,
            )  # fmt: skip


def translate_summary(document: RawDocument, context: Context) -> None:
    """The one-file organization that shared/bench writes. Raises InputError."""
    try:
        found = msgspec.json.decode(document.body)
        tree = Tree(str(found["Id"]))
        tree.scope(tree.id, "organization", document.name)
        tree.scope(str(found["Root"]), "root", document.name, parent=tree.id)
        for id, unit in found["OrganizationalUnits"].items():
            tree.scope(id, "organizational_unit", document.name, parent=unit["Parent"], name=unit.get("Name"))
        for id, account in found["Accounts"].items():
            tree.scope(id, "account", document.name, parent=account["Parent"], name=account.get("Name"))
        for section, kind in (("ServiceControlPolicies", "scp"), ("ResourceControlPolicies", "rcp")):
            for id, policy in found.get(section, {}).items():
                tree.policy(id, kind, document.name, document=as_policy(policy["Document"]), name=id)
                tree.targets += [(id, target, document.name) for target in policy["Targets"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(document.name, f"not an organization summary: {error!r}") from None
    tree.write(context)


def collected_organization(
    parts: list[str], values: dict[str, Any], files: dict[str, RawDocument], context: Context
) -> None:
    """One folder of an iam-collect organization; the tree is written when its last folder has come."""
    tree = context.tree or Tree(context.account)
    context.tree = tree
    source = next(iter(files.values())).name
    if not parts:
        about = values.get("metadata.json", {})
        tree.management = str(about.get("rootAccountId", ""))
        tree.scope(tree.id, "organization", source)
        for id, unit in values.get("ous.json", {}).items():
            kind = "root" if id.startswith("r-") else "organizational_unit"
            tree.scope(id, kind, source, parent=unit.get("parent") or tree.id)
            _targets(tree, id, unit, source)
        for id, account in values.get("accounts.json", {}).items():
            tree.scope(id, "account", source, parent=account.get("ou"))
            _targets(tree, id, account, source)
    elif parts[0] == "ous":
        about, kind = values.get("metadata.json", {}), "root" if parts[1].startswith("r-") else "organizational_unit"
        tree.scope(
            parts[1], kind, source, name=about.get("name"), tags=list(values.get("tags.json", {}).items()) or None
        )
    elif parts[0] in ("scps", "rcps"):
        about = values.get("metadata.json", {})
        arn = about.get("arn", parts[1])
        body = files["policy.json"].body if "policy.json" in files else None
        tree.policy(_id(arn), parts[0][:-1], source, document=body, arn=arn, name=about.get("name"))


def _targets(tree: Tree, target: str, held: dict[str, Any], source: str) -> None:
    for section in ("scps", "rcps"):
        for arn in held.get(section) or []:
            tree.policy(_id(arn), section[:-1], source, arn=arn)
            tree.targets.append((_id(arn), target, source))


def _id(arn: str) -> str:
    return arn.rpartition("/")[2].lower()


# --- saved responses ------------------------------------------------------------------------------------------------


def translate_organization(responses: list[Saved], context: Context) -> None:
    """Every saved response of organizations, sso-admin and identitystore. Raises InputError."""
    tree = Tree(context.account)
    sets: dict[str, str] = {}
    for saved in responses:
        if saved.call == "organizations.describe-organization":
            about = saved.body.get("Organization") or {}
            tree.management = str(about.get("MasterAccountId", ""))
            tree.scope(tree.id, "organization", saved.name)
        elif saved.call == "sso-admin.describe-permission-set":
            about = saved.body.get("PermissionSet") or {}
            sets[saved.text("Name", about)] = saved.text("PermissionSetArn", about)
    for saved in responses:
        if saved.service == "organizations":
            _organizations(saved, tree)
        elif saved.service == "sso-admin":
            _permission_sets(saved, sets, context)
        elif saved.service == "identitystore":
            _directory(saved, context)
    if tree.scopes:
        tree.write(context)


def _organizations(saved: Saved, tree: Tree) -> None:
    operation = saved.call.partition(".")[2]
    if operation == "list-roots":
        for root in saved.list("Roots"):
            tree.scope(saved.text("Id", root), "root", saved.name, name=root.get("Name"), parent=tree.id)
    elif operation == "list-organizational-units-for-parent":
        for unit in saved.list("OrganizationalUnits"):
            tree.scope(
                saved.text("Id", unit), "organizational_unit", saved.name, name=unit.get("Name"), parent=saved.subject()
            )
    elif operation in ("list-accounts", "list-accounts-for-parent"):
        parent = saved.subject() if operation.endswith("parent") else None
        for one in saved.list("Accounts"):
            tree.scope(
                saved.text("Id", one), "account", saved.name, name=one.get("Name"), parent=parent,
                status=one.get("Status") or one.get("State"),
            )  # fmt: skip
    elif operation == "list-policies":
        for one in saved.list("Policies"):
            _summary(saved, one, tree)
    elif operation == "describe-policy":
        policy = saved.body.get("Policy") or {}
        id = _summary(saved, policy.get("PolicySummary") or {}, tree)
        if id:
            tree.policies[id]["document"] = as_policy(saved.text("Content", policy))
    elif operation == "list-targets-for-policy":
        tree.targets += [(saved.subject(), saved.text("TargetId", one), saved.name) for one in saved.list("Targets")]
    elif operation == "list-policies-for-target":
        for one in saved.list("Policies"):
            id = _summary(saved, one, tree)
            if id:
                tree.targets.append((id, saved.subject(), saved.name))


def _summary(saved: Saved, summary: dict[str, Any], tree: Tree) -> str | None:
    kind = _KINDS.get(str(summary.get("Type")))
    if kind is None:
        return None
    id = saved.text("Id", summary)
    tree.policy(id, kind, saved.name, arn=summary.get("Arn"), name=summary.get("Name"))
    return id


def _permission_sets(saved: Saved, sets: dict[str, str], context: Context) -> None:
    operation = saved.call.partition(".")[2]
    facts = context.facts
    if operation == "list-account-assignments":
        for one in saved.list("AccountAssignments"):
            kind = saved.text("PrincipalType", one).lower()
            facts.assignments.add(
                bundle=saved.text("PermissionSetArn", one), account=saved.text("AccountId", one), principal_kind=kind,
                principal=_directory_arn(kind, saved.text("PrincipalId", one)), source=saved.name,
            )  # fmt: skip
        return
    if operation not in ("get-inline-policy-for-permission-set", "list-managed-policies-in-permission-set"):
        return
    subject = saved.subject()
    arn = sets.get(subject, subject)
    if operation.startswith("get-inline"):
        if saved.body.get("InlinePolicy"):
            row = context.documents.intern_text(saved.text("InlinePolicy"))
            facts.policies.add(
                id=arn, account=context.account, name=_name_of(arn, sets), kind="permission_set", version="inline",
                default=True, document=row, source=saved.name,
            )  # fmt: skip
            _attach(context, arn, "inline", row, saved.name)
    else:
        for one in saved.list("AttachedManagedPolicies"):
            _attach(context, arn, saved.text("Arn", one), None, saved.name)


def _name_of(arn: str, sets: dict[str, str]) -> str:
    return next((name for name, one in sets.items() if one == arn), arn)


def _attach(context: Context, target: str, policy: str, row: int | None, source: str) -> None:
    context.facts.attachments.add(
        account=context.account, layer="identity", kind="permission_set", target=target, policy=policy, document=row,
        source=source,
    )  # fmt: skip


def _directory_arn(kind: str, id: str) -> str:
    return f"arn:aws:identitystore:::{kind}/{id}"


def _directory(saved: Saved, context: Context) -> None:
    operation = saved.call.partition(".")[2]
    if operation == "list-users":
        for user in saved.list("Users"):
            mails = user.get("Emails") or []
            context.principal(
                _directory_arn("user", saved.text("UserId", user)), saved.name, kind="human", tags=[],
                native="identity_center_user", name=user.get("UserName"), mail=mails[0].get("Value") if mails else None,
                unique_id=user.get("UserId"),
                enabled=user["UserStatus"] == "ENABLED" if "UserStatus" in user else None,
            )  # fmt: skip
    elif operation == "list-groups":
        for group in saved.list("Groups"):
            context.principal(
                _directory_arn("group", saved.text("GroupId", group)), saved.name, kind="group", tags=[],
                native="identity_center_group", name=group.get("DisplayName"), unique_id=group.get("GroupId"),
            )  # fmt: skip
    elif operation == "list-group-memberships":
        for one in saved.list("GroupMemberships"):
            member = (one.get("MemberId") or {}).get("UserId")
            context.facts.memberships.add(
                member=_directory_arn("user", str(member)), kind="identity_center_group", source=saved.name,
                group=_directory_arn("group", saved.text("GroupId", one)),
            )  # fmt: skip
