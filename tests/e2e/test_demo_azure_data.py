"""The demo company in Azure and Entra, as its exports say: every day whole, dated, consistent; facts of stories."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from demo_company import clock, identity_center, people  # noqa: E402
from demo_company.azure import everything as azure  # noqa: E402
from demo_company.azure import grants, guarding, places, things  # noqa: E402
from demo_company.entra import apps, staff  # noqa: E402
from demo_company.entra import everything as entra  # noqa: E402
from leastwise.model.decision import State  # noqa: E402
from leastwise.providers.azure import catalog  # noqa: E402
from leastwise.providers.azure.conform.documents import Published, estate_of  # noqa: E402
from leastwise.providers.azure.evaluate.conditions import SUB  # noqa: E402
from leastwise.providers.azure.evaluate.decide import decide  # noqa: E402
from leastwise.providers.azure.evaluate.estate import Estate  # noqa: E402
from leastwise.providers.azure.evaluate.explain import explain  # noqa: E402
from leastwise.providers.azure.evaluate.request import request  # noqa: E402

pytestmark = pytest.mark.together("demo")

LAST = clock.DAYS[-1]
STAMP = re.compile(r"\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)")
AHEAD = re.compile(r'"endDateTime": "[^"]*"')
"""What may lie after the day of an export: the end of an assignment."""


@cache
def told(cloud: Any, day: datetime, name: str) -> list[dict[str, Any]]:
    """The objects of a file."""
    whole = json.loads(cloud.files(day)[f"{name}.json"])
    held: list[dict[str, Any]] = whole if isinstance(whole, list) else whole.get("value", whole.get("data"))
    return held


@cache
def estate(day: datetime) -> Estate:
    """What the reference evaluator knows of a day."""
    kinds = {
        "role-definitions": "role_definition", "role-assignments": "role_assignment", "eligible":
        "role_eligibility_schedule", "instances": "role_assignment_schedule", "deny-assignments": "deny_assignment",
        "resources": "resource", "locks": "resource",
    }  # fmt: skip
    documents = [{"kind": kind, "body": one} for name, kind in kinds.items() for one in told(azure, day, name)]
    documents.append({"kind": "management_group", "body": {"value": told(azure, day, "management-groups")}})
    for name, kind in {"users": "user", "service-principals": "service_principal", "groups": "group"}.items():
        documents += [{"kind": kind, "body": one} for one in told(entra, day, name)]
    for name in staff.group_names():
        group = staff.group_id(name)
        documents += [{"kind": "group_member", "body": {**one, "groupId": group}}
                      for one in told(entra, day, f"members--{group}")]  # fmt: skip
    return estate_of(documents, Published(catalog.role, catalog.planes, catalog.every))


def may(who: str, operation: str, on: str, day: datetime = LAST) -> State:
    """What the reference evaluator says of a request that is no suboperation."""
    return explain(decide(request(estate(day), who, operation, on, {SUB.key: ()}))).state


def roles_of(who: str, day: datetime = LAST, name: str = "role-assignments") -> set[tuple[str, str]]:
    """Role and scope of what somebody is given directly."""
    of = [one.get("properties", one) for one in told(azure, day, name)]
    by_id = {id: role for role, id in grants.ROLE_IDS.items()}
    return {(by_id[one["roleDefinitionId"][-36:]], one["scope"]) for one in of if one["principalId"] == who}


# --- every day ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", clock.DAYS, ids=str)
@pytest.mark.parametrize("cloud", [azure, entra], ids=["azure", "entra"])
def test_every_day_is_written_twice_the_same_and_knows_no_later_one(cloud: Any, day: datetime) -> None:
    files = cloud.files(day)
    assert cloud.files(day) == files
    for name, content in files.items():
        late = [one for one in STAMP.findall(AHEAD.sub("", content.decode())) if clock.parse(one) >= day]
        assert not late, (name, late)


@pytest.mark.parametrize("cloud", [azure, entra], ids=["azure", "entra"])
def test_every_day_differs_from_the_one_before(cloud: Any) -> None:
    found = [cloud.files(day) for day in clock.DAYS]
    assert all(one != next_ for one, next_ in pairwise(found))


@pytest.mark.parametrize("day", clock.DAYS, ids=str)
def test_assignments_name_roles_scopes_and_principals_that_exist(day: datetime) -> None:
    directory = {one["id"] for name in ("users", "groups", "service-principals") for one in told(entra, day, name)}
    resources = {one["id"] for name in ("resources", "resource-groups") for one in told(azure, day, name)}
    above = {"/", *(one["id"] for one in told(azure, day, "management-groups"))}
    for one in told(azure, day, "role-assignments"):
        assert one["principalId"] in directory or one["principalType"] == "Unknown", one
        assert one["scope"] in above | resources | {things.INVOICES}, one["scope"]
        role = one["roleDefinitionId"][-36:]
        title = catalog.role(role)
        assert role == grants.ROLE_IDS[grants.OPERATOR] or (title and title.title == one["roleDefinitionName"]), one
    names = Counter(one["name"] for one in told(azure, day, "role-assignments"))
    assert max(names.values()) == 1


def test_every_grant_of_the_list_is_told_on_some_day() -> None:
    found = {(one["scope"], one["roleDefinitionName"], one["principalId"])
             for day in clock.DAYS for one in told(azure, day, "role-assignments")}  # fmt: skip
    assert {(one.on, one.role, one.who.id) for one in grants.GRANTS} == found


@pytest.mark.parametrize("day", clock.DAYS, ids=str)
def test_what_runs_runs_as_an_identity_that_the_directory_knows(day: datetime) -> None:
    known = {one["id"] for one in told(entra, day, "service-principals")}
    text = json.dumps(told(azure, day, "resources"))
    assert set(re.findall(r'"principalId": "([^"]*)"', text)) <= known


# --- numbers and names --------------------------------------------------------------------------------------------


def test_numbers_of_the_directory_at_the_clock() -> None:
    principals = told(entra, LAST, "service-principals")
    kinds = Counter(
        "identity" if one["servicePrincipalType"] == "ManagedIdentity"
        else "vendor" if one["appOwnerOrganizationId"] == apps.MICROSOFT else "app" for one in principals
    )  # fmt: skip
    assert (len(told(entra, LAST, "users")), len(told(entra, LAST, "groups"))) == (62, 24)
    assert (kinds["app"], kinds["identity"]) == (34, 8)
    assert not [name for name in staff.group_names() if not staff.members(name, LAST)]


def test_people_of_aws_have_the_object_ids_that_it_was_told_and_the_same_mail() -> None:
    by_mail = {one["mail"]: one["id"] for one in told(entra, LAST, "users")}
    for person in identity_center.employed(LAST):
        assert by_mail[f"{people.user_name(person)}@brightwater.example"] == identity_center.entra_id(person)
    groups = {one["displayName"] for one in told(entra, LAST, "groups")}
    assert set(people.GROUPS) <= groups


def test_the_estate_file_names_what_is_there() -> None:
    file = yaml.safe_load((ROOT / "tools" / "demo_company" / "estate.yaml").read_text())
    for name, id in places.SUBSCRIPTIONS.items():
        assert file["accounts"][id]["name"] == name
    assert places.SUBSCRIPTIONS[places.PROD] in file["environments"]["production"]
    assert identity_center.TENANT in file["zone_of_trust"]["tenants"]
    assert {staff.object_id(one) for one in staff.BREAK_GLASS} <= set(file["break_glass"])
    teams = {things.GROUPS[one] for one in things.GROUPS}
    assert {one["tags"]["owner"] for one in told(azure, LAST, "resources")} <= teams


def test_grants_are_given_at_every_level() -> None:
    def level(scope: str) -> str:
        if scope == "/" or "/managementGroups/" in scope:
            return {"/": "root", places.ROOT_GROUP: "tenant"}.get(scope, "group")
        parts = scope.split("/")
        return {3: "subscription", 5: "resource group", 9: "resource"}.get(len(parts), "below a resource")

    assert {level(one.on) for one in grants.GRANTS} == {
        "root", "tenant", "group", "subscription", "resource group", "resource", "below a resource",
    }  # fmt: skip


# --- stories ------------------------------------------------------------------------------------------------------


def test_story_5_he_is_disabled_since_the_end_of_april() -> None:
    enabled = [next(one["accountEnabled"] for one in told(entra, day, "users") if one["displayName"] == staff.DISABLED)
               for day in clock.DAYS]  # fmt: skip
    assert enabled == [True] * 2 + [False] * 7


def test_story_6_the_group_is_role_assignable_and_she_is_no_member() -> None:
    groups = {one["displayName"]: one for one in told(entra, LAST, "groups") if one["isAssignableToRole"]}
    assert groups.keys() == set(staff.ROLE_ASSIGNABLE)
    group = groups[staff.TIER_0]
    petra = staff.object_id("Petra Lindqvist")
    in_it = {one["id"] for one in told(entra, LAST, f"members--{group['id']}")}
    assert petra not in in_it and in_it == {staff.object_id(one) for one in staff.BREAK_GLASS}


def test_story_9_two_may_approve_payments_and_one_of_them_writes_vendors() -> None:
    (app,) = [one for one in told(entra, LAST, "service-principals") if one["displayName"] == apps.PAYMENTS]
    (role,) = [one for one in app["appRoles"] if one["value"] == "Payments.Approve"]
    holders = {one["principalDisplayName"] for one in app["appRoleAssignedTo"] if one["appRoleId"] == role["id"]}
    assert holders == {"Tunde Abara", "Elise Moreau"}
    assert holders & set(people.GROUPS["vendor-masters"]) == {"Tunde Abara"}


def test_story_12_two_stand_above_everything_and_have_not_been_used_for_300_days() -> None:
    users = {one["displayName"]: one for one in told(entra, LAST, "users")}
    for name in staff.BREAK_GLASS:
        assert roles_of(users[name]["id"]) == {("Owner", places.ROOT_GROUP)}
        assert (LAST - clock.parse(users[name]["signInActivity"]["lastSignInDateTime"])).days == 299


def test_story_16_the_deployer_is_owner_and_the_mailer_gives_app_roles() -> None:
    deploy, prod = apps.principal_id("svc-erp-deploy"), places.subscription(places.PROD)
    assert roles_of(deploy) == {("Owner", prod)}
    assert may(deploy, "Microsoft.Authorization/roleAssignments/write", things.DATA) is State.ALLOWED
    (graph,) = [one for one in told(entra, LAST, "service-principals") if one["displayName"] == apps.GRAPH]
    roles = {one["id"]: one["value"] for one in graph["appRoles"]}
    given = {(one["principalDisplayName"], roles[one["appRoleId"]]) for one in graph["appRoleAssignedTo"]}
    assert ("mail-archiver", "AppRoleAssignment.ReadWrite.All") in given
    assert {role for who, role in given if who == "hr-sync"} == {"User.Read.All"}


ASKED = (
    # who, operation, on what, and the answer: facts that questions will be asked about
    ("person:Mirko Jansen", "Microsoft.Web/sites/write", things.API, "ALLOWED"),
    ("person:Selma Yildiz", "Microsoft.Web/sites/delete", things.API, "ALLOWED"),
    ("person:Tim Brouwer", "Microsoft.Web/sites/restart/action", things.PORTAL, "ALLOWED"),
    ("person:Tim Brouwer", "Microsoft.Web/sites/delete", things.PORTAL, "DENIED"),
    ("person:Viktor Lund", "Microsoft.Web/sites/restart/action", things.PORTAL, "DENIED"),
    ("person:Mirko Jansen", "Microsoft.Authorization/roleAssignments/write", things.DOCS, "CONDITIONAL"),
    ("person:Fatou Diallo", "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
     f"{things.INVOICES}/blobs/a.csv", "ALLOWED"),
    ("person:Elise Moreau", "Microsoft.KeyVault/vaults/secrets/getSecret/action", things.PAY_VAULT, "ALLOWED"),
    ("person:Greta Solheim", "Microsoft.KeyVault/vaults/secrets/getSecret/action", things.PAY_VAULT, "DENIED"),
    ("app:svc-erp-deploy", "Microsoft.Web/sites/delete", things.PAYMENTS, "DENIED"),
    ("app:svc-erp-deploy", "Microsoft.Web/sites/delete", things.API, "ALLOWED"),
    ("person:Greta Solheim", "Microsoft.Web/sites/delete", things.PAYMENTS, "ALLOWED"),
    ("person:Hiro Nakagawa", "Microsoft.Authorization/roleAssignments/write", things.DATA, "DENIED"),
    ("person:Anil Deshpande", "Microsoft.Web/sites/write", things.API, "ALLOWED"),
)  # fmt: skip


@pytest.mark.parametrize("who, operation, on, state", ASKED)
def test_what_the_reference_says_of_the_last_day(who: str, operation: str, on: str, state: str) -> None:
    kind, _, name = who.partition(":")
    id = apps.principal_id(name) if kind == "app" else staff.object_id(name)
    assert may(id, operation, on) is State[state]


def test_an_administrator_had_elevated_himself_in_spring() -> None:
    hiro = staff.object_id("Hiro Nakagawa")
    above = [("User Access Administrator", "/") in roles_of(hiro, day) for day in clock.DAYS]
    assert above == [True, True] + [False] * 7


# --- what stands beside -------------------------------------------------------------------------------------------


def test_an_assignment_is_left_of_somebody_who_was_deleted() -> None:
    birgit = staff.object_id("Birgit Saar")
    types = {day: one["principalType"] for day in clock.DAYS for one in told(azure, day, "role-assignments")
             if one["principalId"] == birgit}  # fmt: skip
    assert list(types.values()) == ["User"] * 2 + ["Unknown"] * 7
    assert birgit not in {one["id"] for one in told(entra, clock.DAYS[2], "users")}


def test_activation_asks_for_more_where_more_can_be_had() -> None:
    asked = {one["properties"]["scope"]: {rule["id"]: rule for rule in one["properties"]["effectiveRules"]}
             for one in told(azure, LAST, "pim-policies")}  # fmt: skip
    assert asked.keys() == {one.on for one in grants.ELIGIBLE}
    owner = asked[places.GROUP]
    assert owner["Approval_EndUser_Assignment"]["setting"]["isApprovalRequired"] is True
    assert owner["Expiration_EndUser_Assignment"]["maximumDuration"] == "PT4H"
    assert "MultiFactorAuthentication" in owner["Enablement_EndUser_Assignment"]["enabledRules"]


def test_what_is_logged_and_what_is_not() -> None:
    on = {one["id"].partition("/providers/microsoft.insights/")[0] for one in told(azure, LAST, "diagnostics")}
    assert on == set(guarding.LOGGED)
    for unlogged in (places.subscription(places.SANDBOX), things.ARCHIVE, things.OLD_VAULT):
        assert not [one for one in on if one.startswith(unlogged)]


def test_both_modes_of_vaults_are_there() -> None:
    vaults = {one["name"]: one["properties"] for one in told(azure, LAST, "resources") if "vaults" in one["type"]}
    assert {name: one["enableRbacAuthorization"] for name, one in vaults.items()} == {
        "bw-erp-kv": True, "bw-pay-kv": False, "bw-old-kv": False,
    }  # fmt: skip
    assert len(vaults["bw-pay-kv"]["accessPolicies"]) == 2


def test_classic_administrators_are_told_until_they_were_tidied_up() -> None:
    assert ["classic.json" in azure.files(day) for day in clock.DAYS] == [True] * 3 + [False] * 6
