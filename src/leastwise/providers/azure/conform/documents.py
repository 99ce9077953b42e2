"""The documents of a case, as Azure and its directory give them, to an estate.

What each kind of document is stands in the suite's description.
https://learn.microsoft.com/rest/api/managementgroups/entities/list
https://learn.microsoft.com/graph/api/group-list-members
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from leastwise.providers.ask import read_documents
from leastwise.providers.fields import Body, FieldError

from ..evaluate.estate import GROUP, SERVICE, USER, Estate, Member, kind_of
from ..language.assignments import (
    Assignment,
    DenyAssignment,
    parse_assignment,
    parse_deny_assignment,
    principal_key,
)
from ..language.classic import Classic, parse_classic
from ..language.directory import security_attributes
from ..language.fields import Fields
from ..language.ids import ROOT, IdError, arm_id, guid
from ..language.lighthouse import Accepted, Offer, assigned, parse_accepted, parse_offer
from ..language.locks import Lock, parse_lock
from ..language.operations import Plane
from ..language.resources import resource_attributes
from ..language.roles import Role, parse_role
from ..language.tree import Value
from ..language.vaults import Vault, parse_vault
from ..tree import ENTITIES, MANAGEMENT_GROUPS, Tree

OWN = "own"
"""The tenant of a case: of all subscriptions and management groups in it, and of the directory that says no other."""


@dataclass(frozen=True, slots=True)
class Published:
    """What the vendor publishes for everyone: a built-in role, the planes of an operation, a plane's operations."""

    role: Callable[[str], Role | None]
    planes: Callable[[str], frozenset[Plane]]
    every: Callable[[Plane], Sequence[str]]


