"""What translators share: the tree, principals, documents, and what was told of resources and containers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from leastwise.model.scope import Collected, CoverageStatus
from leastwise.providers.azure.language.activation import Activation
from leastwise.providers.azure.language.ids import ROOT, ArmId, IdError, arm_id
from leastwise.providers.azure.language.lighthouse import Accepted, Offer
from leastwise.providers.azure.language.roles import Role
from leastwise.providers.azure.tree import MANAGEMENT_GROUPS, SUBSCRIPTIONS, Tree
from leastwise.providers.interned import Documents
from leastwise.providers.members import Object
from leastwise.providers.rows import Facts

from .given import Given
from .own_systems import OwnSystems
from .principals import Principals


class Context:
    """Facts under construction. What is told twice holds as it was told first: newer documents come first."""

    def __init__(self, collected: Collected) -> None:
        self.collected = collected
        self.facts = Facts()
        self.tree = Tree()
        self.documents = Documents(self.facts)
        self.top = collected.scope.id
        self.principals = Principals(self.top)
        self.containers: dict[str, dict[str, Any]] = {}
        """Columns of the table scopes by the container's key."""
        self.resources: dict[str, dict[str, Any]] = {}
        """Columns of the table resources by the key of the resource's id; `id` is as it was written first."""
        self.reading = ""
        """The kind of the document that is being translated."""
        self.read_roles: dict[str, tuple[Role, Object, str]] = {}
        """Role definitions that were read, by key: parsed, as they were written, and where."""
        self.named_roles: dict[str, tuple[str, str]] = {}
        """Roles that assignments name: the name that was told with one, and where."""
        self.given: dict[tuple[str, ...], Given] = {}
        """Roles that are given, each once; see `assignments`."""
        self.activations: list[Activation] = []
        """How eligible roles are activated."""
        self.activation_rules: dict[str, str | None] = {}
        """What role management policies ask for, by the id of the policy in lower case."""
        self.denials: set[tuple[str, ...]] = set()
        self.odd: dict[str, list[str]] = {}
        """What could not be translated, by the reason: where it was read."""
        self.offers: dict[str, Offer] = {}
        """Lighthouse definitions, by key."""
        self.delegations: list[tuple[Accepted, str]] = []
        """Lighthouse assignments, and where they were read."""
        self.federated: dict[str, tuple[ArmId, Object, str]] = {}
        """Federated credentials by the key of their id."""
        self.identities: dict[str, str] = {}
        """As whom an identity of the user's acts, by the key of its id."""
        self.vaults: set[str] = set()
        self.own = OwnSystems()
        self.retired: list[str] = []
        self.running: dict[str, list[str]] = {}
        """Whom a resource runs as, by the resource's key."""
        self.attached: dict[str, list[str]] = {}
        """Resources that an identity of the user's is attached to, by the identity's key: where they were told."""
        self.begin()

    def begin(self) -> None:
        """The scope itself is a container that was read."""
        prefix = SUBSCRIPTIONS if self.collected.scope.kind == "subscription" else MANAGEMENT_GROUPS
        self.tree.see(arm_id(prefix + self.top))

    def id(self, text: str, source: str) -> ArmId | None:
        """An id of Azure Resource Manager; None, and a gap, for another text."""
        try:
            found = arm_id(text)
        except IdError:
            self.skip("an id that is none of Azure Resource Manager", source)
            return None
        self.tree.see(found)
        return found

    def skip(self, reason: str, source: str) -> None:
        """Something was left out."""
        self.odd.setdefault(reason, []).append(source)

    def account(self, id: ArmId) -> str:
        """The account of rows about a resource or container: a subscription's id, a group's name, or `/`."""
        return self.tree.name(self.tree.see(id))

    def target(self, id: ArmId) -> str:
        """What an attachment names: the id of a scope, or the resource's id as it was written first."""
        if id.key == ROOT or id.top == id.key:
            return self.account(id)
        return str(self.resources[id.key]["id"]) if id.key in self.resources else id.text

    def place(self, id: ArmId, source: str) -> str:
        """As `target`, of something that is named: a container or resource is one that there is."""
        if id.key == ROOT or id.top == id.key:
            self.containers.setdefault(id.top, {"source": source})
        else:
            self.resource(id, source)
        return self.target(id)

    def container(self, key: str, source: str, /, **columns: Any) -> None:
        """Say something of a container."""
        _fill(self.containers.setdefault(key, {"source": source}), columns)

    def resource(self, id: ArmId, source: str, /, **columns: Any) -> None:
        """Say something of a resource."""
        held = self.resources.setdefault(id.key, {"id": id.text, "source": source})
        details = dict(held.get("details", ()))
        for name, value in columns.pop("details", ()):
            details.setdefault(name, value)
        held["details"] = tuple(details.items())
        _fill(held, columns)

    def runs(self, id: ArmId, principal: str) -> None:
        """A resource runs as somebody."""
        held = self.running.setdefault(id.key, [])
        if principal not in held:
            held.append(principal)

    def attach(
        self,
        layer: str,
        kind: str,
        scope: ArmId,
        policy: str,
        document: int,
        source: str,
        until: datetime | None = None,
        requires: str | None = None,
    ) -> None:
        """A document in force at a scope."""
        self.facts.attachments.add(
            account=self.account(scope), layer=layer, kind=kind, target=self.place(scope, source), policy=policy,
            document=document, until=until, requires=requires, source=source,
        )  # fmt: skip

    def gap(self, service: str, call: str, status: CoverageStatus, detail: str, affects: str) -> None:
        """A collection gap that only translation could see."""
        self.facts.coverage.add(service=service, call=call, status=status.value, detail=detail, affects=affects)

    def finish(self) -> Facts:
        """The facts, with the rows of everything that was told bit by bit."""
        from .finishing import finish

        finish(self)
        return self.facts


def _fill(held: dict[str, Any], columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        if value is not None and value != "" and value != ():
            held.setdefault(name, value)
