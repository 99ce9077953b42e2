"""What is known of a tenant: roles, assignments, deny assignments, the tree of management groups, groups of people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from leastwise.engine.formula import Formula, Literal
from leastwise.engine.solve import Gap

from ..language.assignments import Assignment, DenyAssignment
from ..language.ids import ROOT, ArmId, arm_id
from ..language.locks import Lock
from ..language.operations import Plane, canonical, literal
from ..language.roles import Role
from ..language.tree import Value
from ..language.vaults import Vault

GROUP, USER, SERVICE, GONE = "group", "user", "servicePrincipal", "deleted"
"""Kinds of principals; there are others, of which only this is known, that they have no members. Nobody is in a group
that is no more."""
FOREIGN = ("foreigngroup", "foreignprincipal")
"""Words for groups of another tenant, or for what may be one."""
NOT_HERE = "foreigngroup"
"""The word for a group that is surely of another tenant than the one in which it is named."""
_TYPES = {
    "group": GROUP,
    "foreigngroup": GROUP,
    "foreignprincipal": GROUP,
    "user": USER,
    "serviceprincipal": SERVICE,
    "msi": SERVICE,
}
_UNKNOWN = frozenset({"", "unknown"})


def kind_of(type: str) -> str:
    """The kind behind the vendor's word for a type of principal; empty where that says nothing."""
    low = type.lower().rpartition(".")[2]
    return "" if low in _UNKNOWN else _TYPES.get(low, low)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a group, with its kind (empty where it is not known)."""

    id: str
    kind: str = ""


def _no_role(key: str) -> Role | None:
    return None


def _no_tenant(key: str) -> str:
    return ""


@dataclass(frozen=True)
class Estate:
    """The facts.

    Args:
        roles: role definitions that were read, by key.
        catalogue: a built-in role by its key, or None.
        operations: the planes of an operation (`canonical`) in the catalogue; none where it is not in it.
        every: all operations of a plane in the catalogue, as the vendor writes them.
        assignments: each once.
        eligible: eligible assignments, which give nothing until they are activated.
        denies: deny assignments.
        parents: keys of management groups and subscriptions to the key of the management group above; None for one that
            has none above.
        groups: the direct members of the groups whose members were read.
        partly: groups of whose members only some were read.
        people_told: those of them of whose members all but service principals were.
        kinds: kinds of principals that were read.
        homes: the tenant whose directory told of a principal, by principal.
        tenant: the tenant that a management group or subscription is in, by its key; empty where not told.
        principals: attributes of principals, by principal and attribute key.
        resources: attributes of resources, by the key of the resource and attribute key.
        vaults: key vaults whose own access policies decide about what is in them, by key.
        locks: what holds everybody up, beside every answer.
        disabled: principals that get no token.
        unread_grants: keys of scopes whose role assignments were not read.
        unread_denies: keys of scopes whose deny assignments were not read.
    """

    roles: Mapping[str, Role] = field(default_factory=dict)
    catalogue: Callable[[str], Role | None] = _no_role
    operations: Callable[[str], frozenset[Plane]] = lambda _: frozenset()
    every: Callable[[Plane], Sequence[str]] = lambda _: ()
    assignments: tuple[Assignment, ...] = ()
    eligible: tuple[Assignment, ...] = ()
    denies: tuple[DenyAssignment, ...] = ()
    parents: Mapping[str, str | None] = field(default_factory=dict)
    groups: Mapping[str, tuple[Member, ...]] = field(default_factory=dict)
    partly: frozenset[str] = frozenset()
    people_told: frozenset[str] = frozenset()
    kinds: Mapping[str, str] = field(default_factory=dict)
    homes: Mapping[str, str] = field(default_factory=dict)
    tenant: Callable[[str], str] = _no_tenant
    principals: Mapping[str, Mapping[str, tuple[Value, ...]]] = field(default_factory=dict)
    resources: Mapping[str, Mapping[str, tuple[Value, ...]]] = field(default_factory=dict)
    vaults: Mapping[str, Vault] = field(default_factory=dict)
    locks: tuple[Lock, ...] = ()
    disabled: frozenset[str] = frozenset()
    unread_grants: frozenset[str] = frozenset()
    unread_denies: frozenset[str] = frozenset()

    def role(self, key: str) -> Role | None:
        """A role definition: a document of it is newer than the catalogue. None where neither tells it."""
        return self.roles.get(key) or self.catalogue(key)

    def planes(self, operation: str) -> frozenset[Plane]:
        """The planes that an operation (`canonical`) is on; none where nothing tells it.

        A role definition that names an operation without wildcards says on which plane it is: Azure takes no other.
        """
        return self.operations(operation) or self._named.get(operation, frozenset())

    @cached_property
    def _named(self) -> Mapping[str, frozenset[Plane]]:
        found: defaultdict[str, set[Plane]] = defaultdict(set)
        for role in self.roles.values():
            for entry in role.entries:
                for plane in Plane:
                    for patterns in entry.of(plane):
                        for text in filter(literal, patterns.texts):
                            found[canonical(text)].add(plane)
        return {name: frozenset(planes) for name, planes in found.items()}

    @cached_property
    def assigned(self) -> Mapping[str, tuple[Assignment, ...]]:
        """Role assignments by the key of their scope."""
        return _by_scope(self.assignments)

    @cached_property
    def offered(self) -> Mapping[str, tuple[Assignment, ...]]:
        """Eligible assignments by the key of their scope."""
        return _by_scope(self.eligible)

    @cached_property
    def above(self) -> tuple[str, ...]:
        """The keys of the management groups at which something is assigned or can be."""
        keys = dict.fromkeys((*self.assigned, *self.offered))
        return tuple(key for key in keys if arm_id(key).management_group == key)

    @cached_property
    def by_id(self) -> Mapping[str, Assignment]:
        """Role assignments by their own id in lower case; those of which two things are told are left out."""
        found: defaultdict[str, list[Assignment]] = defaultdict(list)
        for one in self.assignments:
            found[one.id.lower()].append(one)
        return {id: several[0] for id, several in found.items() if id and len(several) == 1}

    def kind(self, principal: str, told: str = "") -> str:
        """The kind of a principal: as it was read, or else as whoever names it tells."""
        return self.kinds.get(principal) or (GROUP if principal in self.groups else kind_of(told))

    def chain(self, resource: ArmId) -> Chain:
        """A resource and all that is known to be above it."""
        keys = list(resource.paths())
        at: str | None = keys[-1]
        whole = at == ROOT
        while at is not None and at != ROOT:
            if at not in self.parents:
                break
            at = self.parents[at]
            if at in keys:
                break  # a circle, which no tree has: what is above is not known
            if at is not None:
                keys.append(at)
            whole = at is None
        return Chain(tuple(dict.fromkeys((*keys, ROOT))), not whole, keys[-1])

    def through(self, group: str, who: str) -> tuple[str, ...] | None:
        """The groups through which somebody is a member, from the inner one to this one; None when not for certain."""
        return self._through(group, who, frozenset())

    def _through(self, group: str, who: str, passed: frozenset[str]) -> tuple[str, ...] | None:
        for one in self.groups.get(group, ()):
            if one.id == who:
                return (group,)
        for one in self.groups.get(group, ()):
            if one.id not in passed and self.kind(one.id, one.kind) == GROUP:
                found = self._through(one.id, who, passed | {group})
                if found is not None:
                    return (*found, group)
        return None

    def expanded(self, principal: str, told: str = "") -> Iterator[str]:
        """Whom a principal stands for: itself, or everybody in a group whose members were read, and it if not all."""
        seen: set[str] = set()
        queue = [(principal, told)]
        while queue:
            at, type = queue.pop(0)
            if at in seen:
                continue
            seen.add(at)
            if self.kind(at, type) == GROUP and at in self.groups:
                queue += ((one.id, one.kind) for one in self.groups[at])
                if at in self.partly:
                    yield at
            else:
                yield at


def _by_scope(assignments: tuple[Assignment, ...]) -> dict[str, tuple[Assignment, ...]]:
    found: defaultdict[str, list[Assignment]] = defaultdict(list)
    for one in assignments:
        found[one.scope.key].append(one)
    return {key: tuple(several) for key, several in found.items()}


@dataclass(frozen=True)
class Chain:
    """A resource and what is above it.

    Args:
        keys: from the resource up; the root is the last.
        open: whether management groups may be above the last known one that are not known.
        last: the key of the highest that is known, but for the root.
    """

    keys: tuple[str, ...]
    open: bool
    last: str

    def within(self, scope: ArmId) -> Formula:
        """Whether the resource is in a scope."""
        if scope.key in self.keys:
            return True
        if self.open and scope.management_group == scope.key:
            return Literal(Gap(f"whether management group {scope.key.rpartition('/')[2]} is above {self.last}"))
        return False