@dataclass(slots=True)
class _Read:
    """The documents, read one by one."""

    roles: dict[str, Role] = field(default_factory=dict)
    assignments: dict[object, Assignment] = field(default_factory=dict)
    eligible: list[Assignment] = field(default_factory=list)
    denies: list[DenyAssignment] = field(default_factory=list)
    tree: Tree = field(default_factory=Tree)
    groups: dict[str, list[Member]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    principals: dict[str, Mapping[str, tuple[Value, ...]]] = field(default_factory=dict)
    resources: dict[str, Mapping[str, tuple[Value, ...]]] = field(default_factory=dict)
    vaults: dict[str, Vault] = field(default_factory=dict)
    locks: list[Lock] = field(default_factory=list)
    disabled: set[str] = field(default_factory=set)
    offers: dict[str, Offer] = field(default_factory=dict)
    accepted: list[Accepted] = field(default_factory=list)
    classic: list[Classic] = field(default_factory=list)
    mails: dict[str, str] = field(default_factory=dict)


def estate_of(documents: Sequence[Mapping[str, Any]], published: Published) -> Estate:
    """The estate that documents make.

    Args:
        documents: {`kind`, `body`} each.
        published: what is known beside them.

    Raises:
        CaseError: naming the document and what is wrong with it.
    """
    read = _Read()
    read_documents(documents, {kind: partial(one, read) for kind, one in _READERS.items()}, FieldError, IdError)
    unread = _beside(read)
    return Estate(
        roles=read.roles,
        catalogue=published.role,
        operations=published.planes,
        every=published.every,
        assignments=tuple(read.assignments.values()),
        eligible=tuple(read.eligible),
        denies=tuple(read.denies),
        parents=read.tree.parents,
        groups={group: tuple(dict.fromkeys(members)) for group, members in read.groups.items()},
        kinds=read.kinds,
        homes={id: home for id, home in read.homes.items() if home},
        tenant=lambda key: "" if key == ROOT else OWN,
        principals=read.principals,
        resources=read.resources,
        vaults=read.vaults,
        locks=tuple(read.locks),
        disabled=frozenset(read.disabled),
        unread_grants=unread,
    )


# --- Azure ------------------------------------------------------------------------------------------------------------


def _role_definition(read: _Read, body: Body) -> None:
    role = parse_role(body)
    read.roles[role.key] = role


def _role_assignment(read: _Read, body: Body) -> None:
    _assigned(read, parse_assignment(body))


def _assignment_schedule(read: _Read, body: Body) -> None:
    """An instance of an assignment schedule of Azure, which is an assignment; one of the directory gives nothing."""
    fields = Fields(body)
    if fields.has("directoryScopeId", "appScopeId"):
        return
    one = parse_assignment(body, "roleAssignmentScheduleInstances")
    _assigned(read, replace(one, id=fields.text("originRoleAssignmentId") or one.id))


def _assigned(read: _Read, one: Assignment) -> None:
    # What PIM activated is told by two interfaces, with one id; one of them says so.
    key = (one.id.lower(), one.role, one.principal, one.scope.key, one.condition, one.tenant)
    told = read.assignments.get(key)
    if told is None or (one.activated, one.until) > (told.activated, told.until):
        read.assignments[key] = one


def _eligibility(read: _Read, body: Body) -> None:
    read.eligible.append(parse_assignment(body, "roleEligibilityScheduleInstances"))


def _offer(read: _Read, body: Body) -> None:
    offer = parse_offer(body)
    read.offers[offer.key] = offer


def _accepted(read: _Read, body: Body) -> None:
    one = parse_accepted(body)
    read.accepted.append(one)
    if one.inner is not None:
        read.offers.setdefault(one.offer, one.inner)


def _classic(read: _Read, body: Body) -> None:
    found = parse_classic(body)
    if found is not None:
        read.classic.append(found)


def _beside(read: _Read) -> frozenset[str]:
    """Adds what Lighthouse and classic administrators amount to; the scopes where an offer that was not read holds."""
    for classic in read.classic:
        mail = classic.mail.lower()
        for who in dict.fromkeys((mail, read.mails.get(mail, mail))):
            _assigned(read, classic.assignment(who))
    for one in read.accepted:
        offer = read.offers.get(one.offer)
        if offer is not None:
            for each in offer.active:
                _assigned(read, assigned(offer, each, one.scope))
            read.eligible += [assigned(offer, each, one.scope) for each in offer.eligible]
    return frozenset(one.scope.key for one in read.accepted if one.offer not in read.offers)


def _deny_assignment(read: _Read, body: Body) -> None:
    read.denies.append(parse_deny_assignment(body))


def _management_group(read: _Read, body: Body) -> None:
    entities = body.get("value")
    if not isinstance(entities, list) or not all(isinstance(one, Mapping) for one in entities):
        raise FieldError("value must be a list of objects")
    for place, one in enumerate(entities):
        try:
            _entity(Fields(one))
        except (FieldError, IdError) as error:
            raise FieldError(f"value/{place}: {error}") from None
        read.tree.learn(one, ENTITIES)


def _entity(fields: Fields) -> None:
    """Raises FieldError or IdError where an entity is not what the list of entities holds."""
    id = arm_id(fields.needed("id"))
    if id.management_group != id.key and id.subscription is None:
        raise FieldError(f"id {id} is none of a management group or subscription")
    for name in fields.texts("parentNameChain"):
        arm_id(f"{MANAGEMENT_GROUPS}{name}")
    parent = fields.get("parent")
    if parent is None:
        return
    if not isinstance(parent, Mapping):
        raise FieldError("parent must be an object")
    above = Fields(parent).text("id")
    if above and (found := arm_id(above)).management_group != found.key:
        raise FieldError(f"parent {above} is no management group")


def _resource(read: _Read, body: Body) -> None:
    id = arm_id(Fields(body).needed("id"))
    read.resources[id.key] = {**read.resources.get(id.key, {}), **resource_attributes(id, body)}
    lock = parse_lock(id, body)
    if lock is not None:
        read.locks.append(lock)
    vault = parse_vault(id, body)
    if vault is not None:
        read.vaults[id.key] = vault


# --- the directory ----------------------------------------------------------------------------------------------------


_OF_DIRECTORY = (
    "application", "directory_role_assignment", "directory_role_definition", "app_role_assignment",
    "oauth2_permission_grant", "administrative_unit", "administrative_unit_member", "federated_identity_credential",
    "owner",
)  # fmt: skip
"""Kinds of documents that say what somebody may do in the directory, which is nothing in Azure.

https://learn.microsoft.com/azure/role-based-access-control/rbac-and-directory-admin-roles
"""


def _nothing(read: _Read, body: Body) -> None:
    return None


def _home(read: _Read, id: str, fields: Fields) -> None:
    """An object is of one tenant: of whom two directories tell, it is not known of which."""
    tenant = guid(fields.text("tenantId")) or OWN
    read.homes[id] = tenant if read.homes.get(id, tenant) == tenant else ""


def _principal(kind: str) -> Callable[[_Read, Body], None]:
    def read_it(read: _Read, body: Body) -> None:
        fields = Fields(body)
        id = principal_key(fields.needed("id"))
        read.kinds[id] = kind
        _home(read, id, fields)
        if fields.get("accountEnabled") is not None and not fields.flag("accountEnabled"):
            read.disabled.add(id)
        told = security_attributes(body)
        if told:
            read.principals[id] = {**read.principals.get(id, {}), **told}
        for mail in (fields.text("userPrincipalName"), fields.text("mail")) if kind == USER else ():
            if mail:
                read.mails.setdefault(mail.lower(), id)

    return read_it


def _group(read: _Read, body: Body) -> None:
    fields = Fields(body)
    id = principal_key(fields.needed("id"))
    read.kinds[id] = GROUP
    _home(read, id, fields)
    members = fields.objects("members")
    if members is not None:
        read.groups.setdefault(id, []).extend(_member(read, one) for one in members)


def _group_member(read: _Read, body: Body) -> None:
    group = principal_key(Fields(body).needed("groupId"))
    read.kinds.setdefault(group, GROUP)
    _home(read, group, Fields(body))
    member = _member(read, body)
    read.groups.setdefault(group, []).append(member)


def _member(read: _Read, body: Body) -> Member:
    fields = Fields(body)
    id, kind = principal_key(fields.needed("id")), kind_of(fields.text("@odata.type"))
    if kind:
        read.kinds.setdefault(id, kind)
        _home(read, id, fields)
    return Member(id, kind)


_READERS: Mapping[str, Callable[[_Read, Body], None]] = {
    "role_definition": _role_definition,
    "role_assignment": _role_assignment,
    "role_assignment_schedule": _assignment_schedule,
    "role_eligibility_schedule": _eligibility,
    "deny_assignment": _deny_assignment,
    "registration_definition": _offer,
    "registration_assignment": _accepted,
    "classic_administrator": _classic,
    "management_group": _management_group,
    "resource": _resource,
    "user": _principal(USER),
    "service_principal": _principal(SERVICE),
    "group": _group,
    "group_member": _group_member,
    **dict.fromkeys(_OF_DIRECTORY, _nothing),
}
