"""The organization: its tree and its guardrails.

Guardrails attach to a root, a unit or an account; every level must allow
(https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html).
"""

from __future__ import annotations

from typing import Any

from leastwise.model.scope import RawDocument

from .context import Context
from .identity_center import translate_identity_center
from .resources import as_policy
from .saved import Saved
from .shapes import Node, decode, texts_of

_KINDS = {"SERVICE_CONTROL_POLICY": "scp", "RESOURCE_CONTROL_POLICY": "rcp"}
_BUILT_IN = {
    "p-fullawsaccess": b'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
    "p-rcpfullawsaccess": b'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*",'
    b'"Resource":"*"}]}',
}
"""Guardrails that AWS writes and nobody can change, by id in small letters
(https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html)."""


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
        for id, policy in self.policies.items():
            if "document" not in policy and id.lower() in _BUILT_IN:
                policy["document"] = _BUILT_IN[id.lower()]
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
    found = Node(document.name, decode(document.name, document.body))
    tree = Tree(found.text("Id"))
    tree.scope(tree.id, "organization", document.name)
    tree.scope(found.text("Root"), "root", document.name, parent=tree.id)
    for section, kind in (("OrganizationalUnits", "organizational_unit"), ("Accounts", "account")):
        for id, one in found.items(section):
            tree.scope(id, kind, document.name, parent=one.text("Parent"), name=one.maybe("Name"))
    for section, kind in (("ServiceControlPolicies", "scp"), ("ResourceControlPolicies", "rcp")):
        for id, policy in found.items(section):
            tree.policy(id, kind, document.name, document=as_policy(policy.raw("Document")), name=id)
            tree.targets += [(id, target, document.name) for target in policy.texts("Targets")]
    tree.write(context)


def collected_organization(parts: list[str], files: dict[str, RawDocument], context: Context) -> None:
    """One folder of an iam-collect organization; the tree is written when its last folder has come."""
    tree = context.tree or Tree(context.account)
    context.tree = tree
    source = next(iter(files.values())).name

    def file(name: str) -> Node:
        document = files.get(name)
        return Node(document.name, decode(document.name, document.body)) if document else Node(source, {})

    about = file("metadata.json")
    if not parts:
        tree.management = about.maybe("rootAccountId") or ""
        tree.scope(tree.id, "organization", source)
        for id, unit in file("ous.json").members():
            kind = "root" if id.startswith("r-") else "organizational_unit"
            tree.scope(id, kind, source, parent=unit.maybe("parent") or tree.id)
            _targets(tree, id, unit, source)
        for id, account in file("accounts.json").members():
            tree.scope(id, "account", source, parent=account.maybe("ou"))
            _targets(tree, id, account, source)
    elif len(parts) == 1:
        context.left_out(source)
    elif parts[0] == "ous":
        kind = "root" if parts[1].startswith("r-") else "organizational_unit"
        tags = texts_of(file("tags.json").value)
        tree.scope(parts[1], kind, source, name=about.maybe("name"), tags=tags or None)
    elif parts[0] in ("scps", "rcps"):
        arn = about.maybe("arn") or parts[1]
        body = files["policy.json"].body if "policy.json" in files else None
        tree.policy(_id(arn), parts[0][:-1], source, document=body, arn=arn, name=about.maybe("name"))


def _targets(tree: Tree, target: str, held: Node, source: str) -> None:
    for section in ("scps", "rcps"):
        for arn in held.texts(section):
            tree.policy(_id(arn), section[:-1], source, arn=arn)
            tree.targets.append((_id(arn), target, source))


def _id(arn: str) -> str:
    return arn.rpartition("/")[2].lower()


# --- saved responses ------------------------------------------------------------------------------------------------


def translate_organization(responses: list[Saved], context: Context) -> None:
    """Every saved response of organizations, sso-admin and identitystore. Raises InputError."""
    tree = Tree(context.account)
    for saved in responses:
        if saved.call == "organizations.describe-organization":
            about = saved.node("Organization")
            tree.management = about.maybe("MasterAccountId", "ManagementAccountId") or ""
            tree.scope(tree.id, "organization", saved.name)
        elif saved.service == "organizations":
            _organizations(saved, tree)
    translate_identity_center(responses, context)
    if tree.scopes:
        tree.write(context)


def _organizations(saved: Saved, tree: Tree) -> None:
    operation = saved.call.partition(".")[2]
    _guardrails(saved, operation, tree)
    if operation == "list-roots":
        for root in saved.nodes("Roots"):
            tree.scope(root.text("Id"), "root", saved.name, name=root.maybe("Name"), parent=tree.id)
    elif operation == "list-organizational-units-for-parent":
        for unit in saved.nodes("OrganizationalUnits"):
            tree.scope(
                unit.text("Id"), "organizational_unit", saved.name, name=unit.maybe("Name"), parent=saved.subject()
            )
    elif operation in ("list-accounts", "list-accounts-for-parent"):
        parent = saved.subject() if operation.endswith("parent") else None
        for one in saved.nodes("Accounts"):
            tree.scope(
                one.text("Id"), "account", saved.name, name=one.maybe("Name"), parent=parent,
                status=one.maybe("Status", "State"),
            )  # fmt: skip


def _guardrails(saved: Saved, operation: str, tree: Tree) -> None:
    if operation == "list-policies":
        for one in saved.nodes("Policies"):
            _summary(saved, one, tree)
    elif operation == "describe-policy":
        policy = saved.node("Policy")
        id = _summary(saved, policy.node("PolicySummary"), tree)
        if id:
            tree.policies[id]["document"] = as_policy(policy.text("Content"))
    elif operation == "list-targets-for-policy":
        tree.targets += [(saved.subject(), one.text("TargetId"), saved.name) for one in saved.nodes("Targets")]
    elif operation == "list-policies-for-target":
        for one in saved.nodes("Policies"):
            id = _summary(saved, one, tree)
            if id:
                tree.targets.append((id, saved.subject(), saved.name))


def _summary(saved: Saved, summary: Node, tree: Tree) -> str | None:
    kind = _KINDS.get(summary.maybe("Type") or "")
    if kind is None:
        return None
    id = summary.text("Id")
    tree.policy(id, kind, saved.name, arn=summary.maybe("Arn"), name=summary.maybe("Name"))
    return id
