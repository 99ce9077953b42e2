"""Which translator reads which kind of raw document."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from leastwise.model.scope import RawDocument
from leastwise.providers.entra.exports import kinds
from leastwise.providers.entra.exports.shapes import read_items
from leastwise.providers.entra.exports.spelling import LISTED, PEOPLE_ONLY, SOME
from leastwise.providers.entra.language.assignments import span_of
from leastwise.providers.entra.language.settings import DOCUMENT
from leastwise.providers.fields import Body, FieldError, Fields

from . import active, apps, assignments, diagnostics, intune, owners, policies, requests, roles, signing, units
from .context import Context
from .reading import text

Read = Callable[[Context, Body, str, str], None]
"""Takes in one object: what its list is of, and where it was read. Raises FieldError."""

_OBJECTS = (kinds.USERS, kinds.GROUPS, kinds.SERVICE_PRINCIPALS, kinds.DEVICES)
_OF_OBJECTS = {kinds.GROUPS: "group", kinds.SERVICE_PRINCIPALS: "servicePrincipal", kinds.DEVICES: "device",
               kinds.USERS: "user"}  # fmt: skip
_SCHEDULES = {
    kinds.SCHEDULES: kinds.INSTANCES, kinds.ELIGIBLE_SCHEDULES: kinds.ELIGIBLE,
    kinds.ENROLMENT_SCHEDULES: kinds.ENROLMENTS, kinds.OFFER_SCHEDULES: kinds.OFFERS,
}  # fmt: skip
"""Schedules, by the kind of what they have made: where that was read, it is what is in force."""
_READERS: Mapping[str, Read] = {
    kinds.APPLICATIONS: apps.application,
    kinds.FEDERATED: apps.federated,
    **dict.fromkeys((kinds.APP_ROLES_OF, kinds.APP_ROLES, kinds.USER_APP_ROLES, kinds.GROUP_APP_ROLES), apps.app_role),
    kinds.DELEGATIONS: apps.delegation,
    **dict.fromkeys(kinds.OWNERS, owners.owner),
    kinds.UNITS: units.unit,
    kinds.UNIT_MEMBERS: units.member,
    kinds.ROLES: roles.definition,
    kinds.ASSIGNMENTS: assignments.assignment,
    kinds.ACTIVE_ROLES: active.role,
    kinds.ROLE_MEMBERS: active.member,
    kinds.SCOPED_MEMBERS: active.scoped,
    kinds.INSTANCES: assignments.instance,
    kinds.ELIGIBLE: assignments.eligible,
    kinds.ENROLMENTS: assignments.enrolment,
    kinds.OFFERS: assignments.offer,
    **dict.fromkeys((kinds.ACCESS_REQUESTS, kinds.GROUP_REQUESTS), requests.of_access),
    **dict.fromkeys((kinds.OFFER_REQUESTS, kinds.GROUP_OFFER_REQUESTS), requests.of_offers),
    **dict.fromkeys((kinds.SOME_REQUESTS, kinds.SOME_GROUP_REQUESTS), requests.of_either),
    kinds.APPROVALS: requests.approval,
    **dict.fromkeys((kinds.ROLE_STAGES, kinds.GROUP_STAGES), requests.stage),
    kinds.RULES: assignments.rules,
    kinds.RULE_ASSIGNMENTS: assignments.rule_assignment,
    kinds.AUTHORIZATION_POLICY: policies.authorization,
    kinds.CONSENT_POLICIES: policies.consent_policy,
    kinds.CONSENT_REQUESTS: policies.consent_requests,
    kinds.CONDITIONAL_ACCESS: policies.conditional_access,
    kinds.LOCATIONS: policies.location,
    kinds.SECURITY_DEFAULTS: policies.security_defaults,
    kinds.SIGN_IN_METHODS: policies.sign_in_methods,
    **dict.fromkeys(kinds.CROSS_TENANT, policies.cross_tenant),
    **dict.fromkeys(kinds.DELETED, signing.deleted),
    kinds.INTUNE_ROLES: intune.definition,
    kinds.INTUNE_ASSIGNMENTS: intune.assignment,
    kinds.REGISTRATION: signing.registration,
    kinds.SERVICE_SIGN_INS: signing.sign_ins,
    DOCUMENT: diagnostics.setting,
}
_LINKS = (kinds.MEMBERS, kinds.UNIT_MEMBERS, kinds.ROLE_MEMBERS, kinds.FEDERATED, *kinds.OWNERS)
"""Lists that tell less of somebody than his own."""
_NAMING = ("groupId", "administrativeUnitId", "applicationId")
"""How what stands in a list names what that is of, where the list does not."""
_OF_WHAT_IS_GONE = (*kinds.OWNERS, kinds.APP_ROLES_OF, kinds.FEDERATED)
"""Lists of each object, of which a document without any answer says that the object is there no more."""


def apply(context: Context) -> None:
    """Feed every object to its translator. Raises InputError naming the file and the place."""
    for one in context.collected.documents:
        kind, told, _ = one.kind.partition("!")
        if told and kind in _OF_WHAT_IS_GONE and one.resource:
            # It was deleted while the directory was read: nobody has anything of it any more.
            _listed(context, kind, one.resource.lower(), one.name, whole=True)
    documents = [one for one in context.collected.documents if "!" not in one.kind]
    there = {one.kind for one in documents}
    for document in sorted(documents, key=lambda one: one.kind in _LINKS):
        if _SCHEDULES.get(document.kind) not in there:
            _document(context, document)


def _document(context: Context, document: RawDocument) -> None:
    about, kind = document.resource.lower(), document.kind
    content = read_items(document.name, document.body)
    if about:
        people_only = any(PEOPLE_ONLY in item.value for item in content.items)
        some = content.more or people_only or any(SOME in item.value for item in content.items)
        _listed(context, kind, about, document.name, whole=not some)
        if people_only and kind in kinds.OWNERS:
            context.owners_in_part.add(about)
        elif people_only:
            context.people.people_only(about)
    for item in content.items:
        source = f"{document.name}#{item.place}"
        try:
            _object(context, kind, item.value, about, source)
        except FieldError as error:
            context.skip(f"an object of {kind} of which {error}", source, kind)
            _left_out(
                context, kind, about or next(filter(None, (text(item.value, one).lower() for one in _NAMING)), "")
            )


def _listed(context: Context, kind: str, of: str, source: str, *, whole: bool) -> None:
    """Something was listed of an object, perhaps nothing."""
    if kind == kinds.MEMBERS:
        context.people.listed(of, source, whole=whole)
    elif kind == kinds.UNIT_MEMBERS:
        units.listed(context, of, whole=whole)
    elif kind in kinds.OWNERS and whole:
        owners.listed(context, kind, of, source)
    elif kind in (kinds.APP_ROLES_OF, kinds.FEDERATED) and whole:
        context.listed.add((kind, of))


def _left_out(context: Context, kind: str, of: str) -> None:
    """Something of what was listed of an object could not be read: there may be more than is told."""
    if kind == kinds.MEMBERS and of:
        context.people.listed_in_part(of)
    elif kind == kinds.UNIT_MEMBERS and of:
        context.units_whole[of] = False
    elif kind == kinds.FEDERATED:
        context.listed.discard((kind, of))


def _object(context: Context, kind: str, value: Body, about: str, source: str) -> None:
    if value.keys() in ({"resource"}, {PEOPLE_ONLY}, {SOME}):
        return  # the note of an import that a list was empty, or of whom it tells
    if LISTED in value:
        of = text(value, "groupId") or text(value, "resourceId") or context.application_of(value)
        if of:
            _listed(context, kind, of.lower(), source, whole=True)
        return
    plain, _, aspect = kind.partition(":")
    if plain in _OBJECTS:
        context.people.object(kind, value, source)
        if not aspect:
            id = text(value, "id").lower()
            owners.expanded(context, id, _OF_OBJECTS[plain], value, source)
            apps.expanded(context, id, value, source)
    elif kind == kinds.MEMBERS:
        context.people.member(about or text(value, "groupId").lower(), value, source)
    elif kind == kinds.ORGANIZATION:
        # https://learn.microsoft.com/graph/api/resources/verifieddomain
        told = Fields(value).objects("verifiedDomains") or ()
        domains = sorted(name for one in told if (name := text(one, "name").lower()))
        context.organization = {"name": text(value, "displayName") or None, "domains": domains, "source": source}
    elif kind in _SCHEDULES:
        if span_of(Fields(value)).holds(context.collected.time):
            _READERS[_SCHEDULES[kind]](context, value, about, source)
    elif plain in _READERS:
        _READERS[plain](context, value, about, source)
