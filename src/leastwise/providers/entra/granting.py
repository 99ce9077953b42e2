"""Directory roles, ownership, memberships by PIM, permissions of apps and custom roles of a tenant changed in thought.

https://learn.microsoft.com/graph/api/resources/rolemanagement
https://learn.microsoft.com/graph/api/resources/approleassignment
https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from leastwise.providers.base.draft import Draft
from leastwise.providers.base.granting import (
    Grant,
    MisfitError,
    Standing,
    WithoutLayers,
    drop_unless_given,
    object_of,
    only,
)
from leastwise.providers.fields import FieldError
from leastwise.providers.guids import guid

from .catalog import current
from .catalog.tables import tables
from .compiled.estate import UNREAD
from .language.assignments import Assignment, Enrolment, Span, parse_assignment, parse_enrolment
from .language.directory import APPLICATION
from .language.grants import AppRole, Delegation, parse_app_role, parse_delegation
from .language.ids import At, Place, object_id
from .offering import Offering, offering_of
from .translate.apps import APPLICATION_PERMISSION, DELEGATED, DELEGATED_PERMISSION, app_role_named, scope_named
from .translate.assignments import MEMBER_OF
from .translate.changed import Fragment
from .translate.owners import OWNER_OF
from .translate.roles import BUILT_IN, CUSTOM

_ROLES = (BUILT_IN, CUSTOM)
_BUNDLES = frozenset({*_ROLES, APPLICATION_PERMISSION, DELEGATED_PERMISSION, "membership", "ownership"})
_OWNER = f"{OWNER_OF}group"
_KINDS = {"role_assignment", "activated_assignment", "eligible_assignment", "owner", "activated_owner"}
_UNITS = "administrativeunits/"
_USER = "User"


@dataclass(frozen=True)
class _Row:
    """A row of attachments with its document."""

    place: int
    row: Mapping[str, Any]
    body: Mapping[str, Any]


class Grants(WithoutLayers):
    """See `providers.base.granting.Granting`."""

    def spelled(self, text: str) -> tuple[str, ...]:
        """The ids that a text may mean: itself, and an object id as it is compared."""
        return text, object_id(text)

    def bundle(self, draft: Draft, text: str) -> str:
        """The id of a role, or of a permission of an application."""
        found = only(draft, "policies", text, (text, text.lower()), _BUNDLES)
        if found:
            return found
        facts, plain_text = current(), text.removesuffix(DELEGATED)
        key = facts.by_title.get(text.lower(), text.lower())
        if facts.role(key) is not None or (guid(key) and draft.mentioning(f'"roleDefinitionId":"{key}"')):
            return key
        graph = plain_text in (facts.scopes if text != plain_text else facts.app_roles.values())
        resource = plain_text.partition("/")[0].lower()
        offered = "/" in plain_text and draft.known("principals", id=resource)
        if graph or offered or text == MEMBER_OF or _owned(text) in tables().owners:
            return f"{resource}{text[len(resource) :]}" if offered and not graph else text
        raise MisfitError(f"{text}: no such role or permission in the estate, nor one of Microsoft's")

    def place(self, draft: Draft, text: str) -> str:
        """The id of the tenant, a unit or an object, as attachments name it."""
        low = object_id(text)
        tenant = _tenant(draft)
        if not low or low == tenant:
            return tenant
        short = low.removeprefix(_UNITS)
        found = only(draft, "resources", text, (text, short)) or only(draft, "principals", text, (text, short))
        if found or draft.known("attachments", target=text):
            return found or text
        raise MisfitError(f"{text}: no such administrative unit, group or application in the estate")

    def standing(self, draft: Draft, on: str) -> Standing:
        """What is given on the tenant or an object itself."""
        offering = offering_of(draft, on)
        found = [grant for one in _rows(draft, on) for grant in _grants(one, on, offering)]
        # Whom privileged access made an owner the list of owners names as well.
        timed = {one.key for one in found if one.bundle == _OWNER and one.id}
        found = [one for one in found if one.id or one.key not in timed]
        calls = draft.spoken("coverage", "call", [call.partition(".")[2] for call in UNREAD.values()])
        failed = [f"{row['service']}.{row['call']}: {row['status']}" for _, row in calls if row["status"] != "ok"]
        return Standing(list(dict.fromkeys(found)), next(iter(failed), ""))

    def give(self, draft: Draft, grant: Grant, source: str) -> None:
        """Add a grant."""
        if grant.condition:
            raise MisfitError("grants of a directory have no conditions", "condition")
        made = Fragment(_tenant(draft), source)
        home = _home(draft)
        timed = grant.eligible or grant.activated or grant.since or grant.until or grant.id
        if grant.bundle == MEMBER_OF or (grant.bundle == _OWNER and timed):
            self._enrol(draft, home, made, grant, source)
        elif grant.bundle.startswith(OWNER_OF):
            self._own(draft, made, grant)
        elif _is_role(draft, grant.bundle):
            self._assign(draft, made, grant)
        elif grant.eligible or grant.until or grant.since:
            raise MisfitError("permissions of applications are neither eligible nor for a time", "bundle")
        elif grant.bundle.endswith(DELEGATED):
            self._consent(draft, made, grant)
        else:
            self._app_role(draft, made, grant)
        draft.merge(home, made.tables())

    def take(self, draft: Draft, grant: Grant) -> None:
        """Take a grant away; of a consent to several scopes one of them."""
        offering = offering_of(draft, grant.on)
        for one in list(_rows(draft, grant.on)):
            told = list(_grants(one, grant.on, offering))
            if grant.key not in [each.key for each in told]:
                continue
            where = {name: one.row[name] for name in ("layer", "target", "policy", "document")}
            draft.take(one.place, "attachments", {one.row["kind"]}, **where)
            left = [each for each in told if each.key != grant.key]
            if left:
                made = Fragment(_tenant(draft), one.row.get("source") or "")
                _consented(made, offering, left)
                draft.merge(one.place, made.tables())
        if grant.bundle == MEMBER_OF and not grant.eligible:
            named = {"member": grant.principal, "group": grant.on}
            draft.take(_home(draft), "memberships", {"privileged_group"}, **named)

    # --- kinds of grants

    def _assign(self, draft: Draft, made: Fragment, grant: Grant) -> None:
        place = Place(At.OBJECT, grant.on)
        if grant.on == _tenant(draft):
            place = Place(At.TENANT)
        elif grant.on.startswith("/"):
            place = Place(At.APP, grant.on)
        elif draft.known("resources", id=grant.on, kind="entra:administrative_unit"):
            place = Place(At.UNIT, grant.on)
        span = Span(grant.since, grant.until)
        one = Assignment(grant.id, grant.bundle, grant.principal, place, span, grant.activated)
        made.assignment(one, eligible=grant.eligible)

    def _enrol(self, draft: Draft, home: int, made: Fragment, grant: Grant, source: str) -> None:
        if not draft.known("principals", id=grant.on, kind="group"):
            raise MisfitError(f"{grant.on}: is no group", "on")
        owner = grant.bundle == _OWNER
        one = Enrolment(grant.principal, grant.on, owner, Span(grant.since, grant.until))
        made.enrolment(one, eligible=grant.eligible, activated=grant.activated, id=grant.id)
        if not owner and not grant.eligible:
            draft.append(home, "memberships", member=grant.principal, group=grant.on, kind="privileged_group",
                         until=grant.until, source=source)  # fmt: skip

    def _own(self, draft: Draft, made: Fragment, grant: Grant) -> None:
        if grant.eligible or grant.until or grant.since:
            raise MisfitError("owners of anything but groups are neither eligible nor for a time", "bundle")
        kind, known = _owned(grant.bundle), _kind(draft, grant.on)
        if known != kind:
            raise MisfitError(f"{grant.on}: is no {kind}{f', but a {known}' if known else ''}", "on")
        made.owner(grant.on, kind, grant.principal, _kind(draft, grant.principal))

    def _app_role(self, draft: Draft, made: Fragment, grant: Grant) -> None:
        offering = offering_of(draft, grant.on)
        role = offering.role(grant.bundle)
        if role is None:
            raise MisfitError(f"{grant.on}: offers no {grant.bundle}", "bundle")
        _, value, graph = app_role_named(grant.on, role, offering.roles, offering.app)
        told = dict(next(iter(row for _, row in draft.found("principals", id=grant.principal)))["details"] or ())
        one = AppRole(grant.principal, told.get("type", ""), grant.on, role)
        made.app_role(one, grant.bundle, value or "", grant.id, graph=graph)

    def _consent(self, draft: Draft, made: Fragment, grant: Grant) -> None:
        offering = offering_of(draft, grant.on)
        if not offering.offers(grant.bundle):
            raise MisfitError(f"{grant.on}: offers no {grant.bundle}", "bundle")
        beside: list[Grant] = []
        for one in list(_rows(draft, grant.on)):
            told = list(_grants(one, grant.on, offering))
            if one.row["layer"] == "delegated" and (told[0].principal, told[0].behalf) == (
                grant.principal,
                grant.behalf,
            ):
                beside += told
                where = {name: one.row[name] for name in ("layer", "target", "policy", "document")}
                draft.take(one.place, "attachments", {one.row["kind"]}, **where)
        _consented(made, offering, [*beside, grant])

    # --- roles

    def own(self, draft: Draft, text: str) -> str:
        """The id of a custom role."""
        found = only(draft, "policies", text, (text, text.lower()), _ROLES)
        key = found or object_id(text)
        if current().role(key) is not None or (found and not draft.known("policies", id=found, kind=CUSTOM)):
            raise MisfitError(f"{text}: is one of Microsoft's own roles, which cannot be changed")
        if not found and not guid(key):
            raise MisfitError(f"{text}: is no custom role: its id, or a unique name")
        return key

    def definition(self, draft: Draft, id: str) -> bytes | None:
        """What a custom role says; None where there is none."""
        for place, row in draft.found("policies", id=id, kind=CUSTOM):
            return draft.text(place, row["document"])
        return None

    def define(self, draft: Draft, id: str, document: bytes, source: str) -> None:
        """Put what a custom role says."""
        stood = json.loads(self.definition(draft, id) or b"{}")
        kept = {name: stood[name] for name in ("displayName", "templateId") if name in stood}
        made = Fragment(_tenant(draft), source)
        title = made.role({**kept, **object_of(document), "id": id, "isBuiltIn": False})
        tables = made.tables()
        for place, _ in draft.found("policies", id=id):
            draft.change(place, "policies", {"id": id}, document=draft.intern(place, tables), name=title)
        if not stood:
            draft.merge(_home(draft), tables)

    def drop(self, draft: Draft, id: str) -> None:
        """Delete a custom role that nobody has."""
        drop_unless_given(draft, id, _KINDS, "roleDefinitionId")


def _rows(draft: Draft, on: str) -> Iterator[_Row]:
    """The rows of what is given on something, but for what no change can give."""
    for place, row in draft.found("attachments", target=on):
        if row["document"] is None or row["kind"] == "resource_role":
            continue
        yield _Row(place, row, json.loads(draft.text(place, row["document"])))


def _grants(one: _Row, on: str, offering: Offering) -> Iterator[Grant]:
    """The grants that a row is of: of a consent one for each scope."""
    layer, body, kind = one.row["layer"], one.body, one.row["kind"]
    if layer == "application":
        role = parse_app_role(body)
        bundle, _, _ = app_role_named(on, role.role, offering.roles, offering.app)
        yield Grant(bundle, role.principal, on, id=body.get("id", ""))
    elif layer == "delegated":
        grant = parse_delegation(body)
        for scope in sorted(grant.scopes):
            bundle, _, _ = scope_named(on, scope, offering.scopes, offering.app)
            yield Grant(bundle, grant.client, on, behalf=grant.user, id=body.get("id", ""))
    elif layer == "ownership" and "resourceId" in body:
        yield Grant(one.row["policy"].partition(" ")[0], body["id"], on)
    elif "groupId" in body:
        told = parse_enrolment(body)
        yield Grant(
            _OWNER if told.owner else MEMBER_OF, told.principal, on, eligible=layer == "eligible",
            since=told.span.since, until=told.span.until, activated=kind in ("activated_assignment", "activated_owner"),
            id=body.get("id", ""),
        )  # fmt: skip
    elif kind in _KINDS and "roleDefinitionId" in body:
        try:
            found = parse_assignment(body)
        except FieldError:
            return
        yield Grant(
            found.role, found.principal, on, eligible=layer == "eligible", since=found.span.since,
            until=found.span.until, activated=found.activated, id=found.id,
        )  # fmt: skip


def _consented(made: Fragment, offering: Offering, grants: list[Grant]) -> None:
    """A delegated grant of several scopes."""
    named, scopes = dict[str, tuple[str, bool]](), set[str]()
    for one in grants:
        scope = offering.scope(one.bundle)
        _, value, graph = scope_named(one.on, scope, offering.scopes, offering.app)
        named[one.bundle] = (value, graph)
        scopes.add(scope)
    first = grants[0]
    id = next((one.id for one in grants if one.id), "")
    made.delegation(Delegation(first.principal, first.on, first.behalf, frozenset(scopes)), named, id)


def _owned(bundle: str) -> str:
    """What kind of object the owners are of that a bundle is of; empty where it is none of owners."""
    return bundle.removeprefix(OWNER_OF) if bundle.startswith(OWNER_OF) else ""


def _kind(draft: Draft, id: str) -> str:
    """The kind of an object; empty where it is not known."""
    if draft.known("resources", id=id, kind="entra:application"):
        return APPLICATION
    rows = (dict(row["details"] or ()) for _, row in draft.found("principals", id=id))
    return next((told["type"] for told in rows if told.get("type")), "")


def _is_role(draft: Draft, bundle: str) -> bool:
    known = any(row["kind"] in _ROLES for _, row in draft.found("policies", id=bundle))
    return known or current().role(bundle) is not None or bool(guid(bundle))


def _home(draft: Draft) -> int:
    return next(place for place in draft.places if draft.entries[place].readable)


def _tenant(draft: Draft) -> str:
    """The tenant whose grants are changed. Raises MisfitError where there is not exactly one."""
    read = [draft.entries[place] for place in draft.places if draft.entries[place].readable]
    if len(read) != 1:
        told = f"of {', '.join(one.id for one in read)}" if read else "of none that was read"
        raise MisfitError(f"a change is one of one tenant: this could be {told}")
    return read[0].id
