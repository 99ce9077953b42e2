"""What translators share: the tree, principals, documents, and what was told of resources and scopes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from leastwise.model.scope import Collected, CoverageStatus
from leastwise.providers.gcp import catalog
from leastwise.providers.gcp.tree import KINDS, RESOURCE_MANAGER, Tree, node_of_name
from leastwise.providers.members import Object
from leastwise.providers.rows import Facts

from .documents import Documents, Statement
from .members import Members

_IAM, _SERVICE_ACCOUNTS = "//iam.googleapis.com/", "/serviceAccounts/"


class Context:
    """Facts under construction. What is told twice holds as it was told first: newer documents come first."""

    def __init__(self, collected: Collected) -> None:
        self.collected = collected
        self.facts = Facts()
        self.tree = Tree()
        self.documents = Documents(self.facts)
        self.top = collected.scope.id
        self.members = Members(self.top, self.known_account)
        self.scopes: dict[str, dict[str, Any]] = {}
        self.resources: dict[str, dict[str, Any]] = {}
        self._begin()
        self._begin_more()
        kind = {one: plural for plural, one in KINDS.items()}[collected.scope.kind]
        self.tree.see(self.top if "/" in self.top else f"{kind}/{self.top}")

    def _begin(self) -> None:
        """What translators gather."""
        self.agents: dict[str, str] = {}
        """Id of a service account by its unique id."""
        self.reading = ""
        """The kind of the document that is being translated."""
        self.attached: dict[tuple[str, str, str], tuple[int | None, str]] = {}
        """Document, and the call that told it, by layer, target and policy."""
        self.contradicted: dict[str, str] = {}
        """What one call told again, and otherwise, and where: what came first holds."""
        self.ruleless: dict[str, tuple[Object, str, str]] = {}
        """Deny policies of which the rules were not told, by name: body, target, source."""
        self.unique: dict[str, str] = {}
        """Unique id of a service account by its id."""
        self.policies: dict[str, int] = {}
        """Row of the document of each role that was read, by name."""
        self.bundles: dict[str, dict[str, Any]] = {}
        """Columns of the table policies by id."""
        self.published: dict[str, tuple[Object, list[str], str]] = {}
        """Google's own roles that were read: only those that are named somewhere become rows."""
        self.roles_untold: set[str] = set()
        self.named_roles: dict[str, str] = {}
        """Roles that bindings name, and where one does."""
        self.without_conditions: dict[str, str] = {}
        self.trusting: list[tuple[str, int, Sequence[Statement]]] = []
        self.bindings: list[tuple[str, str, str, str | None, str]] = []
        self.groups: dict[str, str] = {}
        """Id of a group by its vendor name."""
        self.memberships: list[tuple[str, str, datetime | None, str]] = []
        self.asked_members: dict[str, bool] = {}
        """Groups that were asked for their members, by vendor name or mail address: whether they told them all."""
        self.keys: dict[str, dict[str, Any]] = {}
        self.key_used: dict[str, datetime | None] = {}
        self.delegated: list[tuple[str, str, frozenset[str], str]] = []
        """Entries about domain-wide delegation: time, client, whether given, source."""
        self.people: dict[str, str] = {}
        """The address of each person of the directory by the id there."""
        self.admin_roles: dict[str, tuple[str, ...]] = {}
        """The privileges of each role of the directory."""
        self.administering: list[tuple[str, str, str]] = []
        """Assignments of roles of the directory: to whom, which, and the unit that it is limited to."""
        self.asked_keys: list[str] = []
        self.keys_of: set[str] = set()
        """Service accounts whose keys were read."""
        self.running: dict[str, list[str]] = {}
        """Whom a resource runs as."""
        self.policies_read = False
        """Allow policies of the whole tree were asked for."""

    def _begin_more(self) -> None:
        """What they gather of tags, of what was not read, and of use."""
        self.tags: dict[str, str] = {}
        self.tag_keys: dict[str, str] = {}
        self.tagged: list[tuple[str, str, str]] = []
        """What a tag is bound to, its value, and the value's namespaced name where the binding says it."""
        self.bound_tags: dict[str, dict[str, str]] = {}
        """Tags by container or resource: key → value."""
        self.tag_ids: dict[str, dict[str, str]] = {}
        """The ids of these tags by container or resource: key → `tagKeys/1/tagValues/2`, or one of both."""
        self.numbered: dict[str, str] = {}
        """Full name of what Compute Engine numbers, by the full name that has the number: tags are bound to that."""
        self.listed: dict[str, tuple[Object, str]] = {}
        """What the access list of a dataset says as a policy, and where that was read, by the dataset's full name."""
        self.customers: dict[str, str] = {}
        """The directory of each organization that names it."""
        self.domains: dict[str, set[str]] = {}
        """Domains of mail addresses by the directory that they are of, empty for one that is not named."""
        self.domains_asked: set[str] = set()
        """Directories that were asked for all their domains, empty for one that is not named."""
        self.effective_tags: dict[str, dict[str, str]] = {}
        """Tags that a container has, bound to itself or to what is above it."""
        self.effective_ids: dict[str, dict[str, str]] = {}
        """The ids of these, as `tag_ids`."""
        self.exercised: dict[tuple[str, str], tuple[datetime, datetime, str]] = {}
        """Since when and until when somebody used a permission at least once, and where that was read."""
        self.idle: dict[str, tuple[datetime | None, str]] = {}
        """When service accounts that the vendor calls unused signed in last, and where that was read."""

    def account(self, node: str) -> str:
        """The account of rows below a container: a project's id, `projects/N`, `folders/N`, `organizations/N`."""
        if not node:
            return self.top
        name = self.tree.name(node)
        number = self.tree.number(name)
        return name.removeprefix("projects/") if name.startswith("projects/") and name != f"projects/{number}" else name

    def known_account(self, node: str) -> str:
        """The account of a container that documents tell of; empty for one outside the tree as it was read."""
        name = self.tree.name(node)
        return self.account(name) if name in self._containers else ""

    @cached_property
    def _containers(self) -> frozenset[str]:
        """Every container; asked when all documents have told what they know of them."""
        return frozenset(self.tree.containers())

    def scope(self, node: str, source: str, /, **columns: Any) -> None:
        """Say something of a container."""
        held = self.scopes.setdefault(node, {"source": source})
        for name, value in columns.items():
            if value is not None and value != "" and value != ():
                held.setdefault(name, value)

    def target(self, name: str) -> str:
        """What an attachment names of a full resource name: the id of a scope, or the name itself."""
        node = node_of_name(name) if name.startswith(RESOURCE_MANAGER) else ""
        return self.account(node) if node and name == RESOURCE_MANAGER + node else name

    def resource_name(self, name: str) -> str:
        """A full resource name as Cloud Asset writes it: a service account by its unique id, its project by its id."""
        project, separator, account = name.partition(_SERVICE_ACCOUNTS)
        if not separator or not project.startswith(_IAM):
            return name
        own, slash, rest = account.partition("/")
        id = self.members.id(f"serviceAccount:{own}", "") if "@" in own else self.agents.get(own, "")
        node = project.removeprefix(_IAM)
        if node == "projects/-":
            node = self.members.account(self.members.member(id)) if id else node
            node = node if "/" in node else f"projects/{node}"
        return f"{_IAM}{self.tree.name(node)}{_SERVICE_ACCOUNTS}{self.unique.get(id, own)}{slash}{rest}"

    def service_account_of(self, name: str) -> str:
        """The id of the service account that a full resource name is of, or lies below; empty if it is not known."""
        own = name.partition(_SERVICE_ACCOUNTS)[2].partition("/")[0]
        if "@" in own:
            return self.members.id(f"serviceAccount:{own}", "")
        return self.agents.get(own, "")

    def permissions_of(self, role: str) -> frozenset[str] | None:
        """The permissions of a role that was read, or that Google publishes; None when they are not known."""
        row = self.policies.get(role)
        if row is not None and role not in self.roles_untold:
            return frozenset(action for one in self.documents.statements[row] for action in one.actions)
        if role in self.published:
            return frozenset(self.published[role][1])
        return None if row is not None else catalog.permissions_of(role)

    def default_account(self, node: str) -> str:
        """The address of a project's default service account of Compute Engine; empty where its number is not known."""
        path = [one for one in self.tree.path(node) if one.startswith("projects/")] if node else []
        number = self.tree.number(path[0]) if path else ""
        return f"{number}-compute@developer.gserviceaccount.com" if number else ""

    def runs(self, name: str, text: str, source: str) -> None:
        """A resource runs as somebody."""
        held = self.running.setdefault(name, [])
        id = self.members.id(text, source)
        if id not in held:
            held.append(id)

    def account_of(self, name: str) -> str:
        """The account of a full resource name."""
        told = self.resources.get(name, {}).get("node", "")
        return self.account(told or node_of_name(name))

    def resource(self, name: str, source: str, /, **columns: Any) -> None:
        """Say something of a resource."""
        held = self.resources.setdefault(name, {"source": source})
        for key, value in columns.items():
            if value is not None and value != "" and value != ():
                held.setdefault(key, value)

    def attach(
        self, layer: str, kind: str, target: str, policy: str, document: int | None, source: str,
        account: str = "", condition: str | None = None,
    ) -> None:  # fmt: skip
        """A document in force on something, once."""
        key = (layer, target, policy)
        if layer != "principal_access_boundary":
            if key in self.attached:
                before, call = self.attached[key]
                if before != document and call == self.reading:
                    self.contradicted.setdefault(f"{policy} of {target}", source)
                return
            self.attached[key] = (document, self.reading)
        self.facts.attachments.add(
            account=account or self.top, layer=layer, kind=kind, target=target, policy=policy, document=document,
            condition=condition, source=source,
        )  # fmt: skip

    def gap(self, service: str, call: str, status: CoverageStatus, detail: str, affects: str) -> None:
        """A collection gap that only translation could see."""
        self.facts.coverage.add(service=service, call=call, status=status.value, detail=detail, affects=affects)

    def finish(self) -> Facts:
        """The facts, with the rows of everything that was told bit by bit."""
        from .finishing import finish

        finish(self)
        return self.facts
