"""The documents of a case as collection would have them, and two estates made comparable."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from leastwise.model.scope import Collected, Coverage, CoverageStatus, RawDocument, Scope
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.compiled.estate import UNREAD, estate_of_tables
from leastwise.providers.entra.evaluate.estate import Estate, Member
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.exports import kinds

TENANT = "72f00000-0000-4000-8000-000000000000"
SCOPE = Scope("entra", "tenant", TENANT)
_KINDS = {
    "user": kinds.USERS,
    "group": kinds.GROUPS,
    "device": kinds.DEVICES,
    "service_principal": kinds.SERVICE_PRINCIPALS,
    "application": kinds.APPLICATIONS,
    "owner": kinds.APPLICATION_OWNERS,
    "directory_role_definition": kinds.ROLES,
    "directory_role_assignment": kinds.ASSIGNMENTS,
    "role_assignment_schedule": kinds.INSTANCES,
    "role_eligibility_schedule": kinds.ELIGIBLE,
    "administrative_unit": kinds.UNITS,
    "app_role_assignment": kinds.APP_ROLES_OF,
    "oauth2_permission_grant": kinds.DELEGATIONS,
    "federated_identity_credential": kinds.FEDERATED,
    "authorization_policy": kinds.AUTHORIZATION_POLICY,
}
_OF = {
    "group_member": (kinds.MEMBERS, "groupId"),
    "administrative_unit_member": (kinds.UNIT_MEMBERS, "administrativeUnitId"),
}
_OF_GROUPS = {kinds.INSTANCES: kinds.ENROLMENTS, kinds.ELIGIBLE: kinds.OFFERS}
_EACH = {
    kinds.GROUPS: (kinds.GROUP_OWNERS,),
    kinds.APPLICATIONS: (kinds.APPLICATION_OWNERS, kinds.FEDERATED),
    kinds.SERVICE_PRINCIPALS: (kinds.SERVICE_OWNERS, kinds.APP_ROLES_OF),
}
"""What is asked of each object of a kind, here without an answer: the documents tell it beside."""
EVERYTHING = sorted({kinds.UNITS, *UNREAD.values()})


def raw(documents: Sequence[Mapping[str, Any]], read: Sequence[str] = EVERYTHING) -> Collected:
    """The documents as answers of Graph, lists by what they are of."""
    several: dict[tuple[str, str], list[Any]] = {}
    for one in documents:
        body = {key[:1].lower() + key[1:]: value for key, value in one["body"].items()}
        if one["kind"] in _OF:
            kind, name = _OF[one["kind"]]
            about = str(body.get(name, "")).strip().lower()
        else:
            kind, about = _KINDS[one["kind"]], ""
            kind = _OF_GROUPS.get(kind, kind) if body.get("groupId") else kind
        several.setdefault((kind, about), []).append(body)
    for (kind, _), bodies in list(several.items()):
        for asked in _EACH.get(kind, ()):
            for body in bodies:
                several.setdefault((asked, str(body["id"]).strip().lower()), [])
    if not any(kind == kinds.AUTHORIZATION_POLICY for kind, _ in several):
        several[kinds.AUTHORIZATION_POLICY, ""] = [{"id": "authorizationPolicy"}]
    time = datetime(2026, 11, 1, tzinfo=UTC)
    made = [
        RawDocument(SCOPE, "graph", kind, f"{number}.json", json.dumps({"value": bodies}).encode(), about, time)
        for number, ((kind, about), bodies) in enumerate(several.items())
    ]
    coverage = [Coverage("graph", call.partition(".")[2], CoverageStatus.OK) for call in read]
    return Collected(SCOPE, time, tuple(made), tuple(coverage))


def by_tables(documents: Sequence[Mapping[str, Any]], read: Sequence[str] = EVERYTHING) -> Estate:
    """The estate that documents make by way of the tables."""
    return estate_of_tables(PROVIDER.translate(raw(documents, read)), published())


def comparable(estate: Estate) -> dict[str, Any]:
    """What an estate says, whatever the order of its lists; kinds of members as the whole estate tells them."""

    def members(several: Mapping[str, Sequence[Member]]) -> dict[str, set[Member]]:
        return {id: {replace(one, kind=estate.kind(one.id)) for one in told} for id, told in several.items() if told}

    return {
        "objects": dict(estate.objects),
        "roles": dict(estate.roles),
        "assignments": set(estate.assignments),
        "eligible": set(estate.eligible),
        "groups": members(estate.groups) | {id: set() for id, told in estate.groups.items() if not told},
        "enrolments": set(estate.enrolments),
        "units": dict(estate.units),
        "unit_members": dict(estate.unit_members),
        "owners": members(estate.owners),
        "app_roles": set(estate.app_roles),
        "delegations": set(estate.delegations),
        "trusted": set(estate.trusted),
        "policy": estate.policy,
        "unread": estate.unread,
        "untold": estate.untold - {one.application for one in estate.trusted},
        "kinds": {id: estate.kind(id) for id in estate._told},
    }
