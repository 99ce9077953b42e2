"""The reference's estate, read back from the tables of a tenant (docs/decisions/0034-entra-tables.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec
import pyarrow as pa

from leastwise.engine.columns import plain
from leastwise.model.scope import CoverageStatus
from leastwise.providers.fields import FieldError, Fields

from ..evaluate.estate import ASSIGNMENTS, GROUP_OWNERS, OWNING_SERVICES, Estate, Member, Published
from ..exports import kinds
from ..language.access_policies import AccessPolicy, parse_access_policy, unread_access_policy
from ..language.assignments import ALWAYS, Assignment, Enrolment, parse_assignment, parse_enrolment
from ..language.directory import (
    APPLICATION,
    DEVICE,
    GROUP,
    SERVICE,
    USER,
    Object,
    Unit,
    kind_of,
)
from ..language.grants import AppRole, Delegation, Trusted, parse_app_role, parse_delegation, parse_trusted
from ..language.ids import At, Place
from ..language.policy import Policy, parse_policy
from ..language.roles import Role, parse_role

COLUMNS: Mapping[str, Sequence[str]] = {
    "scopes": ("people_known",),
    "principals": ("id", "native", "name", "unique_id", "enabled", "directory", "members_known", "details"),
    "memberships": ("member", "group", "kind"),
    "resources": ("id", "kind", "name", "policy", "details"),
    "documents": ("text",),
    "policies": ("id", "kind", "document", "source"),
    "attachments": ("layer", "kind", "document"),
    "coverage": ("service", "call", "status"),
}
"""What is read of each table."""
UNREAD: Mapping[str, str] = {
    ASSIGNMENTS: kinds.ASSIGNMENTS,
    GROUP_OWNERS: kinds.GROUP_OWNERS,
    "owners of applications": kinds.APPLICATION_OWNERS,
    "owners of service principals": kinds.SERVICE_OWNERS,
    "app roles that were granted": kinds.APP_ROLES_OF,
    "delegated grants": kinds.DELEGATIONS,
}
"""What gives something, and the call that tells it: where that was not answered, it is not known."""
_PER_OBJECT = {
    kinds.GROUP_OWNERS: (GROUP, "owners"), kinds.APPLICATION_OWNERS: (APPLICATION, "owners"),
    kinds.SERVICE_OWNERS: (SERVICE, "owners"), kinds.APP_ROLES_OF: (SERVICE, "assigned"),
}  # fmt: skip
"""Calls that are made of each object of a kind, and the detail that says that it was made of one."""
UNREAD_UNIT = "(administrative units that were not read)"
_NATIVE = {"user": USER, "group": GROUP, "service_principal": SERVICE, "managed_identity": SERVICE, "device": DEVICE}
_ROLES = ("directory_role", "custom_directory_role")
_GRANTS = ("role_assignment", "activated_assignment", "eligible_assignment")
_ANSWERED = (CoverageStatus.OK.value, CoverageStatus.UNLICENSED.value)
"""A tenant without the licence for something has nothing of it."""


def estate_of_tables(tables: Mapping[str, pa.Table], published: Published) -> Estate:
    """The estate that the tables of one tenant tell.

    Args:
        tables: fact tables by name, with at least `COLUMNS`.
        published: what is known beside them.

    Raises:
        KeyError: a table or a column of it is missing.
    """
    return _Reading(tables).estate(published)


class _Reading:
    """The tables, and what of them is needed more than once."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._tables = {name: plain(tables[name].select(list(columns))) for name, columns in COLUMNS.items()}
        self._texts = self._tables["documents"].column("text")
        self._principals = self._rows("principals")
        self._resources = self._rows("resources")
        self._types = {row["id"]: row["details"].get("type", "") for row in self._principals}
        self._known = {
            (f"{row['service']}.{row['call']}", row["status"] in _ANSWERED) for row in self._rows("coverage")
        }
        self._given: defaultdict[str, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
        """Documents of attachments by layer, with the kind of each."""
        for row in self._rows("attachments"):
            if row["kind"] != "resource_role":
                self._given[row["layer"]].append((row["kind"], self._document(row["document"])))

    def _rows(self, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._tables[name].to_pylist()
        for row in found:
            if "details" in row:
                row["details"] = dict(row["details"] or ())
        return found

    def _document(self, row: int) -> Mapping[str, Any]:
        found: Mapping[str, Any] = msgspec.json.decode(self._texts[row].as_py())
        return found

    def _answered(self, call: str) -> bool:
        """Whether a call was made, and answered every time."""
        return (call, True) in self._known and (call, False) not in self._known

    def _told(self, call: str) -> bool:
        """Whether a call was answered, of each object of its kind that was read; or each was given with its answer."""
        kind, detail = _PER_OBJECT.get(call, ("", ""))
        if kind == APPLICATION:
            mine = [row["details"] for row in self._resources if row["kind"] == "entra:application"]
        else:
            mine = [row["details"] for row in self._principals if kind and row["details"].get("type") == kind]
        read = [one for one in mine if one.get("read") == "yes"]
        asked = self._answered(call) or (bool(read) and (call, False) not in self._known)
        return asked and all(detail in one for one in read)

    @cached_property
    def _whole(self) -> bool:
        """Whether all users, groups and service principals were read."""
        return any(row["people_known"] for row in self._rows("scopes"))

    def _in_part(self) -> tuple[str, ...]:
        """What lists of groups' owners left out."""
        return (OWNING_SERVICES,) if any(row["details"].get("owners") == "people" for row in self._principals) else ()

    def estate(self, published: Published) -> Estate:
        """The estate."""
        owners, objects = self._owners(), self._objects()
        for owned, kind in owners[1].items():
            objects.setdefault(owned, Object(owned, kind))
        units, unit_members = self._units(objects)
        groups, partly = self._groups()
        return Estate(
            published=published,
            objects=objects,
            roles=self._roles(),
            assignments=tuple(self._assignments("allow")),
            eligible=tuple(self._assignments("eligible")),
            groups=groups,
            enrolments=(*self._enrolments(), *partly),
            people_told=frozenset(row["id"] for row in self._principals if row["details"].get("members") == "people"),
            units=units,
            unit_members=unit_members,
            owners=owners[0],
            app_roles=tuple(self._app_roles()),
            delegations=tuple(self._delegations()),
            trusted=tuple(self._trusted()),
            policy=self._policy(),
            access_policies=tuple(self._access_policies()),
            all_groups=self._whole,
            unread=(*(what for what, call in UNREAD.items() if not self._told(call)), *self._in_part()),
            untold=frozenset(
                row["id"]
                for row in self._resources
                if row["kind"] == "entra:application" and "federated" not in row["details"]
            ),
        )

    # --- objects ------------------------------------------------------------------------------------------------------

    def _objects(self) -> dict[str, Object]:
        found = {row["id"]: _principal(row) for row in self._principals if row["details"].get("read")}
        for row in self._resources:
            if row["kind"] == "entra:application" and row["details"].get("read"):
                found[row["id"]] = _application(row)
        return found

    def _member(self, id: str) -> Member:
        return Member(id, self._types.get(id, ""))

    def _groups(self) -> tuple[dict[str, tuple[Member, ...]], list[Enrolment]]:
        """Members of the groups of which all were told; of others those who were told, as members one by one."""
        members: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for row in self._rows("memberships"):
            if row["kind"] == "directory_group":
                members[row["group"]][row["member"]] = None
        whole = {row["id"]: row["members_known"] for row in self._principals}
        groups = {group: tuple(map(self._member, members[group])) for group, told in whole.items() if told}
        partly = [Enrolment(one, group, False, ALWAYS) for group, several in members.items()
                  if not whole.get(group) for one in several]  # fmt: skip
        return groups, partly

    def _units(self, objects: dict[str, Object]) -> tuple[dict[str, Unit], dict[str, frozenset[str]]]:
        units: dict[str, Unit] = {}
        inside: defaultdict[str, set[str]] = defaultdict(set)
        for row in self._rows("memberships"):
            if row["kind"] == "administrative_unit":
                inside[row["group"]].add(row["member"])
        members: dict[str, frozenset[str]] = {}
        for row in self._resources:
            id, told = row["id"], row["details"]
            if row["kind"] != "entra:administrative_unit":
                continue
            if told.get("read") == "yes":
                units[id] = Unit(id, "" if row["name"] == id else row["name"], told.get("restricted") == "yes")
            if told.get("members") == "all":
                members[id] = frozenset(inside[id])
        for id in {one for several in inside.values() for one in several}:
            if self._types.get(id) == DEVICE:
                objects.setdefault(id, Object(id, DEVICE))
        if not self._answered(kinds.UNITS):
            # Any of them may be restricted, and have anybody in it.
            units[UNREAD_UNIT] = Unit(UNREAD_UNIT, "", None)
        elif self._whole:
            # Where all were read, one that assignments alone name is gone: it is not restricted, and nobody is in it.
            gone = {at.id for at in self._places() if at.at is At.UNIT} - units.keys() - members.keys()
            units |= {id: Unit(id, "", False) for id in gone - inside.keys()}
            members |= dict.fromkeys(gone - inside.keys(), frozenset())
        return units, members

    def _access_policies(self) -> Iterator[AccessPolicy]:
        for row in self._resources:
            if row["kind"] == "entra:conditional_access_policy":
                told = row["details"]
                parts = (msgspec.json.decode(told.get(key) or "{}") for key in ("conditions", "grant_controls"))
                name, state = row["name"] or row["id"], told.get("state", "")
                try:
                    found = parse_access_policy(name, state, *parts)
                except FieldError:
                    found = unread_access_policy(name)
                if found is not None:
                    yield found

    def _places(self) -> Iterator[Place]:
        """Where roles are assigned, or can be activated."""
        return (one.place for layer in ("allow", "eligible") for one in self._assignments(layer))

    # --- roles --------------------------------------------------------------------------------------------------------

    def _roles(self) -> dict[str, Role]:
        return {
            row["id"]: parse_role(self._document(row["document"]))
            for row in self._rows("policies")
            if row["kind"] in _ROLES and row["source"] != "catalogue"
        }

    def _assignments(self, layer: str) -> Iterator[Assignment]:
        for kind, body in self._given[layer]:
            if kind in _GRANTS and "groupId" not in body:
                yield parse_assignment(body)

    def _enrolments(self) -> Iterator[Enrolment]:
        for layer in ("allow", "ownership"):
            yield from (parse_enrolment(body) for _, body in self._given[layer] if "groupId" in body)

    # --- owners, apps, policy -----------------------------------------------------------------------------------------

    def _owners(self) -> tuple[dict[str, tuple[Member, ...]], dict[str, str]]:
        """Owners by what they own, and the kinds of what is owned, where that is told with an owner."""
        found: defaultdict[str, list[Member]] = defaultdict(list)
        told: dict[str, str] = {}
        for _, body in self._given["ownership"]:
            if "groupId" in body:
                continue
            fields = Fields(body)
            owned = fields.needed("resourceId")
            found[owned].append(Member(fields.needed("id"), fields.text("@odata.type")))
            if kind_of(fields.text("resourceType")):
                told[owned] = kind_of(fields.text("resourceType"))
        return {owned: tuple(dict.fromkeys(several)) for owned, several in found.items()}, told

    def _app_roles(self) -> Iterator[AppRole]:
        yield from (parse_app_role(body) for _, body in self._given["application"])

    def _delegations(self) -> Iterator[Delegation]:
        yield from (parse_delegation(body) for _, body in self._given["delegated"])

    def _trusted(self) -> Iterator[Trusted]:
        for row in self._resources:
            if row["kind"] == "entra:application" and row["policy"] is not None:
                told = self._document(row["policy"])
                for one in told["federatedIdentityCredentials"]:
                    yield parse_trusted({**one, "applicationId": told["applicationId"]})

    def _policy(self) -> Policy | None:
        found = [row for row in self._resources if row["kind"] == "entra:authorization_policy"]
        return parse_policy(self._document(found[0]["policy"])) if found else None


def _principal(row: Mapping[str, Any]) -> Object:
    """A user, group, service principal or device that was read."""
    id, told = row["id"], row["details"]
    kind = told.get("type", "") or _NATIVE.get(row["native"], "")
    name = "" if row["name"] == id else row["name"]
    if kind == USER:
        guest = {"foreign": True, "own": False}.get(row["directory"])
        return Object(id, USER, name, row["enabled"], guest)
    if kind == GROUP:
        assignable = {"yes": True, "no": False}.get(told.get("assignable", ""))
        return Object(id, GROUP, name, assignable=assignable, subtypes=_subtypes(told))
    if kind == SERVICE:
        roles, scopes = told.get("app_roles"), told.get("scopes")
        return Object(
            id, SERVICE, name, row["enabled"], app=(row["unique_id"] or "").lower(),
            app_roles=None if roles is None else msgspec.json.decode(roles),
            scopes=None if scopes is None else frozenset(msgspec.json.decode(scopes)),
            wants_assignment=told.get("assignment_required") == "yes", owner=told.get("owner", ""),
        )  # fmt: skip
    return Object(id, kind, name)


def _subtypes(told: Mapping[str, str]) -> dict[str, bool]:
    found = {name: told[name] == "yes" for name in ("dynamic", "unified", "security", "hidden") if name in told}
    if "dynamic" in found:
        found["assignedmembership"] = not found["dynamic"]
    return found


def _application(row: Mapping[str, Any]) -> Object:
    id, told = row["id"], row["details"]
    audience = told.get("audience", "").lower()
    return Object(
        id, APPLICATION, "" if row["name"] == id else row["name"],
        subtypes={"myorganization": audience == "azureadmyorg"} if audience else {}, app=told.get("app", ""),
        locked={"yes": True, "no": False}.get(told.get("locked", "no")),
    )  # fmt: skip
