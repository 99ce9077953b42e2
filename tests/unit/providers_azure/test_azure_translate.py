"""What Azure's documents become: rows of every table, each object counted once, nothing dropped without a word."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from azure_support import (
    ANN,
    BOB,
    CORP,
    GROUPS,
    OTHER,
    OWNER,
    READER,
    SUB,
    TENANT,
    assignment,
    collected,
    entity,
    instance,
    rows,
    subscription,
    translated,
    written,
)

from leastwise.model.scope import Collected
from leastwise.providers.azure import PROVIDER
from leastwise.store.readmodels import build

UAA = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
HERE, THERE = f"/subscriptions/{SUB}", f"/subscriptions/{OTHER}"
ACTIVATED, ASSIGNED, ELIGIBLE = "RoleAssignmentScheduleInstances", "roleAssignments", "RoleEligibilityScheduleInstances"
VAULT = f"{HERE}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v"
IDENTITY = f"{HERE}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"


def role(key: str, *permissions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": f"{HERE}/providers/Microsoft.Authorization/roleDefinitions/{key}", "name": key, "roleName": "R",
            "roleType": "CustomRole", "assignableScopes": [HERE], "permissions": list(permissions),
            "type": "Microsoft.Authorization/roleDefinitions", **more}  # fmt: skip


def grants(tables: Any) -> list[dict[str, Any]]:
    view: list[dict[str, Any]] = build("azure", SUB, tables)["grants"].to_pylist()
    return view


def test_an_app_that_the_command_line_calls_by_its_app_id_has_no_name_of_that(tmp_path: Path) -> None:
    app = "c11e0000-0000-4000-8000-000000000032"
    named = {"principalId": BOB, "principalType": "ServicePrincipal", "principalName": app}
    identity = {"id": IDENTITY, "name": "i", "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
                "principalId": BOB, "clientId": app}  # fmt: skip
    (alone,) = rows(translated(tmp_path / "alone", {**assignment(HERE), **named}), "principals")
    assert (alone["name"], alone["unique_id"]) == (BOB, app)
    (both,) = rows(translated(tmp_path / "both", {**assignment(HERE), **named}, identity), "principals")
    assert (both["name"], both["unique_id"], both["native"]) == ("i", app, "managed_identity")


def test_the_estate_of_the_golden_file_counts_what_its_files_hold() -> None:
    def raw(name: str) -> list[dict[str, Any]]:
        whole = json.loads((CORP / name).read_text())
        held: list[dict[str, Any]] = whole if isinstance(whole, list) else whole.get("value", whole.get("data"))
        return held

    (one,) = PROVIDER.read_exports([CORP], datetime(2026, 11, 1, tzinfo=UTC))
    tables = PROVIDER.translate(one)
    by_kind = Counter(row["kind"] for row in rows(tables, "attachments"))
    listed = [row for row in raw("role-assignments.json") if not row["id"].startswith("NA(")]
    # Two instances tell of two of them again: one was activated.
    assert by_kind["role_assignment"] + by_kind["activated_assignment"] == len(listed)
    assert by_kind["activated_assignment"] == 1
    assert by_kind["eligible_assignment"] == len(raw("eligible.json"))
    assert by_kind["deny_assignment"] == len(raw("deny-assignments.json"))
    assert by_kind["role_request"] == len(raw("requests.json"))
    assert {row["id"] for row in rows(tables, "resources")} >= {row["id"] for row in raw("resource-graph.json")}
    assert {row["id"] for row in rows(tables, "credentials")} == {
        row["id"] for row in raw("federated-credentials.json")
    }


def test_an_assignment_that_is_told_twice_counts_once(tmp_path: Path) -> None:
    again = instance(ACTIVATED, HERE, assignmentType="Activated", endDateTime="2026-11-01T08:00:00Z")
    for order in (
        [assignment(HERE), again],
        [again, assignment(HERE.upper().replace("/SUBSCRIPTIONS", "/subscriptions"))],
    ):
        (row,) = rows(translated(tmp_path, *order), "attachments")
        assert (row["layer"], row["kind"], row["until"]) == (
            "allow", "activated_assignment", datetime(2026, 11, 1, 8, tzinfo=UTC)
        )  # fmt: skip
        assert row["policy"].endswith("roleAssignments/a1")


def test_an_activation_that_only_pim_tells_is_access(tmp_path: Path) -> None:
    id = f"{HERE}/providers/Microsoft.Authorization/roleAssignments/a7"
    tables = translated(tmp_path, instance(ACTIVATED, HERE, assignmentType="Activated", originRoleAssignmentId=id))
    (row,) = rows(tables, "attachments")
    assert (row["layer"], row["policy"]) == ("allow", id)


def test_eligible_assigned_until_and_standing_are_three_things(tmp_path: Path) -> None:
    tables = translated(
        tmp_path,
        instance(ELIGIBLE, HERE, ANN),
        instance(ACTIVATED, HERE, BOB, assignmentType="Assigned", endDateTime="2027-01-01T00:00:00Z"),
        assignment(HERE, ANN, READER, name="a2"),
        instance(ACTIVATED, HERE, BOB, READER, assignmentType="Activated"),
    )
    told = {(row["principal"], row["policy"]): (row["layer"], row["state"]) for row in grants(tables)}
    assert told == {
        (ANN, OWNER): ("eligible", "eligible"), (BOB, OWNER): ("allow", "ending"),
        (ANN, READER): ("allow", "standing"), (BOB, READER): ("allow", "activated"),
    }  # fmt: skip
    admin = {row["id"]: row["admin"] for row in build("azure", SUB, tables)["identities"].to_pylist()}
    assert admin == {ANN: "no", BOB: "yes"}


def test_conditions_keep_assignments_apart_and_make_grants_conditional(tmp_path: Path) -> None:
    tables = translated(tmp_path, assignment(HERE, condition="@Resource[a:b] StringEquals 'c'", conditionVersion="2.0"))
    (statement,) = [one for one in rows(tables, "statements") if one["principals"]]
    assert json.loads(statement["condition"]) == {"expression": "@Resource[a:b] StringEquals 'c'", "version": "2.0"}
    (grant,) = grants(tables)
    assert (grant["conditional"], grant["admin"]) == (True, False)


def test_entries_of_a_role_are_statements_of_their_own(tmp_path: Path) -> None:
    tables = translated(
        tmp_path,
        role(
            "r1",
            {"actions": ["*"], "notActions": ["*/delete"]},
            {"dataActions": ["A.B/c/*"], "notDataActions": ["A.B/c/d"], "condition": "@Resource[a:b] BoolEquals true"},
        ),
        assignment(HERE, ANN, "r1"),
    )
    (bundle,) = rows(tables, "policies")
    assert (bundle["id"], bundle["kind"], bundle["name"]) == ("r1", "custom_role", "R")
    first, second = [one for one in rows(tables, "statements") if one["document"] == bundle["document"]]
    assert (first["actions"], first["not_actions"]) == (["*"], ["*/delete"])
    assert (second["actions"], second["not_actions"]) == (["data:A.B/c/*"], ["data:A.B/c/d"])
    assert (first["condition"], json.loads(second["condition"])["expression"]) == (
        None,
        "@Resource[a:b] BoolEquals true",
    )


@pytest.mark.parametrize(
    ("permissions", "flags"),
    [
        ([{"actions": ["*"]}], {"admin"}),
        ([{"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"]}], {"admin_rest"}),
        ([{"actions": ["*"], "notActions": ["Microsoft.Support/*"]}], {"admin_nearly", "rewrites_iam"}),
        ([{"actions": ["Microsoft.Authorization/*"]}], {"admin_iam", "rewrites_iam"}),
        ([{"actions": ["Microsoft.Authorization/roleAssignments/write"]}], {"admin_iam", "rewrites_iam"}),
        ([{"actions": ["Microsoft.Authorization/roleAssignments/write"], "condition": "x"}], {"conditional"}),
        ([{"actions": ["*"], "condition": "x"}], {"admin_conditional", "conditional"}),
        ([{"actions": ["*/read"]}], set()),
        ([{"dataActions": ["*"]}], set()),
        ([{"actions": ["*"], "notActions": ["*"]}], set()),
        ([], set()),
    ],
)
def test_what_a_role_amounts_to(tmp_path: Path, permissions: list[dict[str, Any]], flags: set[str]) -> None:
    tables = translated(tmp_path, role("r1", *permissions), assignment(HERE, ANN, "r1"))
    (bundle,) = rows(tables, "policies")
    document = rows(tables, "documents")[bundle["document"]]
    asked = ("admin", "admin_conditional", "admin_nearly", "admin_rest", "admin_iam", "rewrites_iam", "conditional")
    found = {name for name in asked if document[name]}
    assert found - {"rewrites_iam"} == flags - {"rewrites_iam"}
    assert ("rewrites_iam" in found) == bool(flags & {"admin", "rewrites_iam"})


def test_a_role_is_known_by_its_guid_with_or_without_a_subscription(tmp_path: Path) -> None:
    bare = assignment(HERE, BOB, name="a2") | {
        "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{OWNER.upper()}"
    }
    tables = translated(tmp_path, assignment(HERE), bare)
    assert [row["name"] for row in rows(tables, "policies")] == ["Owner"]
    assert {row["admin"] for row in grants(tables)} == {True}


def test_a_role_that_nothing_tells_is_a_gap_and_its_grant_unknown(tmp_path: Path) -> None:
    tables = translated(tmp_path, assignment(HERE, ANN, "0" * 8 + "-1111-4111-8111-111111111111"))
    (grant,) = grants(tables)
    assert (grant["kind"], grant["admin"], grant["document"]) == ("unknown_role", None, None)
    assert any("the catalogue does not know it" in row["detail"] for row in rows(tables, "coverage"))


def test_ids_are_compared_without_case_and_segment_by_segment(tmp_path: Path) -> None:
    one, ten = f"{HERE}/resourceGroups/rg1", f"{HERE}/resourceGroups/rg10"
    tables = translated(tmp_path, assignment(one), assignment(one.upper().replace("/SUBS", "/subs"), BOB, name="a2"),
                        assignment(ten, name="a3"))  # fmt: skip
    assert [row["target"] for row in rows(tables, "attachments")] == [one, one, ten]
    assert [row["id"] for row in rows(tables, "resources")] == [one, ten]


def test_denials_keep_whom_they_leave_out_and_where_they_end(tmp_path: Path) -> None:
    deny = {"id": f"{HERE}/providers/Microsoft.Authorization/denyAssignments/d", "name": "d",
            "type": "Microsoft.Authorization/denyAssignments",
            "properties": {"denyAssignmentName": "D", "scope": HERE, "doNotApplyToChildScopes": True,
                           "permissions": [{"actions": ["*/write"], "notActions": ["A.B/*"], "dataActions": ["C.D/e"]}],
                           "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}],
                           "excludePrincipals": [{"id": BOB, "type": "User"}]}}  # fmt: skip
    tables = translated(tmp_path, deny, deny, assignment(HERE), assignment(HERE, BOB, name="a2"))
    (statement,) = [one for one in rows(tables, "statements") if one["effect"] == "Deny"]
    assert (statement["actions"], statement["not_actions"]) == (["*/write", "data:C.D/e"], ["A.B/*"])
    assert (statement["not_principals"], len(statement["principals"])) == ([BOB], 1)
    text = json.loads(rows(tables, "documents")[statement["document"]]["text"])
    assert text["doNotApplyToChildScopes"] is True
    admin = {row["id"]: row["admin"] for row in build("azure", SUB, tables)["identities"].to_pylist()}
    # Nobody but whom it leaves out may write role assignments.
    assert (admin[ANN], admin[BOB]) == ("limited", "yes")


def test_a_denial_that_is_only_recorded_takes_nothing_away(tmp_path: Path) -> None:
    deny = {
        "id": f"{HERE}/providers/Microsoft.Authorization/denyAssignments/d",
        "name": "d",
        "type": "Microsoft.Authorization/denyAssignments",
        "properties": {
            "denyAssignmentName": "D",
            "scope": HERE,
            "denyAssignmentEffect": "audit",
            "permissions": [{"actions": ["*"]}],
            "principals": [{"id": ANN, "type": "User"}],
        },
    }
    tables = translated(tmp_path, deny, assignment(HERE))
    assert [row["admin"] for row in build("azure", SUB, tables)["identities"].to_pylist()] == ["yes"]


def test_principals_say_what_is_known_of_them(tmp_path: Path) -> None:
    types = ["User", "Group", "ServicePrincipal", "ForeignGroup", "Unknown", ""]
    tables = translated(
        tmp_path,
        *(assignment(HERE, f"0b000000-0000-4000-8000-00000000010{n}", name=f"a{n}", principalType=type)
          for n, type in enumerate(types)),
    )  # fmt: skip
    told = [(row["kind"], row["native"], row["directory"]) for row in rows(tables, "principals")]
    assert [kind for kind, *_ in told] == ["human", "group", "workload", "group", "unknown", "unknown"]
    assert {native for _, native, _ in told} == {"directory_object"}
    assert [directory for *_, directory in told] == ["unknown"] * 3 + ["foreign"] + ["unknown"] * 2
    orphans = [row["detail"] for row in rows(tables, "coverage") if row["call"] == "principals"]
    assert len(orphans) == 1 and orphans[0].startswith("1 principals that Azure itself does not find")


def test_who_acts_as_which_identity(tmp_path: Path) -> None:
    vm = {
        "id": f"{HERE}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm",
        "name": "vm",
        "type": "Microsoft.Compute/virtualMachines",
        "location": "x",
        "identity": {
            "type": "UserAssigned",
            "userAssignedIdentities": {IDENTITY.upper().replace("/SUBS", "/subs"): {}},
        },
    }
    identity = {"id": IDENTITY, "name": "i", "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
                "principalId": ANN, "clientId": BOB}  # fmt: skip
    tables = translated(tmp_path, vm, identity)
    (link,) = rows(tables, "runs_as")
    assert (link["subject"], link["object"], link["kind"]) == (vm["id"], ANN, "executes_as")
    alone = translated(tmp_path, vm)
    assert rows(alone, "runs_as") == []
    assert any("identities that are attached" in row["detail"] for row in rows(alone, "coverage"))


def test_who_from_outside_becomes_an_identity(tmp_path: Path) -> None:
    identity = {"id": IDENTITY, "name": "i", "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
                "principalId": ANN, "clientId": BOB}  # fmt: skip
    credential = {"id": f"{IDENTITY}/federatedIdentityCredentials/f", "name": "f", "issuer": "https://issuer.example",
                  "subject": "repo:a/b:*", "audiences": ["x"],
                  "type": "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"}  # fmt: skip
    tables = translated(tmp_path, credential, identity)
    (trust,) = rows(tables, "trusts")
    assert (trust["principal"], trust["subject"], trust["patterns"]) == (ANN, "https://issuer.example", ["repo:a/b:*"])
    assert [row["principal"] for row in rows(tables, "credentials")] == [ANN]
    lost = translated(tmp_path, credential)
    assert rows(lost, "trusts") == []
    assert any("identity that was not read" in row["detail"] for row in rows(lost, "coverage"))


def vault(**properties: Any) -> dict[str, Any]:
    return {"id": VAULT, "name": "v", "type": "Microsoft.KeyVault/vaults", "properties": properties}


def test_access_policies_are_grants_of_the_vaults_that_have_them(tmp_path: Path) -> None:
    policies = [{"objectId": ANN, "permissions": {"secrets": ["Get", "list"], "keys": []}},
                {"objectId": BOB, "applicationId": ANN, "permissions": {"secrets": ["get"]}}]  # fmt: skip
    tables = translated(tmp_path, vault(accessPolicies=policies, enableRbacAuthorization=False))
    told = {row["principal"]: (row["policy"], row["resource"], row["conditional"]) for row in grants(tables)}
    assert told == {ANN: ("key vault access policy: secrets get, list", VAULT, False),
                    BOB: ("key vault access policy: secrets get", VAULT, True)}  # fmt: skip
    assert grants(translated(tmp_path, vault(accessPolicies=policies, enableRbacAuthorization=True))) == []


def test_what_lighthouse_gives_to_another_tenant(tmp_path: Path) -> None:
    definition = {
        "id": f"{HERE}/providers/Microsoft.ManagedServices/registrationDefinitions/d",
        "type": "Microsoft.ManagedServices/registrationDefinitions",
        "properties": {
            "managedByTenantId": "t2",
            "authorizations": [{"principalId": ANN, "roleDefinitionId": READER, "principalIdDisplayName": "Helpers"}],
        },
    }
    given = {"id": f"{HERE}/resourceGroups/rg/providers/Microsoft.ManagedServices/registrationAssignments/a",
             "type": "Microsoft.ManagedServices/registrationAssignments",
             "properties": {"registrationDefinitionId": definition["id"]}}  # fmt: skip
    tables = translated(tmp_path, given, definition)
    (grant,) = grants(tables)
    assert (grant["principal"], grant["policy"], grant["resource"]) == (ANN, READER, f"{HERE}/resourceGroups/rg")
    (who,) = rows(tables, "principals")
    assert (who["kind"], who["account"], who["directory"], who["name"]) == ("external", "t2", "foreign", "Helpers")
    lost = translated(tmp_path, given)
    assert any("Lighthouse" in row["detail"] for row in rows(lost, "coverage"))


def test_who_may_only_hand_roles_on_by_lighthouse_is_no_administrator(tmp_path: Path) -> None:
    hands_on = {"principalId": ANN, "roleDefinitionId": UAA, "delegatedRoleDefinitionIds": [READER.upper()]}
    given = {"id": f"{HERE}/providers/Microsoft.ManagedServices/registrationAssignments/a",
             "type": "Microsoft.ManagedServices/registrationAssignments",
             "properties": {"registrationDefinition": {"name": "d", "properties": {"authorizations": [hands_on]}},
                            "registrationDefinitionId": "/x/d"}}  # fmt: skip
    tables = translated(tmp_path, given)
    (grant,) = grants(tables)
    assert (grant["conditional"], grant["admin"], grant["layer"]) == (True, False, "allow")
    (told,) = [json.loads(row["condition"]) for row in rows(tables, "statements") if row["condition"]]
    assert f"GuidEquals {{{READER}}}" in told["expression"] and "roleAssignments/write" in told["expression"]
    unreadable = translated(tmp_path, given | {"id": HERE}, assignment(HERE))
    assert any("a Lighthouse assignment of which id" in row["detail"] for row in rows(unreadable, "coverage"))


@pytest.mark.parametrize(("year", "admin"), [(2023, ["yes"]), (2026, [])])
def test_classic_administrators_are_owners_until_they_were_retired(tmp_path: Path, year: int, admin: list[str]) -> None:
    listed = {"id": "NA(classic admins)", "principalName": "Old@corp.example", "scope": HERE,
              "roleDefinitionId": "NA(classic admin role)", "roleDefinitionName": "CoAdministrator"}  # fmt: skip
    rest = {"id": f"{HERE}/providers/Microsoft.Authorization/classicAdministrators/x",
            "type": "Microsoft.Authorization/classicAdministrators",
            "properties": {"emailAddress": "old@corp.example", "role": "CoAdministrator"}}  # fmt: skip
    (one,) = PROVIDER.read_exports([written(tmp_path, {"x.json": [listed, rest]})], datetime(year, 1, 1, tzinfo=UTC))
    tables = PROVIDER.translate(one)
    assert [row["admin"] for row in build("azure", SUB, tables)["identities"].to_pylist()] == admin
    assert any("classic administrators" in row["detail"] for row in rows(tables, "coverage")) == (not admin)


@pytest.mark.parametrize(
    "broken",
    [
        {"roleDefinitionId": None}, {"principalId": None}, {"scope": "no scope"}, {"scope": 3}, {"condition": []},
    ],
)  # fmt: skip
def test_what_cannot_be_read_of_an_object_is_said(tmp_path: Path, broken: dict[str, Any]) -> None:
    tables = translated(tmp_path, assignment(HERE, BOB, name="a2"), assignment(HERE) | broken)
    assert len(rows(tables, "attachments")) == 1
    assert any("left out: an assignment of which" in row["detail"] for row in rows(tables, "coverage"))


def test_a_tree_that_is_half_told_keeps_what_is_above_open(tmp_path: Path) -> None:
    (one,) = collected(
        tmp_path,
        {
            "x.json": [
                subscription(),
                subscription(OTHER),
                entity(HERE, GROUPS + "web"),
                assignment(HERE),
                assignment(THERE, BOB),
                assignment("/", BOB, name="a2"),
            ]
        },
    )
    assert one.scope.id == TENANT
    found = {row["id"]: row["parent"] for row in rows(one, "scopes")}
    assert (found[SUB], found[OTHER], found["web"]) == ("web", None, None)


def test_translating_twice_gives_the_same(tmp_path: Path) -> None:
    (one,) = PROVIDER.read_exports([CORP])
    first, second = PROVIDER.translate(one), PROVIDER.translate(one)
    assert all(first[name].equals(second[name]) for name in first)
    assert isinstance(one, Collected)
