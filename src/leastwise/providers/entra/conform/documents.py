"""The documents of a case, as Microsoft Graph gives them, to an estate.

What each kind of document is stands in the suite's description. Beside those: `authorization_policy`, `device`.
https://learn.microsoft.com/graph/api/overview
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from leastwise.providers.ask import read_documents
from leastwise.providers.fields import Body, FieldError, Fields

from ..evaluate.estate import Estate, Member, Published
from ..language.assignments import Assignment, Enrolment, joined, parse_assignment, parse_enrolment
from ..language.directory import (
    DEVICE,
    Object,
    Unit,
    kind_of,
    parse_application,
    parse_device,
    parse_group,
    parse_service_principal,
    parse_unit,
    parse_user,
)
from ..language.grants import AppRole, Delegation, Trusted, parse_app_role, parse_delegation, parse_trusted
from ..language.ids import needed_id
from ..language.policy import Policy, parse_policy
from ..language.roles import Role, parse_role


@dataclass(slots=True)
class _Read:
    """The documents, read one by one."""

    objects: dict[str, Object] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    assignments: list[Assignment] = field(default_factory=list)
    instances: list[Assignment] = field(default_factory=list)
    eligible: list[Assignment] = field(default_factory=list)
    groups: dict[str, list[Member]] = field(default_factory=dict)
    enrolments: list[Enrolment] = field(default_factory=list)
    units: dict[str, Unit] = field(default_factory=dict)
    unit_members: dict[str, set[str]] = field(default_factory=dict)
    owners: dict[str, list[Member]] = field(default_factory=dict)
    app_roles: list[AppRole] = field(default_factory=list)
    delegations: list[Delegation] = field(default_factory=list)
    trusted: list[Trusted] = field(default_factory=list)
    policy: Policy = field(default_factory=Policy)


def estate_of(documents: Sequence[Mapping[str, Any]], published: Published) -> Estate:
    """The estate that documents make. Without an authorization policy it is the one of a new tenant.

    Args:
        documents: {`kind`, `body`} each.
        published: what is known beside them.

    Raises:
        CaseError: naming the document and what is wrong with it.
    """
    read = _Read()
    readers = {kind: partial(reader, read) for kind, reader in _READERS.items()}
    read_documents(documents, readers, FieldError)
    return Estate(
        published=published,
        objects=read.objects,
        roles=read.roles,
        assignments=joined(read.assignments, read.instances),
        eligible=tuple(dict.fromkeys(read.eligible)),
        groups={group: tuple(dict.fromkeys(members)) for group, members in read.groups.items()},
        enrolments=tuple(read.enrolments),
        units=read.units,
        unit_members={unit: frozenset(members) for unit, members in read.unit_members.items()},
        owners={id: tuple(dict.fromkeys(owners)) for id, owners in read.owners.items()},
        app_roles=tuple(dict.fromkeys(read.app_roles)),
        delegations=tuple(dict.fromkeys(read.delegations)),
        trusted=tuple(dict.fromkeys(read.trusted)),
        policy=read.policy,
    )


# --- principals and groups --------------------------------------------------------------------------------------------


def _object(parse: Callable[[Body], Object]) -> Callable[[_Read, Body], None]:
    def read_it(read: _Read, body: Body) -> None:
        one = parse(body)
        read.objects[one.id] = one
        for owner in Fields(body).objects("owners") or ():
            _own(read, one.id, owner)

    return read_it


def _group(read: _Read, body: Body) -> None:
    _object(parse_group)(read, body)
    fields = Fields(body)
    members = fields.objects("members")
    if members is not None:
        read.groups.setdefault(needed_id(fields, "id"), []).extend(map(_member, members))


def _group_member(read: _Read, body: Body) -> None:
    read.groups.setdefault(needed_id(Fields(body), "groupId"), []).append(_member(body))


def _member(body: Body) -> Member:
    fields = Fields(body)
    return Member(needed_id(fields, "id"), kind_of(fields.text("@odata.type")))


def _owner(read: _Read, body: Body) -> None:
    fields = Fields(body)
    resource, kind = needed_id(fields, "resourceId"), kind_of(fields.text("resourceType"))
    if kind and resource not in read.objects:
        read.objects[resource] = Object(resource, kind)
    _own(read, resource, body)


def _own(read: _Read, resource: str, body: Body) -> None:
    read.owners.setdefault(resource, []).append(_member(body))


# --- roles ------------------------------------------------------------------------------------------------------------


def _role_definition(read: _Read, body: Body) -> None:
    role = parse_role(body)
    read.roles[role.key] = role


def _assignment(read: _Read, body: Body) -> None:
    _expanded(read, body)
    read.assignments.append(parse_assignment(body))


def _assignment_schedule(read: _Read, body: Body) -> None:
    """An instance of an assignment schedule: of a role, or of a membership or ownership of a group."""
    if Fields(body).text("groupId"):
        read.enrolments.append(parse_enrolment(body))
        return
    _expanded(read, body)
    one = parse_assignment(body)
    read.instances.append(replace(one, id=one.origin or one.id))


def _eligibility_schedule(read: _Read, body: Body) -> None:
    """An instance of an eligibility schedule. To be eligible for a group's membership gives nothing either."""
    if Fields(body).text("groupId"):
        parse_enrolment(body)
        return
    _expanded(read, body)
    read.eligible.append(parse_assignment(body))


