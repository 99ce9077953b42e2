"""What is known of a tenant: objects, roles, assignments, units, owners, permissions of apps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ..catalog.compile import Allowing
from ..language.access_policies import AccessPolicy
from ..language.actions import Action
from ..language.assignments import ALWAYS, Assignment, Enrolment, Span
from ..language.directory import APPLICATION, GRAPH, GROUP, SERVICE, UNIT, Object, Unit
from ..language.grants import AppRole, Delegation, Trusted
from ..language.policy import Policy
from ..language.roles import Role

ASSIGNMENTS, GROUP_OWNERS = "assignments of directory roles", "owners of groups"
"""What is not only a way to have something, but protects whoever has it: as `Estate.unread` names it."""
OWNING_SERVICES = "owners of groups that are service principals"
"""What lists of version 1.0 leave out, which is nothing to anybody else."""


@dataclass(frozen=True, slots=True)
class Published:
    """What the vendor publishes for everyone.

    Args:
        roles: built-in roles by template id.
        actions: actions that are known, as they are written, by their lower case.
        app_roles: values of Graph's app roles, by id.
        scopes: values of Graph's delegated scopes.
        requests: the values that allow each request to Graph.
    """

    roles: Mapping[str, Role] = field(default_factory=dict)
    actions: Mapping[str, str] = field(default_factory=dict)
    app_roles: Mapping[str, str] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset()
    requests: Mapping[str, Allowing] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a group, or an owner: its id, its kind (empty where it is not known), and while it is one."""

    id: str
    kind: str = ""
    span: Span = ALWAYS


