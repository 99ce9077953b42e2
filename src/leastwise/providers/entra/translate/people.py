"""Users, groups, service principals, devices, and who is in which group.

https://learn.microsoft.com/graph/api/resources/directoryobject
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from leastwise.model.scope import CoverageStatus
from leastwise.providers.entra.exports.kinds import DEVICES, GROUPS, SERVICE_PRINCIPALS, USERS
from leastwise.providers.entra.exports.shapes import kind_of
from leastwise.providers.entra.language.directory import VENDOR_TENANTS
from leastwise.providers.entra.language.directory import kind_of as type_of
from leastwise.providers.fields import FieldError
from leastwise.providers.rows import Facts

from .attributes import attributes
from .credentials import Credentials
from .details import DETAILS
from .reading import Object, moment, text, truth

_EXPANDED = 20
"""https://learn.microsoft.com/graph/query-parameters#expand"""
_SIGNED_IN = ("lastSignInDateTime", "lastNonInteractiveSignInDateTime", "lastSuccessfulSignInDateTime")
_NAMED = {"account": "", "native": "directory_object", "name": "", "path": "/", "kind": "unknown",
          "directory": "unknown"}  # fmt: skip


class People:
    """Principals and memberships under construction; what is told twice holds as it was told first."""

    def __init__(self, tenant: str, credentials: Credentials) -> None:
        self._tenant, self._credentials = tenant, credentials
        self._principals: dict[str, dict[str, Any]] = {}
        self._details: dict[str, dict[str, str]] = {}
        self._members: dict[tuple[str, str], str] = {}
        self._more: list[tuple[str, str, str, datetime | None, str]] = []
        """Memberships of other kinds: member, group, kind, end, source."""
        self._listed: dict[str, bool] = {}
        """Groups whose members were listed, and whether all of them."""
        self._people_only: set[str] = set()
        """Groups of whose members a list told all but service principals."""
        self._sources: dict[str, str] = {}
        """Where the members of each were listed."""
        self._named: dict[str, tuple[str, str]] = {}
        """Whom others name, of which kind, and where."""
        self._deleted: dict[str, str] = {}
        self._owners: dict[str, int] = {}
        self._registered: dict[str, tuple[bool | None, bool | None]] = {}
        self._signed: dict[str, datetime | None] = {}
        """When an app was last used, by its app id."""
        self._read: Mapping[str, Callable[[Object, str], dict[str, Any]]] = {
            USERS: _user, GROUPS: _group, SERVICE_PRINCIPALS: _service_principal, DEVICES: _device,
        }  # fmt: skip

    # --- what is told -------------------------------------------------------------------------------------------------

    def listed(self, group: str, source: str, *, whole: bool) -> None:
        """The members of a group were listed, perhaps without one."""
        self._sources.setdefault(group, source)
        self._listed[group] = whole or self._listed.get(group, False)

    def listed_in_part(self, group: str) -> None:
        """Of the members of a group some could not be read, whatever was listed."""
        self._listed[group] = False
        self._people_only.discard(group)

    def people_only(self, group: str) -> None:
        """A list of a group's members tells all but service principals."""
        self._people_only.add(group)

    def object(self, kind: str, value: Object, source: str) -> None:
        """An object of the directory, as its own list tells it. Raises FieldError where its form is not as documented.

        What was understood of it stays, and it does not count as read.
        """
        id = text(value, "id").lower()
        # A list of one aspect (`users.list:attributes`) tells nothing else of an object.
        plain, _, aspect = kind.partition(":")
        self._known(plain, id, value, source)
        if kind in DETAILS and id and not aspect:
            found = DETAILS[kind](value)
            held = self._details.setdefault(id, {})
            for name, told in ({**found, "read": "yes"}).items():
                held.setdefault(name, told)

    def member(self, group: str, value: Object, source: str) -> None:
        """A member of a group, as a list of members tells it. Raises FieldError."""
        id = text(value, "id").lower()
        if not id:
            raise FieldError("id is missing")
        self._members.setdefault((id, group), source)
        self._known(kind_of({one: told for one, told in value.items() if one != "groupId"}) or "", id, value, source)
        self.typed(id, text(value, "@odata.type"))

    def typed(self, id: str, word: str) -> None:
        """What kind of object something is, as a list that names it tells."""
        type = type_of(word)
        if type:
            self._details.setdefault(id, {}).setdefault("type", type)

    def named(self, id: str, word: str, source: str) -> None:
        """Somebody whom an assignment, a grant or an owner's list names, of a kind that is perhaps told."""
        self._named.setdefault(id, (word, source))
        self.typed(id, word)

    def deleted(self, id: str, name: str) -> None:
        """Somebody who was deleted."""
        self._deleted.setdefault(id, name)

    def belongs(self, member: str, group: str, kind: str, until: datetime | None, source: str) -> None:
        """A membership of another kind."""
        self._more.append((member, group, kind, until, source))

    def owned(self, owners: Mapping[str, int], asked: Iterable[str], people: Iterable[str]) -> None:
        """How many own each object, as far as known; and of which all owners, or all but services, were listed."""
        self._owners = dict(owners)
        self.listed_of("owners", asked)
        self.listed_of("owners", people, "people")

    def listed_of(self, name: str, ids: Iterable[str], how: str = "listed") -> None:
        """Note that something of these objects was listed, as a whole or how else."""
        for id in ids:
            if id in self._principals:
                self._details.setdefault(id, {})[name] = how

    def registered(self, id: str, mfa: bool | None, hardware: bool | None) -> None:
        """Whether a user has registered a second factor, and one of hardware."""
        self._registered.setdefault(id, (mfa, hardware))

    def signed(self, app: str, time: datetime | None) -> None:
        """When an app was last signed in as, by its app id."""
        self._signed.setdefault(app, time)

    def type(self, id: str) -> str:
        """The kind of an object, as far as anything told it yet."""
        return self._details.get(id, {}).get("type", "")

    def offers(self, id: str) -> Mapping[str, str] | None:
        """The values by id of the app roles that a service principal offers; None where it does not tell them."""
        told = self._details.get(id, {}).get("app_roles")
        return None if told is None else msgspec.json.decode(told, type=dict[str, str])

    def scopes(self, id: str) -> Mapping[str, str]:
        """The scopes that a service principal is known to offer as they are written, by their lower case."""
        told = self._details.get(id, {}).get("scopes", "[]")
        return {one.lower(): one for one in msgspec.json.decode(told, type=list[str])}

    def _known(self, kind: str, id: str, value: Object, source: str) -> None:
        reader = self._read.get(kind)
        if reader is None or not id:
            return
        if kind == SERVICE_PRINCIPALS:
            self._credentials.service_principal(value, source)
        held = self._principals.setdefault(id, {"source": source})
        for name, told in reader(value, self._tenant).items():
            if told is not None and told != "" and told != ():
                held.setdefault(name, told)
        members = value.get("members") if kind == GROUPS else None
        if isinstance(members, list):
            # Of the members that a group is expanded with, the vendor tells twenty and no more.
            named = [one for one in members if isinstance(one, Mapping) and text(one, "id")]
            some = len(named) < len(members) or len(members) >= _EXPANDED or value.get("members@odata.nextLink")
            self.listed(id, source, whole=not some)
            for one in named:
                self.member(id, one, source)

    # --- rows ---------------------------------------------------------------------------------------------------------

    def finish(self, facts: Facts) -> None:
        """Add the rows. A member or group that nothing describes is a principal of which only the id is known."""
        unread = self._undescribed(dict.fromkeys((*(id for pair in self._members for id in pair), *self._listed)))
        sources = {id: where for (member, group), where in reversed(self._members.items()) for id in (member, group)}
        groups = {group for _, group in self._members} | set(self._listed)
        for id in unread:
            where = sources.get(id, self._sources.get(id, ""))
            self._principals[id] = {"source": where, "kind": "group" if id in groups else "unknown"}
        lost = self._undescribed(self._named)
        for id in lost:
            is_group = type_of(self._named[id][0]) == "group"
            self._principals[id] = {"source": self._named[id][1], "kind": "group" if is_group else "unknown"}
        for id in (one for one in (*unread, *lost) if one in self._deleted):
            self._principals[id] |= {"kind": "deleted", "name": self._deleted[id] or id}
        self._rules(facts)
        for id in self._people_only:
            if not self._listed[id]:
                self._details.setdefault(id, {})["members"] = "people"
        for id, told in self._principals.items():
            columns = {**_NAMED, "account": self._tenant, "name": id} | told
            mfa, hardware = self._registered.get(id, (None, None)) if columns["kind"] == "human" else (None, None)
            facts.principals.add(
                **{**columns, **self._used(columns), "id": id}, members_known=self._listed.get(id), mfa=mfa,
                mfa_hardware=hardware, owners=self._owners.get(id), details=tuple(self._details.get(id, {}).items()),
            )  # fmt: skip
        for (member, group), source in self._members.items():
            facts.memberships.add(member=member, group=group, kind="directory_group", source=source)
        for member, group, kind, until, source in self._more:
            facts.memberships.add(member=member, group=group, kind=kind, until=until, source=source)
        gone = [one for one in (*unread, *lost) if one in self._deleted]
        _gap(facts, "members or groups that nothing describes", [one for one in unread if one not in gone])
        what = "principals of grants that nothing describes: deleted, of another tenant, or not read"
        _gap(facts, what, [one for one in lost if one not in gone])

    def _rules(self, facts: Facts) -> None:
        """Tag the groups whose members a rule chooses with who steers that; a rule that does not parse is a gap."""
        for id, told in self._details.items():
            held = self._principals.get(id)
            if held is None or "rule" not in told:
                continue
            if "steered_by" in told:
                held["tags"] = (*held.get("tags", ()), ("steered_by", told["steered_by"]))
            else:
                detail = f"the rule of group {held.get('name', id)} ({id}) {told['rule_error']} ({held['source']})"
                facts.coverage.add(
                    service="graph", call="groups.list", status=CoverageStatus.UNSUPPORTED.value, detail=detail,
                    affects="who could steer who is in it; members are as they were listed",
                )  # fmt: skip

    def _undescribed(self, ids: Iterable[str]) -> list[str]:
        return [id for id in ids if id and id not in self._principals]

    def _used(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        """The last sign-in of an app, where a report tells it."""
        app = str(columns.get("unique_id", "")).lower()
        if app not in self._signed or columns["kind"] not in ("workload", "provider_service"):
            return {}
        return {"last_used": self._signed[app], "last_used_known": True}


def _gap(facts: Facts, what: str, unread: list[str]) -> None:
    if unread:
        facts.coverage.add(
            service="graph", call="directoryObjects.get", status=CoverageStatus.NOT_TRIED.value,
            detail=f"{len(unread)} {what}, {unread[0]} first", affects="who they are",
        )  # fmt: skip


def _user(value: Object, tenant: str) -> dict[str, Any]:
    type, name = text(value, "userType").lower(), text(value, "userPrincipalName")
    guest = type == "guest" or (not type and "#ext#" in name.lower())
    return {
        "kind": "human", "native": "user", "name": name or text(value, "displayName"),
        "mail": (text(value, "mail") or ("" if guest else name)).lower(), "enabled": truth(value, "accountEnabled"),
        "created": moment(value, "createdDateTime"),
        "directory": "foreign" if guest else "own" if type == "member" else None,
        "last_used": _signed_in(value.get("signInActivity")),
        "tags": attributes(value),
        "last_used_known": True if isinstance(value.get("signInActivity"), Mapping) else None,
    }  # fmt: skip


def _signed_in(activity: object) -> datetime | None:
    """The last sign-in of a user, by himself or by a program that acts for him: each kind is told for itself.

    https://learn.microsoft.com/graph/api/resources/signinactivity
    """
    told = (moment(activity, name) for name in _SIGNED_IN)
    return max((one for one in told if one is not None), default=None)


def _group(value: Object, tenant: str) -> dict[str, Any]:
    tags = []
    if text(value, "membershipRule"):
        tags.append(("dynamic", "yes"))
    if value.get("isAssignableToRole") is True:
        tags.append(("role_assignable", "yes"))
    return {
        "kind": "group", "native": "group", "name": text(value, "displayName"), "mail": text(value, "mail").lower(),
        "created": moment(value, "createdDateTime"), "directory": "own", "tags": tuple(tags),
    }  # fmt: skip


def _device(value: Object, tenant: str) -> dict[str, Any]:
    return {
        "kind": "device", "native": "device", "name": text(value, "displayName"),
        "enabled": truth(value, "accountEnabled"), "created": moment(value, "registrationDateTime"),
        "last_used": moment(value, "approximateLastSignInDateTime"),
        "last_used_known": True if "approximateLastSignInDateTime" in value else None, "directory": "own",
    }  # fmt: skip


def _service_principal(value: Object, tenant: str) -> dict[str, Any]:
    owner, type = text(value, "appOwnerOrganizationId").lower(), text(value, "servicePrincipalType")
    managed = type == "ManagedIdentity"
    own = managed or owner == tenant
    foreign = not own and owner != "" and owner not in VENDOR_TENANTS
    stopped = text(value, "disabledByMicrosoftStatus").lower().startswith("disabled")
    return {
        "kind": "provider_service" if owner in VENDOR_TENANTS and not own else "workload",
        "native": "managed_identity" if managed else "service_principal",
        "name": text(value, "displayName") or text(value, "appDisplayName"), "unique_id": text(value, "appId"),
        "enabled": False if stopped else truth(value, "accountEnabled"), "created": moment(value, "createdDateTime"),
        "directory": "own" if own else "foreign" if owner else None,
        "tags": (*attributes(value), *([("application_owner", owner)] if foreign else [])),
    }  # fmt: skip
