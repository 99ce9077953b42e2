"""What translators share: who there is, documents, what was told bit by bit, and what could not be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from leastwise.model.scope import Collected, CoverageStatus
from leastwise.providers.entra.language.assignments import Assignment, Enrolment
from leastwise.providers.entra.language.directory import Unit
from leastwise.providers.entra.language.grants import AppRole, Delegation, Trusted
from leastwise.providers.entra.language.ids import Place
from leastwise.providers.entra.language.roles import Role
from leastwise.providers.fields import Body, Fields
from leastwise.providers.interned import HARMLESS, Documents, Statement, canonical
from leastwise.providers.microsoft.requests import Decided
from leastwise.providers.rows import Facts

from .credentials import Credentials
from .people import People
from .reading import Object


@dataclass(frozen=True, slots=True)
class IntuneRole:
    """A role of Intune: its title, its actions, whether it is the tenant's own, and where it was read."""

    title: str
    actions: tuple[str, ...]
    custom: bool
    source: str


@dataclass(frozen=True, slots=True)
class IntuneGrant:
    """A role of Intune that was given: which, to whom, over what, and where it was read."""

    role: str
    who: tuple[str, ...]
    scopes: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Active:
    """Roles that are in use.

    Args:
        templates: the template of each.
        members: who has one of them where, by role (or template) and object id, and where that was read.
    """

    templates: dict[str, str] = field(default_factory=dict)
    members: dict[tuple[str, str, Place], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked PIM for.

    Args:
        requests: the layer of what each is about, as it was written, its group where its list names it, and where.
        roles: which they name.
        decided: who decided about them.
    """

    requests: list[tuple[str, Body, str, str]] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    decided: Decided = field(default_factory=Decided)


class Context:
    """Facts under construction. What is told twice holds as it was told first: newer documents come first."""

    def __init__(self, collected: Collected) -> None:
        self.collected = collected
        self.tenant = collected.scope.id
        self.facts = Facts()
        self.documents = Documents(self.facts)
        self.credentials = Credentials(self.tenant, collected.time)
        self.people = People(self.tenant, self.credentials)
        self.organization: dict[str, object] = {"name": None, "source": ""}
        self.listed: set[tuple[str, str]] = set()
        """Lists that were read as a whole: their kind, and what they are of."""
        self._resources: set[str] = set()
        self.odd: dict[tuple[str, str], list[str]] = {}
        """What could not be translated, by the kind of the list and the reason: where it was read."""
        self.roles: dict[str, tuple[Role, Body, str]] = {}
        """Role definitions that were read, by id: parsed, as they were written, and where."""
        self.assigned: dict[Assignment, str] = {}
        """Where each assignment was read; so with the next."""
        self.instances: dict[Assignment, str] = {}
        self.eligible: dict[Assignment, str] = {}
        self.active = Active()
        self.enrolled: dict[tuple[Enrolment, bool, str], str] = {}
        """Memberships and ownerships by PIM for groups, whether they were activated, and their id."""
        self.offered: dict[tuple[Enrolment, str], str] = {}
        """Those that can be had."""
        self.asked = Asked()
        self.rules: dict[str, str | None] = {}
        """What role management policies ask for, by the id of the policy in lower case."""
        self.ruled: dict[tuple[str, str], tuple[str, str | None]] = {}
        """The policy of a role at a scope, and what it was told with: by scope and role."""
        self.units: dict[str, tuple[Unit, str, str]] = {}
        """Units that were read, with the rule of their members, and where."""
        self.unit_members: dict[str, dict[str, tuple[str, str]]] = {}
        """Members of units whose members were listed: the kind of each, and where it was read."""
        self.units_whole: dict[str, bool] = {}
        self.owners: dict[str, dict[tuple[str, str], tuple[str, str]]] = {}
        """Owners by what is owned: id and kind of each; the kind of what is owned, and where it was read."""
        self.owners_asked, self.owners_in_part = set[str](), set[str]()
        """Objects whose owners were all listed, and those of which a list told all but service principals."""
        self.applications: dict[str, tuple[Body, str]] = {}
        self.by_app: dict[str, str] = {}
        """Applications by app id."""
        self.app_roles: dict[AppRole, tuple[str, str]] = {}
        """App roles that were granted: the id of the assignment, and where it was read; so with the next."""
        self.delegations: dict[Delegation, tuple[str, str]] = {}
        self.trusted: dict[str, dict[Trusted, str]] = {}
        """Federated credentials by the application's id, and where each was read."""
        self.intune_roles: dict[str, IntuneRole] = {}
        self.intune: dict[str, IntuneGrant] = {}
        self.unheard: dict[str, str] = {}
        """Permissions and roles that nothing knows, and where they were named."""

    def application_of(self, body: Body) -> str:
        """The object id of the application that something names by its app id; empty where it was not read."""
        fields = Fields(body)
        return self.by_app.get((fields.text("resourceAppId") or fields.text("applicationAppId")).lower(), "")

    def skip(self, reason: str, source: str, kind: str = "import.unreadable") -> None:
        """Something was left out; of which list, where that is known: it was not read as a whole then."""
        self.odd.setdefault((kind, reason), []).append(source)

    def left_out(self, kind: str) -> bool:
        """Whether something of a list was left out."""
        return any(one == kind for one, _ in self.odd)

    def bundle(
        self,
        id: str,
        kind: str,
        name: str,
        body: object,
        statements: list[Statement],
        source: str,
        *,
        own: bool = False,
        flags: Mapping[str, bool | None] | None = None,
    ) -> None:
        """A row of a bundle; `own`: it is the tenant's, not the vendor's."""
        document = self.documents.intern(body, statements, flags={**HARMLESS, "privileged": None, **(flags or {})})
        self.facts.policies.add(
            id=id, account=self.tenant if own else None, name=name, kind=kind, version="", default=True,
            document=document, source=source,
        )  # fmt: skip

    def give(
        self,
        layer: str,
        kind: str,
        target: str,
        bundles: list[str],
        principals: list[str],
        body: Object,
        source: str,
        *,
        id: str = "",
        until: datetime | None = None,
        requires: str | None = None,
        condition: Object | None = None,
        direct: bool = True,
    ) -> None:
        """Bundles given to principals somewhere: a document, and its row of the attachments."""
        told = None if condition is None else canonical(condition)
        statements = [Statement("Allow", [one], principals, told) for one in bundles]
        told_body = {name: value for name, value in body.items() if value not in ("", None)}
        document = self.documents.intern(told_body, statements, flags=HARMLESS)
        self.facts.attachments.add(
            account=self.tenant, layer=layer, kind=kind, target=target, policy=id or " ".join((*bundles, *principals)),
            document=document, until=until, requires=requires, direct=direct, source=source,
        )  # fmt: skip

    def resource(
        self,
        id: str,
        kind: str,
        name: str,
        source: str,
        details: Mapping[str, str],
        body: object = None,
        created: datetime | None = None,
        beside: Sequence[str] = (),
    ) -> None:
        """A row of a resource, once; `body` is what its policy says."""
        if id in self._resources:
            return
        self._resources.add(id)
        document = None if body is None else self.documents.intern(body, [], flags=HARMLESS)
        self.facts.resources.add(
            id=id, account=self.tenant, kind=f"entra:{kind}", name=name or id, policy=document, policy_known=True,
            opening="none", beside=list(beside), created=created,
            details=tuple((name, told) for name, told in details.items() if told), source=source,
        )  # fmt: skip

    def gap(self, call: str, status: CoverageStatus, detail: str, affects: str) -> None:
        """A collection gap that only translation could see."""
        self.facts.coverage.add(service="graph", call=call, status=status.value, detail=detail, affects=affects)