def _expanded(read: _Read, body: Body) -> None:
    """Take in the role definition that an assignment is given with."""
    inner = Fields(body).object("roleDefinition")
    if Fields(inner).objects("rolePermissions") is not None:
        role = parse_role(inner)
        read.roles.setdefault(role.key, role)


# --- units ------------------------------------------------------------------------------------------------------------


def _unit(read: _Read, body: Body) -> None:
    one = parse_unit(body)
    read.units[one.id] = one
    members = Fields(body).objects("members")
    if members is not None:
        read.unit_members.setdefault(one.id, set())
    for member in members or ():
        _in_unit(read, one.id, member)


def _unit_member(read: _Read, body: Body) -> None:
    _in_unit(read, needed_id(Fields(body), "administrativeUnitId"), body)


def _in_unit(read: _Read, unit: str, body: Body) -> None:
    fields = Fields(body)
    id, kind = needed_id(fields, "id"), kind_of(fields.text("@odata.type"))
    read.unit_members.setdefault(unit, set()).add(id)
    if kind == DEVICE and id not in read.objects:
        read.objects[id] = Object(id, DEVICE)


# --- apps -------------------------------------------------------------------------------------------------------------


def _app_role(read: _Read, body: Body) -> None:
    read.app_roles.append(parse_app_role(body))


def _delegation(read: _Read, body: Body) -> None:
    read.delegations.append(parse_delegation(body))


def _trusted(read: _Read, body: Body) -> None:
    read.trusted.append(parse_trusted(body))


def _policy(read: _Read, body: Body) -> None:
    read.policy = parse_policy(body)


_READERS: Mapping[str, Callable[[_Read, Body], None]] = {
    "user": _object(parse_user),
    "group": _group,
    "group_member": _group_member,
    "device": _object(parse_device),
    "service_principal": _object(parse_service_principal),
    "application": _object(parse_application),
    "owner": _owner,
    "directory_role_definition": _role_definition,
    "directory_role_assignment": _assignment,
    "role_assignment_schedule": _assignment_schedule,
    "role_eligibility_schedule": _eligibility_schedule,
    "administrative_unit": _unit,
    "administrative_unit_member": _unit_member,
    "app_role_assignment": _app_role,
    "oauth2_permission_grant": _delegation,
    "federated_identity_credential": _trusted,
    "authorization_policy": _policy,
}
