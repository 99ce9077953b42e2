"""Drawn estates of Azure: the bulk engine and the reference give the same answers, in every direction."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from azure_estates import GROUPS, MANAGEMENT, OPERATIONS, PEOPLE, RESOURCES, ROLES, SCOPES, SUB, estates

from fakes.azure_bulk import TENANT, port_of
from leastwise.model.decision import RANK, Circumstances, State
from leastwise.providers.azure import catalog
from leastwise.providers.azure.compiled.port import AzurePort
from leastwise.providers.azure.compiled.situations import below
from leastwise.providers.azure.conform.documents import Published, estate_of
from leastwise.providers.azure.evaluate.allow import grant
from leastwise.providers.azure.evaluate.decide import decide
from leastwise.providers.azure.evaluate.directions import what_can, who_can
from leastwise.providers.azure.evaluate.estate import Estate
from leastwise.providers.azure.evaluate.explain import STATES
from leastwise.providers.azure.evaluate.request import Request, request
from leastwise.providers.azure.language.operations import Plane

EXAMPLES = 400 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 40
LAW = settings(
    phases=(Phase.explicit, Phase.reuse, Phase.generate), deadline=None, suppress_health_check=list(HealthCheck)
)
"""Not made smaller: an estate takes too long for that."""
PUBLISHED = Published(catalog.role, catalog.planes, catalog.every)
ATTRIBUTE = "Microsoft.Directory/CustomSecurityAttributes/Id:Engineering_Project"
MINE = (
    "@Environment[isPrivateLink] BoolEquals true",
    "@Environment[isPrivateLink] BoolEquals false",
    "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringNotEquals 'orders'",
    f"@Principal[{ATTRIBUTE}] StringEquals 'x'",
    f"@Principal[{ATTRIBUTE}] StringEquals @Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name]",
)
STRANGER = "ffffffff-0000-4000-8000-00000000000f"
FAR = "77777777-0000-4000-8000-000000000007"
"""A group of another tenant, of which nothing is read."""
PARTNER = "ffffffff-0000-4000-8000-00000000000a"
TENANTS = (TENANT, *(f"12121212-0000-4000-8000-00000000000{number}" for number in (1, 2)))
TIMES = ("2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z")
NAMES = (*RESOURCES, *(one for one in SCOPES if one not in RESOURCES))
Documents = list[dict[str, Any]]


@st.composite
def delegations(draw: st.DrawFn) -> dict[str, Any]:
    """What a subscription delegates to principals of another tenant, or of one that is not told."""
    who = draw(st.lists(st.sampled_from((PARTNER, FAR, GROUPS[0])), min_size=1, unique=True))
    given = [{"principalId": one, "roleDefinitionId": draw(st.sampled_from(ROLES))} for one in who]
    told: dict[str, Any] = {"authorizations": given}
    if draw(st.integers(0, 3)):
        told["managedByTenantId"] = draw(st.sampled_from(TENANTS[1:]))
    body = {"registrationDefinition": {"id": "d", "properties": told}}
    id = f"{SUB}/providers/Microsoft.ManagedServices/registrationAssignments/a"
    return {"kind": "registration_assignment", "body": {"id": id, "properties": body}}


@st.composite
def documents(draw: st.DrawFn) -> Documents:
    """An estate of which something was not read, some people have attributes, and some assignments end."""
    found: Documents = draw(estates())
    lost = draw(st.sampled_from(("", "", *GROUPS, "tree", "leaf", "types")))
    found = [one for one in found if not (one["kind"] == "group_member" and one["body"]["groupId"] == lost)]
    if lost == "tree":
        found = [one for one in found if one["kind"] != "management_group"]
    if lost == "leaf":
        entities = [one for one in found[0]["body"]["value"] if one["id"] != f"{MANAGEMENT}corp"]
        found[0] = {"kind": "management_group", "body": {"value": entities}}
    for one in found:
        if one["kind"] == "role_assignment":
            body = one["body"]["properties"]
            if draw(st.integers(0, 3)) == 0:
                body["condition"] = draw(st.sampled_from(MINE))
            if draw(st.integers(0, 3)) == 0:
                body["endDateTime"] = draw(st.sampled_from(TIMES))
            if lost == "types" and draw(st.booleans()):
                body["principalType"] = draw(st.sampled_from(("", "Unknown", "ServicePrincipal", "ForeignGroup")))
            if draw(st.integers(0, 3)) == 0:
                body["scope"] = body["scope"].upper()
            if draw(st.integers(0, 7)) == 0:
                body |= {"principalId": FAR, "principalType": "ForeignGroup"}
    elsewhere = draw(st.booleans())
    for who in draw(st.lists(st.sampled_from(PEOPLE), unique=True)):
        user: dict[str, Any] = {"id": who, "userPrincipalName": f"{who[-1]}@corp.example"}
        if elsewhere and (tenant := draw(st.sampled_from(TENANTS))) != TENANT:
            user["tenantId"] = tenant
        if draw(st.booleans()):
            value = draw(st.sampled_from(("x", "orders", ["x", "y"])))
            user["customSecurityAttributes"] = {"Engineering": {"Project": value}}
        found.append({"kind": "user", "body": user})
    if draw(st.booleans()):
        offered = {
            "id": f"{SUB}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances/e",
            "properties": {"roleDefinitionId": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "principalId": PEOPLE[0],
                           "principalType": "User", "scope": SUB},
        }  # fmt: skip
        found.append({"kind": "role_eligibility_schedule", "body": offered})
    if draw(st.booleans()):
        found.append(draw(delegations()))
    return found


circumstances = st.builds(
    lambda strict, now: Circumstances({"@Environment[UtcNow]": (now,)} if now else {}, strict),
    st.booleans(), st.sampled_from((None, None, "2028-01-01T00:00:00Z")),
)  # fmt: skip


def both(told: Documents, resource: str | None = None) -> tuple[Estate, AzurePort]:
    return estate_of(told, PUBLISHED), port_of(told, [*NAMES, resource])


def asked(estate: Estate, who: str, operation: str, resource: str, given: Circumstances) -> Request:
    context = {name.lower(): values for name, values in given.context.items()}
    return request(estate, who, operation, resource, context, strict=given.strict)


@settings(LAW, max_examples=EXAMPLES)
@given(documents(), st.sampled_from(OPERATIONS), st.sampled_from(NAMES), circumstances)
def test_can_and_who_can(told: Documents, operation: str, resource: str, given_: Circumstances) -> None:
    estate, port = both(told)
    for who in (*PEOPLE, *GROUPS, STRANGER):
        wanted = decide(asked(estate, who, operation, resource, given_)).verdict
        got = port.can(who, operation, resource, given_)
        assert (got.state, set(got.missing)) == (STATES[wanted.outcome], set(wanted.gaps)), who
    reference = who_can(asked(estate, STRANGER, operation, resource, given_))
    found = port.who_can(operation, resource, given_)
    assert {one.principal: one.state for one in found.holders} == dict(reference.states)
    assert set(found.missing) == set(reference.missing)
    for one in found.holders:
        alone = port.can(one.principal, operation, resource, given_)
        assert (one.state, set(one.missing), one.residual) == (alone.state, set(alone.missing), alone.residual)


@settings(LAW, max_examples=max(EXAMPLES // 4, 8))
@given(documents(), st.sampled_from((*PEOPLE, GROUPS[0])), st.sampled_from(NAMES), circumstances)
def test_what_can(told: Documents, who: str, resource: str, given_: Circumstances) -> None:
    estate, port = both(told)
    reference = {one.lower(): state for one, state in what_can(asked(estate, who, "", resource, given_)).items()}
    cubes = port.what_can(who, resource, given_)
    got = {name.lower(): cube.state for cube in cubes for name in cube.permissions}
    assert got == reference


@settings(LAW, max_examples=EXAMPLES)
@given(documents(), st.sampled_from(OPERATIONS), circumstances)
def test_without_a_resource(told: Documents, operation: str, given_: Circumstances) -> None:
    _, port = both(told)
    found = port.who_can(operation, None, given_)
    listed = {one.principal: one.state for one in found.holders}
    for who in (*PEOPLE, STRANGER):
        anywhere = port.can(who, operation, None, given_).state
        if who in listed:
            assert anywhere is listed[who], who
        elif not found.missing:
            assert anywhere in (State.DENIED, State.UNKNOWN), who
        for resource in NAMES:
            # What can be done somewhere can be done anywhere, at least under a condition.
            here = port.can(who, operation, resource, given_).state
            if here in (State.ALLOWED, State.CONDITIONAL):
                assert anywhere in (State.ALLOWED, State.CONDITIONAL, State.UNKNOWN), (who, resource)
            assert here is not State.UNKNOWN or anywhere is not State.DENIED, (who, resource)


@settings(LAW, max_examples=EXAMPLES)
@given(documents(), st.sampled_from(OPERATIONS), circumstances)
def test_without_a_resource_it_is_the_best_of_where_something_is_given(
    told: Documents, operation: str, given_: Circumstances
) -> None:
    estate, port = both(told)
    found = port.who_can(operation, None, given_)
    listed = {one.principal: one.state for one in found.holders}
    for who in (*PEOPLE, STRANGER):
        best = min((state for state in anywhere(estate, who, operation, given_)), key=RANK.__getitem__)
        got = port.can(who, operation, None, given_).state
        wanted = State.UNKNOWN if best is State.DENIED and found.missing else best
        # What is given under a condition goes before what may be given above it, of which the reference says UNKNOWN.
        assert got is wanted or (got, wanted) == (State.CONDITIONAL, State.UNKNOWN), who
        if best in (State.ALLOWED, State.CONDITIONAL):
            assert listed.get(who) is best, who
        for resource in NAMES:
            # Whoever is listed on a resource is listed where none is named.
            here = {one.principal for one in port.who_can(operation, resource, given_).holders}
            assert found.missing or here <= set(listed), resource


def test_conditions_of_one_person_that_cover_everything_are_none_together() -> None:
    role = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
    told: Documents = [
        {"kind": "role_assignment", "body": {
            "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{number}",
            "properties": {"roleDefinitionId": role, "principalId": PEOPLE[0], "principalType": "User", "scope": scope,
                           "condition": MINE[number]}}}
        for number, scope in enumerate((SUB, f"{SUB}/resourceGroups/rg1"))
    ]  # fmt: skip
    estate, port = both(told)
    given_ = Circumstances()
    assert State.ALLOWED in anywhere(estate, PEOPLE[0], OPERATIONS[0], given_)
    assert port.can(PEOPLE[0], OPERATIONS[0], None, given_).state is State.ALLOWED
    assert [one.state for one in port.who_can(OPERATIONS[0], None, given_).holders] == [State.ALLOWED]
    _, alone = both(told[:1])
    assert alone.can(PEOPLE[0], OPERATIONS[0], None, given_).state is State.CONDITIONAL


def anywhere(estate: Estate, who: str, operation: str, given_: Circumstances) -> Iterator[State]:
    """What the reference says of any resource in each place where somebody is given an operation, and of vaults."""
    yield State.DENIED
    root = asked(estate, who, operation, "/", given_)
    for one in estate.assignments:
        planes = (root.plane,) if root.plane is not None else tuple(Plane)
        there = replace(root, resource=below(one.scope), below=True)
        made = [grant(there, plane, one) for plane in planes]
        if any(each.has is not False and each.member is not False for each in made):
            yield STATES[decide(there).verdict.outcome]
    for vault in estate.vaults.values():
        yield STATES[decide(replace(root, resource=vault.id)).verdict.outcome]


@settings(LAW, max_examples=max(EXAMPLES // 4, 8))
@given(documents(), st.sampled_from(PEOPLE), circumstances)
def test_what_is_reached_can_be_done_there(told: Documents, who: str, given_: Circumstances) -> None:
    _, port = both(told)
    for operation in (*OPERATIONS[:3], OPERATIONS[4]):
        found = port.reach(who, operation, given_)
        for one in found.resources:
            here = port.can(who, operation, one.resource, given_)
            assert (one.state, one.residual, one.chain) == (here.state, here.residual, here.chain), one.resource
            assert set(one.missing) == set(here.missing), one.resource
        ids = {one.resource.lower() for one in found.resources}
        for number, kind in enumerate(port.compiled.place_kinds):
            if kind in ("subscription", "management_group", "root"):
                for place in (port.compiled.arrays["place.kind"] == number).nonzero()[0].tolist():
                    id = port.compiled.ids[place]
                    denied = port.can(who, operation, id, given_).state is State.DENIED
                    assert denied is (id.lower() not in ids), (operation, id)