@dataclass(frozen=True)
class Estate:
    """The facts.

    Args:
        published: what is known of every tenant.
        objects: users, groups, devices, applications, service principals that were read, by id.
        roles: role definitions that were read, by id.
        assignments: of directory roles, each once.
        eligible: those that give nothing until they are activated.
        groups: the direct members of the groups whose members were read.
        people_told: groups of whose members all but service principals were told; whom it was stands in `enrolments`.
        enrolments: memberships and ownerships of groups that PIM for groups gives.
        units: administrative units that were read.
        unit_members: the members of those units whose members were read.
        owners: owners of objects, by the object's id.
        app_roles: app roles that were granted.
        delegations: delegated grants.
        trusted: federated credentials.
        policy: the authorization policy; None where it was not read.
        all_groups: whether every group was read: what nothing describes is none then.
        unread: what was not read of the tenant as a whole (role assignments, …), each named.
        untold: applications whose federated credentials were not all read.
        access_policies: of conditional access, those that are in force.
    """

    published: Published = field(default_factory=Published)
    objects: Mapping[str, Object] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    assignments: tuple[Assignment, ...] = ()
    eligible: tuple[Assignment, ...] = ()
    groups: Mapping[str, tuple[Member, ...]] = field(default_factory=dict)
    people_told: frozenset[str] = frozenset()
    enrolments: tuple[Enrolment, ...] = ()
    units: Mapping[str, Unit] = field(default_factory=dict)
    unit_members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    owners: Mapping[str, tuple[Member, ...]] = field(default_factory=dict)
    app_roles: tuple[AppRole, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    trusted: tuple[Trusted, ...] = ()
    policy: Policy | None = None
    all_groups: bool = False
    unread: tuple[str, ...] = ()
    untold: frozenset[str] = frozenset()
    access_policies: tuple[AccessPolicy, ...] = ()

    # --- objects ------------------------------------------------------------------------------------------------------

    def object(self, id: str) -> Object:
        """An object; of one that was not read, its id and what others tell of its kind."""
        return self.objects.get(id) or Object(id, self._told.get(id, ""))

    def kind(self, id: str) -> str:
        """The kind of an object; empty where nothing tells it."""
        return self.object(id).kind

    def title(self, id: str) -> str:
        """A name for people: that of the object, or its id."""
        name = self.object(id).name
        return f"{name} ({id})" if name else id

    @cached_property
    def _told(self) -> Mapping[str, str]:
        """Kinds of objects that others tell: lists of members and owners, grants, credentials."""
        found: dict[str, str] = {}
        for members in self.groups.values():
            found |= {one.id: one.kind for one in members if one.kind}
        for owners in self.owners.values():
            found |= {one.id: one.kind for one in owners if one.kind}
        found |= {one.principal: one.kind for one in self.app_roles if one.kind}
        found |= dict.fromkeys((one.resource for one in self.app_roles), SERVICE)
        found |= {one: SERVICE for each in self.delegations for one in (each.client, each.resource)}
        found |= dict.fromkeys((one.application for one in self.trusted), APPLICATION)
        found |= dict.fromkeys((*self.groups, *(one.group for one in self.enrolments)), GROUP)
        found |= dict.fromkeys((*self.units, *self.unit_members), UNIT)
        return found

    def is_graph(self, id: str) -> bool | None:
        """Whether a service principal is Microsoft Graph's; None where it was not read."""
        found = self.objects.get(id)
        return None if found is None else found.app == GRAPH

    def offered(self, resource: str) -> frozenset[str]:
        """The values of app roles and scopes, in lower case, that a service principal is known to offer."""
        found = self.object(resource)
        own = {*(found.app_roles or {}).values(), *(found.scopes or ())}
        if self.is_graph(resource):
            own |= {*self.published.app_roles.values(), *self.published.scopes}
        return frozenset(one.lower() for one in own)

    # --- roles --------------------------------------------------------------------------------------------------------

    @cached_property
    def _by_template(self) -> Mapping[str, Role]:
        # Whoever writes a custom role sets its template id, and may take that of a built-in one.
        custom = (one for one in self.roles.values() if one.custom and self.published.roles.get(one.template) is None)
        built_in = (one for one in self.roles.values() if not one.custom)
        return {one.template: one for one in (*custom, *built_in) if one.template}

    def role(self, key: str) -> Role | None:
        """A role definition: a document of it is newer than the catalogue. None where neither tells it."""
        found = self.roles.get(key) or self._by_template.get(key)
        published = self.published.roles.get(_known_as(found, key))
        return found if found is not None and (found.told or published is None) else published

    def template(self, key: str) -> str:
        """The id by which the vendor's tables know a role."""
        return _known_as(self.role(key), key)

    @cached_property
    def actions(self) -> Mapping[str, str]:
        """Actions that are known, as they are written, by their lower case: published, and named by roles."""
        named = {str(one): str(one) for role in self.roles.values() for entry in role.entries for one in entry.actions}
        return {**named, **self.published.actions}

    def knows(self, action: Action) -> bool:
        """Whether an action is known, or one of its entity without a subtype."""
        return str(action) in self.actions or str(action.of(action.base)) in self.actions

    # --- groups -------------------------------------------------------------------------------------------------------

    def members(self, group: str) -> tuple[Member, ...] | None:
        """The direct members of a group; None where they were not read."""
        return self.groups.get(group)

    def enrolled(self, group: str, *, owners: bool = False) -> Sequence[Enrolment]:
        """Whom PIM for groups makes a member (or owner) of a group."""
        return [one for one in self.enrolments if one.group == group and one.owner is owners]

    @cached_property
    def _bound(self) -> frozenset[str]:
        return frozenset(one.principal for one in (*self.assignments, *self.eligible))

    def assignable(self, group: str) -> bool:
        """Whether directory roles can be assigned to a group: it says so, or has one and does not say otherwise."""
        told = self.object(group).assignable
        return told is True or (told is None and group in self._bound)

    def may_be_assignable(self, group: str) -> bool:
        """Whether a group may be role-assignable for all that is known: it is only named, and has no role.

        A group of which more is told than its name would tell this, too: it is said of the few that are. Where all
        groups were read, one that nothing describes is none any more; one that was read by its name alone may be.
        """
        one = self.object(group)
        untold = one.kind == GROUP and one.assignable is None and not one.subtypes
        there = not self.all_groups or self.objects.get(group) is not None
        return untold and there and not self.assignable(group)

    @cached_property
    def assignable_groups(self) -> tuple[str, ...]:
        """All groups to which directory roles can be assigned."""
        known = {one.id for one in self.objects.values() if one.kind == GROUP} | set(self.groups)
        return tuple(sorted(one for one in known | {one for one in self._bound if self.kind(one) == GROUP}
                            if self.assignable(one)))  # fmt: skip

    @cached_property
    def perhaps_assignable(self) -> tuple[str, ...]:
        """All groups that may be role-assignable for all that is known."""
        named = {*self.groups, *(one.group for one in self.enrolments), *self.owners, *self._told, *self.objects}
        return tuple(sorted(one for one in named if self.may_be_assignable(one)))

    @property
    def any_assignable(self) -> bool:
        """Whether there is a group to which directory roles can be assigned."""
        return bool(self.assignable_groups)

    # --- lists --------------------------------------------------------------------------------------------------------

    @cached_property
    def assigned_to(self) -> Mapping[str, tuple[Assignment, ...]]:
        """Assignments by principal."""
        found: defaultdict[str, list[Assignment]] = defaultdict(list)
        for one in self.assignments:
            found[one.principal].append(one)
        return {principal: tuple(several) for principal, several in found.items()}

    @cached_property
    def by_app(self) -> Mapping[str, Object]:
        """Applications by app id."""
        return {one.app: one for one in self.objects.values() if one.kind == APPLICATION and one.app}


def _known_as(role: Role | None, key: str) -> str:
    """The id by which the vendor knows a role: that of its template, if it is one of the vendor's."""
    return role.template if role is not None and role.template and not role.custom else key
