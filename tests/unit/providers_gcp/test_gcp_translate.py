"""What each document of the vendor becomes: one case a rule of the documentation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from gcp_support import ORG, RM, asset, collected, organization, policy, project, rows, tables, translated

from leastwise.model.scope import Coverage, CoverageStatus

SA = "app@shop.iam.gserviceaccount.com"
SA_DATA = {"email": SA, "name": f"projects/shop/serviceAccounts/{SA}", "uniqueId": "7001", "projectId": "shop",
           "displayName": "App"}  # fmt: skip
SA_ASSET = asset("//iam.googleapis.com/projects/shop/serviceAccounts/7001", "iam.googleapis.com/ServiceAccount",
                 resource={"data": SA_DATA})  # fmt: skip
SA_POLICY_NAME = "//iam.googleapis.com/projects/shop/serviceAccounts/7001"


def by_id(found: Any, name: str, key: str = "id") -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in rows(found, name)}


def gaps(found: Any) -> list[str]:
    return [row["detail"] for row in rows(found, "coverage") if row["status"] != "ok"]


# -- containers -------------------------------------------------------------------------------------------------------


def test_containers_are_scopes_with_both_names_of_a_project(tmp_path: Path) -> None:
    folder = asset(f"{RM}folders/2", "cloudresourcemanager.googleapis.com/Folder", ["folders/2", ORG],
                   resource={"data": {"displayName": "Web", "lifecycleState": "ACTIVE"}})  # fmt: skip
    found = by_id(translated(tmp_path, organization(), folder, project()), "scopes")
    assert set(found) == {ORG, "folders/2", "shop"}
    shop = found["shop"]
    assert (shop["kind"], shop["name"], shop["number"], shop["parent"], shop["tenant"], shop["status"]) == (
        "project", "Shop", "33", "folders/2", ORG, "ACTIVE",
    )  # fmt: skip
    assert shop["tags"] == [("team", "web")]
    assert (found["folders/2"]["name"], found["folders/2"]["parent"]) == ("Web", ORG)
    assert found[ORG]["parent"] is None


def test_containers_are_the_same_from_gcloud(tmp_path: Path) -> None:
    found = by_id(
        translated(
            tmp_path,
            **{
                "projects.json": [{"projectId": "shop", "projectNumber": "33", "name": "Shop",
                "lifecycleState": "ACTIVE",
                                   "parent": {"type": "folder", "id": "2"}}],
                "folders.json": [{"name": "folders/2", "displayName": "Web", "state": "ACTIVE", "parent": ORG}],
                "organizations.json": [{"name": ORG, "displayName": "corp.example", "lifecycleState": "ACTIVE"}],
            },
        ),
        "scopes",
    )  # fmt: skip
    assert found["shop"]["number"] == "33"
    assert (found["shop"]["parent"], found["folders/2"]["parent"], found["folders/2"]["name"]) == (
        "folders/2",
        ORG,
        "Web",
    )


def test_tags_are_told_by_the_names_of_key_and_value(tmp_path: Path) -> None:
    bucket = asset("//storage.googleapis.com/b", "storage.googleapis.com/Bucket", resource={"data": {"name": "b"}})
    found = translated(
        tmp_path, organization(), project(), bucket,
        **{
            "keys.json": [{"name": "tagKeys/1", "namespacedName": "1/env", "parent": ORG}],
            "values.json": [{"name": "tagValues/2", "namespacedName": "1/env/prod", "parent": "tagKeys/1"}],
            "bindings.json": [
                {"parent": f"{RM}projects/33", "tagValue": "tagValues/2"},
                {"parent": "//storage.googleapis.com/b", "tagValue": "tagValues/9"},
            ],
        },
    )  # fmt: skip
    assert ("1/env", "prod") in by_id(found, "scopes")["shop"]["tags"]
    assert dict(by_id(found, "resources")["//storage.googleapis.com/b"]["tags"]) == {"tagValues/9": "tagValues/9"}


def test_tags_are_bound_to_machines_by_number_and_before_their_values_are_told(tmp_path: Path) -> None:
    front, crm = "//compute.googleapis.com/projects/{}/zones/z/instances/{}", "cloudresourcemanager.googleapis.com"
    bound = {"parent": front.format(33, 987), "tagValue": "tagValues/2"}
    found = translated(
        tmp_path,
        organization(),
        asset(f"{RM}tagBindings/b", f"{crm}/TagBinding", resource={"data": bound}),
        asset(f"{RM}tagKeys/1", f"{crm}/TagKey", [ORG], resource={"data": {"name": "tagKeys/1", "shortName": "env",
                                                                           "namespacedName": "1/env"}}),
        asset(f"{RM}tagValues/2", f"{crm}/TagValue", [ORG], resource={"data": {"name": "tagValues/2",
              "parent": "tagKeys/1", "namespacedName": "1/env/prod"}}),
        asset(front.format("shop", "web"), "compute.googleapis.com/Instance", resource={"data": {"id": "987"}}),
        project(),
    )  # fmt: skip
    assert dict(by_id(found, "resources")[front.format("shop", "web")]["tags"]) == {"1/env": "prod"}


def test_a_resource_of_an_organization_says_that_its_project_was_not_told(tmp_path: Path) -> None:
    names = {
        "//storage.googleapis.com/b": "storage.googleapis.com/Bucket",
        "//storage.googleapis.com/projects/_/buckets/b/objects/o": "storage.googleapis.com/Object",
        "//cloudbilling.googleapis.com/billingAccounts/A": "cloudbilling.googleapis.com/BillingAccount",
    }
    without = [{"name": name, "asset_type": type, "resource": {"data": {}}} for name, type in names.items()]
    told = by_id(translated(tmp_path / "some", organization(), project(), *without), "resources")
    assert {name for name, row in told.items() if ("project", "not told") in row["details"]} == {
        "//storage.googleapis.com/b"
    }
    whole = asset("//storage.googleapis.com/b", "storage.googleapis.com/Bucket")
    assert not by_id(translated(tmp_path / "all", organization(), project(), whole), "resources")[whole["name"]][
        "details"
    ]


# -- allow policies ---------------------------------------------------------------------------------------------------


def test_the_access_list_of_a_dataset_is_its_policy_where_nothing_else_tells_that(tmp_path: Path) -> None:
    name, type = "//bigquery.googleapis.com/projects/shop/datasets/d", "bigquery.googleapis.com/Dataset"
    access = [{"role": "OWNER", "specialGroup": "projectOwners"}, {"role": "READER", "userByEmail": "ann@corp.example"},
              {"view": {"projectId": "p", "datasetId": "d", "tableId": "t"}}]  # fmt: skip
    dataset = asset(name, type, resource={"data": {"access": access}})
    listed = translated(tmp_path / "list", organization(), project(), dataset)
    given = {(one["actions"][0], *one["principals"]) for one in rows(listed, "statements") if one["principals"]}
    assert given == {
        ("roles/bigquery.dataOwner", "projectOwner:shop"),
        ("roles/bigquery.dataViewer", "user:ann@corp.example"),
    }
    policed = asset(name, type, iam_policy=policy(("roles/bigquery.dataViewer", ["user:bo@corp.example"])))
    both = translated(tmp_path / "both", organization(), project(), dataset, policed)
    named = [one["principals"] for one in rows(both, "statements") if one["principals"]]
    assert named == [["user:bo@corp.example"]]


def test_bindings_are_statements_and_members_are_principals(tmp_path: Path) -> None:
    given = policy(
        ("roles/owner", ["user:Ann@Corp.example", "group:ops@corp.example"]),
        ("roles/viewer", ["serviceAccount:" + SA, "allUsers"], "request.time < timestamp('2027-01-01T00:00:00Z')"),
    )
    found = translated(tmp_path, organization(), project(iam_policy=given))
    (attached,) = rows(found, "attachments")
    assert (attached["layer"], attached["kind"], attached["target"], attached["account"]) == (
        "allow", "allow_policy", "shop", "shop"
    )  # fmt: skip
    owner, viewer = (row for row in rows(found, "statements") if row["document"] == attached["document"])
    assert (owner["actions"], owner["principals"], owner["condition"]) == (
        ["roles/owner"], ["user:ann@corp.example", "group:ops@corp.example"], None
    )  # fmt: skip
    assert viewer["condition"] == '{"expression":"request.time < timestamp(\'2027-01-01T00:00:00Z\')","title":"t"}'
    people = by_id(found, "principals")
    assert {id: (row["kind"], row["native"]) for id, row in people.items()} == {
        "user:ann@corp.example": ("human", "user"),
        "group:ops@corp.example": ("group", "group"),
        f"serviceAccount:{SA}": ("workload", "service_account"),
        "allUsers": ("external", "everyone"),
    }
    assert people["user:ann@corp.example"]["directory"] == "own"
    assert people["user:ann@corp.example"]["account"] == ORG
    assert people[f"serviceAccount:{SA}"]["account"] == "shop"


@pytest.mark.parametrize(
    ("member", "kind", "native", "directory"),
    [
        ("user:x@gmail.com", "human", "user", "foreign"),
        ("user:x@other.example", "human", "user", "unknown"),
        ("domain:corp.example", "group", "domain", "own"),
        ("allAuthenticatedUsers", "external", "every_google_account", "foreign"),
        ("serviceAccount:a@elsewhere.iam.gserviceaccount.com", "workload", "service_account", "unknown"),
        ("serviceAccount:33-compute@developer.gserviceaccount.com", "workload", "service_account", "own"),
        ("serviceAccount:shop@appspot.gserviceaccount.com", "workload", "service_account", "own"),
        ("serviceAccount:service-33@compute-system.iam.gserviceaccount.com", "provider_service", "service_agent", ""),
        ("serviceAccount:shop.svc.id.goog[ns/ksa]", "workload", "kubernetes_service_account", ""),
        ("principal://iam.googleapis.com/projects/33/locations/global/workloadIdentityPools/w/subject/s", "workload",
         "workload_identity", ""),
        ("principal://iam.googleapis.com/locations/global/workforcePools/w/subject/s", "human", "workforce_identity",
        ""),
        ("principalSet://iam.googleapis.com/projects/33/locations/global/workloadIdentityPools/w/*", "group",
         "identity_pool", ""),
        ("projectEditor:shop", "group", "project_editors", ""),
        ("deleted:user:x@corp.example?uid=1", "deleted", "user", "own"),
        ("something else", "group", "other", ""),
    ],
)  # fmt: skip
def test_members_of_every_form_have_a_row(tmp_path: Path, member: str, kind: str, native: str, directory: str) -> None:
    found = translated(tmp_path, organization(), project(iam_policy=policy(("roles/viewer", [member]))))
    (row,) = rows(found, "principals")
    assert (row["kind"], row["native"], row["directory"]) == (kind, native, directory)
    assert row["enabled"] is (False if kind == "deleted" else None)


def test_a_policy_read_without_conditions_is_a_gap_and_its_binding_is_conditional(tmp_path: Path) -> None:
    given = policy(("roles/editor_withcond_1a2b3c", ["user:a@corp.example"]))
    found = translated(tmp_path, organization(), project(iam_policy=given))
    (statement,) = (row for row in rows(found, "statements") if row["principals"])
    assert (statement["actions"], statement["condition"]) == (["roles/editor"], '{"unread":true}')
    assert any("without conditions" in gap and "version 3" in gap for gap in gaps(found))


@pytest.mark.parametrize("role", ["roles/admin", "roles/nothing.atAll", "roles/spanner.databaseRoleUser"])
def test_a_role_of_which_the_permissions_are_not_known_is_a_gap_that_names_it(tmp_path: Path, role: str) -> None:
    found = translated(tmp_path, organization(), project(iam_policy=policy((role, ["user:a@corp.example"]))))
    assert any(gap.startswith(f"{role}: ") for gap in gaps(found))
    assert role not in by_id(found, "policies")


def test_what_is_told_twice_and_otherwise_is_a_gap(tmp_path: Path) -> None:
    one, other = (policy(("roles/viewer", [who])) for who in ("user:a@corp.example", "user:b@corp.example"))
    found = translated(tmp_path, organization(), project(iam_policy=one), project(iam_policy=other))
    assert len(rows(found, "attachments")) == 1
    assert any("told again, otherwise" in gap for gap in gaps(found))


def test_policies_from_a_search_and_from_gcloud_say_the_same(tmp_path: Path) -> None:
    given = policy(("roles/viewer", ["user:a@corp.example"]))
    listed = {"projects.json": [{"projectId": "shop", "projectNumber": "33", "lifecycleState": "ACTIVE"}]}
    searched = {"policies.json": [{"resource": f"{RM}projects/shop", "policy": given, "project": "projects/33",
                                   "assetType": "cloudresourcemanager.googleapis.com/Project"}]}  # fmt: skip
    alone = {"get-iam-policy--projects-shop.json": given}
    told = [
        [(row["layer"], row["target"], row["account"]) for row in rows(translated(tmp_path / name, **listed, **files),
                                                                       "attachments")]
        for name, files in (("a", searched), ("b", alone))
    ]  # fmt: skip
    assert told == [[("allow", "shop", "shop")]] * 2


# -- roles ------------------------------------------------------------------------------------------------------------


def role(**data: Any) -> dict[str, Any]:
    told = {"name": "projects/shop/roles/mine", "title": "Mine", "includedPermissions": ["storage.objects.get"]} | data
    return asset("//iam.googleapis.com/projects/shop/roles/mine", "iam.googleapis.com/Role", resource={"data": told})


@pytest.mark.parametrize(
    ("data", "gives"),
    [
        ({}, ["storage.objects.get"]),
        ({"stage": "GA"}, ["storage.objects.get"]),
        ({"stage": "DISABLED"}, []),
        ({"deleted": True}, []),
        ({"includedPermissions": []}, []),
    ],
)
def test_a_disabled_or_deleted_custom_role_gives_nothing(
    tmp_path: Path, data: dict[str, Any], gives: list[str]
) -> None:
    found = translated(tmp_path, organization(), project(), role(**data))
    (row,) = (row for row in rows(found, "policies") if row["kind"] == "custom_role")
    assert (row["id"], row["account"], row["name"]) == ("projects/shop/roles/mine", "shop", "Mine")
    (statement,) = (one for one in rows(found, "statements") if one["document"] == row["document"])
    assert statement["actions"] == gives


def test_a_list_without_permissions_says_nothing_of_a_role_and_a_description_does(tmp_path: Path) -> None:
    short = {"name": "projects/shop/roles/mine", "title": "Mine"}
    listed = {"projects.json": [{"projectId": "shop", "projectNumber": "33", "lifecycleState": "ACTIVE"}],
              "roles.json": [short]}  # fmt: skip
    found = translated(tmp_path / "a", **listed)
    (row,) = rows(found, "policies")
    assert rows(found, "documents")[row["document"]]["unsupported"] == "its permissions were not read"
    assert any("projects/shop/roles/mine" in gap for gap in gaps(found))
    both = translated(tmp_path / "b", **listed, **{"role.json": short | {"includedPermissions": ["a.b.c"]}})
    (row,) = rows(both, "policies")
    assert rows(both, "documents")[row["document"]]["unsupported"] is None


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("roles/owner", {"admin": True, "rewrites_iam": True, "admin_rest": False}),
        ("roles/editor", {"admin": False, "rewrites_iam": False, "admin_rest": True}),
        ("roles/viewer", {"admin": False, "rewrites_iam": False, "admin_rest": False}),
        ("roles/resourcemanager.projectIamAdmin", {"admin": False, "rewrites_iam": True, "admin_iam": True}),
        ("roles/storage.admin", {"admin": False, "wildcard": True, "rewrites_iam": False}),
        ("roles/storage.objectViewer", {"admin": False, "wildcard": False}),
    ],
)
def test_what_a_role_amounts_to(tmp_path: Path, name: str, flags: dict[str, bool]) -> None:
    found = translated(tmp_path, organization(), project(iam_policy=policy((name, ["user:a@corp.example"]))))
    document = rows(found, "documents")[by_id(found, "policies")[name]["document"]]
    assert {flag: document[flag] for flag in flags} == flags


# -- service accounts -------------------------------------------------------------------------------------------------


def key(id: str, **data: Any) -> dict[str, Any]:
    told = {"name": f"projects/shop/serviceAccounts/{SA}/keys/{id}", "keyType": "USER_MANAGED",
        "keyOrigin": "GOOGLE_PROVIDED",
            "validAfterTime": "2026-01-01T00:00:00Z", "validBeforeTime": "9999-12-31T23:59:59Z"} | data  # fmt: skip
    return asset(f"{SA_POLICY_NAME}/keys/{id}", "iam.googleapis.com/ServiceAccountKey", resource={"data": told})


def test_keys_are_credentials_told_apart_by_their_origin(tmp_path: Path) -> None:
    found = translated(
        tmp_path, organization(), project(), SA_ASSET, key("k1"), key("k2", keyOrigin="USER_PROVIDED", disabled=True),
        key("k3", keyType="SYSTEM_MANAGED", validBeforeTime="2026-02-01T00:00:00Z"),
    )  # fmt: skip
    keys = by_id(found, "credentials")
    assert {id: (row["kind"], row["active"]) for id, row in keys.items()} == {
        "k1": ("service_account_key", True), "k2": ("uploaded_key", False), "k3": ("system_managed_key", True),
    }  # fmt: skip
    assert {row["principal"] for row in keys.values()} == {f"serviceAccount:{SA}"}
    assert {row["account"] for row in keys.values()} == {"shop"}
    assert keys["k1"]["expires"].year == 9999
    assert not keys["k1"]["last_used_known"]
    account = by_id(found, "principals")[f"serviceAccount:{SA}"]
    assert account["keys_known"]
    assert (account["name"], account["unique_id"], account["enabled"], account["account"]) == (
        SA,
        "7001",
        True,
        "shop",
    )


def test_keys_and_accounts_from_gcloud_are_the_same(tmp_path: Path) -> None:
    found = translated(
        tmp_path,
        **{
            "accounts.json": [SA_DATA | {"disabled": True}],
            "keys.json": [key("k1")["resource"]["data"]],
            "projects.json": [{"projectId": "shop", "projectNumber": "33", "lifecycleState": "ACTIVE"}],
        },
    )
    assert by_id(found, "principals")[f"serviceAccount:{SA}"]["enabled"] is False
    assert by_id(found, "credentials")["k1"]["principal"] == f"serviceAccount:{SA}"
    assert SA_POLICY_NAME in by_id(found, "resources")


def test_without_a_list_of_keys_nothing_is_known_of_them(tmp_path: Path) -> None:
    found = translated(tmp_path, organization(), project(), SA_ASSET)
    assert not by_id(found, "principals")[f"serviceAccount:{SA}"]["keys_known"]


def test_who_may_act_as_a_service_account_is_a_trust(tmp_path: Path) -> None:
    given = policy(
        ("roles/iam.serviceAccountTokenCreator", ["user:a@corp.example", "user:x@gmail.com"]),
        ("roles/iam.workloadIdentityUser", ["serviceAccount:shop.svc.id.goog[ns/ksa]"], "true"),
        ("roles/iam.serviceAccountViewer", ["user:c@corp.example"]),
        ("roles/unknown.role", ["user:d@corp.example"]),
    )
    found = translated(tmp_path, organization(), project(), SA_ASSET | {"iam_policy": given})
    trusts = {row["subject"]: row for row in rows(found, "trusts")}
    assert set(trusts) == {
        "user:a@corp.example", "user:x@gmail.com", "serviceAccount:shop.svc.id.goog[ns/ksa]", "user:d@corp.example"
    }  # fmt: skip
    assert {row["principal"] for row in trusts.values()} == {f"serviceAccount:{SA}"}
    assert "iam.serviceAccounts.getAccessToken" in trusts["user:a@corp.example"]["actions"]
    assert trusts["user:a@corp.example"]["subject_account"] == "shop"
    assert trusts["user:x@gmail.com"]["subject_account"] == "gmail.com"
    assert trusts["serviceAccount:shop.svc.id.goog[ns/ksa]"]["conditional"]


# -- pools ------------------------------------------------------------------------------------------------------------

POOL = "projects/33/locations/global/workloadIdentityPools/ci"


@pytest.mark.parametrize(
    ("data", "kind", "subject", "reach", "conditional"),
    [
        ({"oidc": {"issuerUri": "https://token.actions.githubusercontent.com"}}, "oidc",
         "token.actions.githubusercontent.com", "anyone", False),
        ({"oidc": {"issuerUri": "https://token.actions.githubusercontent.com"}, "attributeCondition": "x == 'y'"},
        "oidc",
         "token.actions.githubusercontent.com", "wide", True),
        ({"oidc": {"issuerUri": "https://issuer.corp.example/"}}, "oidc", "issuer.corp.example", "wide", False),
        ({"aws": {"accountId": "111122223333"}}, "account", "111122223333", "wide", False),
        ({"saml": {"idpMetadataXml": "<x/>"}}, "saml", "SAML", "wide", False),
        ({"saml": {"idpMetadataXml": "<EntityDescriptor entityID='https://idp.example/1'/>"}}, "saml",
         "https://idp.example/1", "wide", False),
    ],
)  # fmt: skip
def test_providers_of_pools_are_trusts(
    tmp_path: Path, data: dict[str, Any], kind: str, subject: str, reach: str, conditional: bool
) -> None:
    found = translated(
        tmp_path, organization(), project(),
        **{"pools.json": [{"name": POOL, "displayName": "CI"}],
            "providers.json": [{"name": f"{POOL}/providers/p"} | data]},
    )  # fmt: skip
    (row,) = rows(found, "trusts")
    assert (row["subject_kind"], row["subject"], row["reach"], row["conditional"]) == (
        kind,
        subject,
        reach,
        conditional,
    )
    assert row["principal"] == f"principalSet://iam.googleapis.com/{POOL}/*"
    pool = by_id(found, "principals")[row["principal"]]
    assert (pool["native"], pool["name"], pool["account"]) == ("identity_pool", "CI", "shop")


def test_a_disabled_provider_lets_nobody_in(tmp_path: Path) -> None:
    provider = {"name": f"{POOL}/providers/p", "disabled": True, "oidc": {"issuerUri": "https://i.example"}}
    found = translated(tmp_path, organization(), project(), **{"providers.json": [provider]})
    assert rows(found, "trusts")[0]["dead"]


# -- groups -----------------------------------------------------------------------------------------------------------


def test_groups_and_their_members_of_every_kind(tmp_path: Path) -> None:
    found = translated(
        tmp_path, organization(),
        **{
            "groups.json": {"groups": [{"name": "groups/g1", "groupKey": {"id": "Ops@corp.example"},
            "displayName": "Ops"},
                                       {"name": "groups/g2", "groupKey": {"id": "inner@corp.example"}}]},
            "memberships.json": {"memberships": [
                {"name": "groups/g1/memberships/1", "preferredMemberKey": {"id": "Ann@corp.example"}, "type": "USER"},
                {"name": "groups/g1/memberships/2", "preferredMemberKey": {"id": "inner@corp.example"}},
                {"name": "groups/g2/memberships/3", "preferredMemberKey": {"id": SA}},
                {"name": "groups/g9/memberships/4", "preferredMemberKey": {"id": "b@corp.example"}, "type": "USER"},
                {"name": "groups/g2/memberships/5", "preferredMemberKey": {"id": "ops@corp.example"}, "type": "GROUP"},
            ]},
        },
    )  # fmt: skip
    assert {(row["member"], row["group"]) for row in rows(found, "memberships")} == {
        ("user:ann@corp.example", "group:ops@corp.example"),
        ("group:inner@corp.example", "group:ops@corp.example"),
        (f"serviceAccount:{SA}", "group:inner@corp.example"),
        ("user:b@corp.example", "group:groups/g9"),
        ("group:ops@corp.example", "group:inner@corp.example"),
    }
    assert by_id(found, "principals")["group:ops@corp.example"]["name"] == "Ops"


# -- guardrails -------------------------------------------------------------------------------------------------------

DENY = "policies/cloudresourcemanager.googleapis.com%2Fprojects%2F33/denypolicies/d"
RULE = {"denyRule": {"deniedPrincipals": ["principal://goog/subject/Ann@corp.example",
    "principalSet://goog/public:all"],
                     "exceptionPrincipals": ["principalSet://goog/group/ops@corp.example"],
                     "deniedPermissions": ["iam.googleapis.com/roles.*"],
                     "exceptionPermissions": ["iam.googleapis.com/roles.list"],
                     "denialCondition": {"expression": "resource.matchTag('1/env', 'prod')"}}}  # fmt: skip


def test_a_deny_policy_lies_on_its_container_with_members_in_one_spelling(tmp_path: Path) -> None:
    found = translated(tmp_path, organization(), project(), **{"deny.json": {"name": DENY, "rules": [RULE]}})
    (attached,) = (row for row in rows(found, "attachments") if row["layer"] == "deny")
    assert (attached["target"], attached["policy"], attached["kind"]) == ("shop", DENY, "deny_policy")
    (statement,) = (row for row in rows(found, "statements") if row["document"] == attached["document"])
    assert (statement["effect"], statement["actions"], statement["not_actions"]) == (
        "Deny", ["iam.googleapis.com/roles.*"], ["iam.googleapis.com/roles.list"]
    )  # fmt: skip
    assert statement["principals"] == ["user:ann@corp.example", "allUsers"]
    assert statement["not_principals"] == ["group:ops@corp.example"]
    assert "matchTag" in statement["condition"]


def test_a_deny_policy_of_a_list_has_no_rules_and_that_is_a_gap(tmp_path: Path) -> None:
    found = translated(tmp_path, organization(), project(), **{"deny.json": {"policies": [{"name": DENY, "uid": "u"}]}})
    (attached,) = (row for row in rows(found, "attachments") if row["layer"] == "deny")
    assert rows(found, "documents")[attached["document"]]["unsupported"] == "its rules were not read"
    assert any(DENY in gap for gap in gaps(found))


def test_boundaries_lie_on_what_their_bindings_name(tmp_path: Path) -> None:
    name = f"{ORG}/locations/global/principalAccessBoundaryPolicies/b"
    rules = [{"resources": [f"{RM}{ORG}"], "effect": "ALLOW"}]
    found = translated(
        tmp_path, organization(),
        **{
            "boundaries.json": [{"name": name, "details": {"rules": rules, "enforcementVersion": "3"}}],
            "bindings.json": [
                {"name": f"{ORG}/locations/global/policyBindings/1", "policy": name,
                "target": {"principalSet": f"{RM}{ORG}"},
                 "condition": {"expression": "principal.type == 'iam.googleapis.com/ServiceAccount'"}},
                {"name": f"{ORG}/locations/global/policyBindings/2", "policy": f"{name}-unread",
                 "target": {"principalSet": "//iam.googleapis.com/locations/global/workforcePools/w"}},
            ],
        },
    )  # fmt: skip
    bound = {row["policy"]: row for row in rows(found, "attachments") if row["layer"] == "principal_access_boundary"}
    assert bound[name]["target"] == ORG
    assert "principal.type" in bound[name]["condition"]
    assert bound[f"{name}-unread"]["document"] is None
    assert any("bound, but not read" in gap for gap in gaps(found))
    assert by_id(found, "policies")[name]["version"] == "3"
    (statement,) = (row for row in rows(found, "statements") if row["document"] == bound[name]["document"])
    assert statement["resources"] == [f"{RM}{ORG}"]


def test_access_policies_are_kept_and_said_not_to_be_evaluated(tmp_path: Path) -> None:
    one = {"name": f"{ORG}/locations/global/accessPolicies/a", "details": {"rules": []}}
    found = translated(tmp_path, organization(), **{"access.json": [one]})
    (row,) = rows(found, "policies")
    assert row["kind"] == "access_policy"
    assert "not evaluated" in rows(found, "documents")[row["document"]]["unsupported"]
    assert any("not evaluated" in gap for gap in gaps(found))


def test_organization_policies_of_both_versions(tmp_path: Path) -> None:
    old = {"constraint": "constraints/iam.disableServiceAccountKeyCreation", "boolean_policy": {"enforced": True}}
    new = {"name": f"{ORG}/policies/iam.disableServiceAccountCreation", "spec": {"rules": [{"enforce": True}]}}
    found = translated(tmp_path, organization(), project(org_policy=[old]), **{"policies.json": [new]})
    assert {(row["target"], row["policy"]) for row in rows(found,
        "attachments") if row["layer"] == "organization_policy"} == {
        ("shop", "iam.disableServiceAccountKeyCreation"), (ORG, "iam.disableServiceAccountCreation"),
    }  # fmt: skip


def test_entitlements_are_eligible_bindings(tmp_path: Path) -> None:
    one = {
        "name": "projects/shop/locations/global/entitlements/e", "maxRequestDuration": "3600s",
        "eligibleUsers": [{"principals": ["user:Ann@corp.example"]}],
        "privilegedAccess": {"gcpIamAccess": {"resource": f"{RM}projects/shop", "resourceType": "x",
                                              "roleBindings": [{"role": "roles/compute.admin",
                                              "conditionExpression": "true"}]}},
        "approvalWorkflow": {
            "manualApprovals": {"steps": [{"approvers": [{"principals": ["group:boss@corp.example"]}]}]}
        },
    }  # fmt: skip
    found = translated(tmp_path, organization(), project(), **{"pam.json": [one]})
    (attached,) = (row for row in rows(found, "attachments") if row["layer"] == "eligible")
    assert (attached["target"], attached["kind"]) == ("shop", "entitlement")
    statements = [row for row in rows(found, "statements") if row["document"] == attached["document"]]
    assert [(row["actions"], row["principals"], row["condition"]) for row in statements] == [
        (["roles/compute.admin"], ["user:ann@corp.example"], '{"expression":"true"}')
    ]
    assert "group:boss@corp.example" in by_id(found, "principals")


def test_what_was_requested_stands_with_who_requested_it(tmp_path: Path) -> None:
    place = "//cloudresourcemanager.googleapis.com/projects/shop"
    one = {"name": "projects/shop/locations/global/entitlements/e/grants/g", "requester": "Ann@corp.example",
           "state": "ENDED", "justification": {"unstructuredJustification": "outage 7"},
           "requestedDuration": "1800s", "createTime": "2026-01-01T00:00:00Z",
           "privilegedAccess": {"gcpIamAccess": {"resource": place}},
           "timeline": {"events": [
               {"eventTime": "2026-01-01T00:00:00Z", "requested": {}},
               {"eventTime": "2026-01-01T00:05:00Z",
                "approved": {"reason": "ok", "actor": "boss@corp.example"}}]}}  # fmt: skip
    found = translated(tmp_path, organization(), project(), **{"grants.json": [one]})
    (attached,) = rows(found, "attachments")
    assert (attached["layer"], attached["target"], attached["account"]) == (
        "requested",
        "user:ann@corp.example",
        "shop",
    )
    assert b"outage 7" in rows(found, "documents")[attached["document"]]["text"]
    (told,) = rows(found, "requests")
    assert (told["status"], told["reason"], told["duration"], told["resource"]) == (
        "granted", "outage 7", "PT1800S", "shop",
    )  # fmt: skip
    assert (told["approvers"], told["approver_reasons"]) == (["user:boss@corp.example"], ["ok"])
    assert told["policy"] == "projects/shop/locations/global/entitlements/e" and told["principal"] == told["requester"]


@pytest.mark.parametrize(
    ("state", "status"),
    [("APPROVAL_AWAITED", "pending"), ("DENIED", "denied"), ("EXPIRED", "expired"), ("REVOKED", "revoked"),
     ("ACTIVE", "granted"), ("SOMETHING_NEW", "unknown"), ("", "unknown")],
)  # fmt: skip
def test_what_came_of_a_request(tmp_path: Path, state: str, status: str) -> None:
    one = {"name": "projects/shop/locations/global/entitlements/e/grants/g", "requester": "ann@corp.example",
           "state": state}  # fmt: skip
    (told,) = rows(translated(tmp_path, organization(), project(), **{"grants.json": [one]}), "requests")
    assert told["status"] == status and told["approvers"] == [] and told["reason"] is None


# -- resources --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type", "data", "who"),
    [
        ("compute.googleapis.com/Instance", {"serviceAccounts": [{"email": SA}]}, SA),
        ("compute.googleapis.com/InstanceTemplate", {"properties": {"serviceAccounts": [{"email": SA}]}}, SA),
        ("cloudfunctions.googleapis.com/CloudFunction", {"serviceAccountEmail": SA}, SA),
        ("cloudfunctions.googleapis.com/Function", {"serviceConfig": {"serviceAccountEmail": SA}}, SA),
        ("run.googleapis.com/Service", {"spec": {"template": {"spec": {"serviceAccountName": SA}}}}, SA),
        ("run.googleapis.com/Service", {"template": {"serviceAccount": SA}}, SA),
        ("run.googleapis.com/Job", {"template": {"template": {"serviceAccount": SA}}}, SA),
        ("container.googleapis.com/Cluster", {"nodePools": [{"config": {"serviceAccount": SA}}]}, SA),
        ("container.googleapis.com/NodePool", {"config": {"serviceAccount": "default"}},
         "33-compute@developer.gserviceaccount.com"),
        ("dataproc.googleapis.com/Cluster", {"config": {"gceClusterConfig": {"serviceAccount": SA}}}, SA),
        ("workflows.googleapis.com/Workflow", {"serviceAccount": f"projects/shop/serviceAccounts/{SA}"}, SA),
        ("pubsub.googleapis.com/Subscription", {"pushConfig": {"oidcToken": {"serviceAccountEmail": SA}}}, SA),
        ("compute.googleapis.com/Instance", {}, None),
        ("compute.googleapis.com/Disk", {"serviceAccounts": [{"email": SA}]}, None),
    ],
)  # fmt: skip
def test_what_runs_as_whom(tmp_path: Path, type: str, data: dict[str, Any], who: str | None) -> None:
    thing = asset("//x.googleapis.com/projects/shop/things/t", type, resource={"data": data or {"name": "t"}})
    found = translated(tmp_path, organization(), project(), thing)
    runs = [(row["subject"], row["object"], row["kind"], row["account"]) for row in rows(found, "runs_as")]
    told = [("//x.googleapis.com/projects/shop/things/t", f"serviceAccount:{who}", "executes_as", "shop")]
    assert runs == (told if who else [])
    (row,) = rows(found, "resources")
    assert row["principal"] == (f"serviceAccount:{who}" if who else None)


BUCKET = "//storage.googleapis.com/b"


@pytest.mark.parametrize(
    ("bindings", "above", "data", "opening", "acl", "block"),
    [
        ([("roles/storage.objectViewer", ["user:a@corp.example"])], [], {}, "none", None, None),
        ([("roles/storage.objectViewer", ["allUsers"])], [], {}, "everyone", None, None),
        ([("roles/storage.objectViewer", ["allAuthenticatedUsers"])], [], {}, "everyone", None, None),
        ([("roles/storage.objectViewer", ["principalSet://goog/public:all"])], [], {}, "everyone", None, None),
        ([("roles/storage.objectViewer", ["allUsers"], "x")], [], {}, "conditional", None, None),
        ([], [("roles/storage.objectViewer", ["allUsers"])], {}, "everyone", None, None),
        ([], [("roles/pubsub.publisher", ["allUsers"])], {}, "none", None, None),
        ([], [("roles/unknown.role", ["allUsers"])], {}, "everyone", None, None),
        ([], [], {"iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}}}, "none", "none", None),
        ([], [], {"iamConfiguration": {"publicAccessPrevention": "enforced"}}, "none", None, "all"),
        ([], [], {"acl": [{"entity": "allUsers", "role": "READER"}]}, "none", "read", None),
        ([], [], {"acl": [{"entity": "allUsers", "role": "OWNER"}], "defaultObjectAcl": []}, "none", "full", None),
    ],
)  # fmt: skip
def test_what_opens_a_bucket(
    tmp_path: Path, bindings: Any, above: Any, data: dict[str, Any], opening: str, acl: str | None, block: str | None
) -> None:
    bucket = asset(BUCKET, "storage.googleapis.com/Bucket", resource={"data": {"name": "b"} | data},
                   iam_policy=policy(*bindings))  # fmt: skip
    found = translated(tmp_path, organization(), project(iam_policy=policy(*above)), bucket)
    (row,) = rows(found, "resources")
    assert (row["opening"], row["acl_public"], row["public_block"]) == (opening, acl, block)
    assert (row["kind"], row["account"], row["policy_known"]) == ("storage:bucket", "shop", True)


def test_without_policies_nothing_is_known_of_who_may_use_a_resource(tmp_path: Path) -> None:
    bucket = asset(BUCKET, "storage.googleapis.com/Bucket", resource={"data": {"name": "b"}})
    (row,) = rows(translated(tmp_path, organization(), project(), bucket), "resources")
    assert (row["policy"], row["policy_known"], row["opening"]) == (None, False, None)


@pytest.mark.parametrize(
    ("coverage", "known"),
    [
        ([("assets.list:IAM_POLICY", "ok", "")], True),
        ([("assets.list:IAM_POLICY", "ok", ""), ("assets.list:IAM_POLICY", "denied", "shop")], False),
        ([("assets.list:IAM_POLICY", "ok", ""), ("assets.list:IAM_POLICY", "denied", "other")], True),
        ([("assets.list:IAM_POLICY", "failed", "")], False),
        ([("assets.list:IAM_POLICY", "denied", ""), ("searchAllIamPolicies", "ok", "")], True),
        ([("assets.list:IAM_POLICY", "denied", ""), ("searchAllIamPolicies", "denied", "")], False),
    ],
)
def test_a_policy_that_could_not_be_read_is_not_taken_for_none(
    tmp_path: Path, coverage: list[tuple[str, str, str]], known: bool
) -> None:
    bucket = asset(BUCKET, "storage.googleapis.com/Bucket", resource={"data": {"name": "b"}})
    (one,) = collected(tmp_path, {"a.jsonl": (organization(), project(iam_policy=policy()), bucket)})
    told = tuple(
        Coverage("cloudasset", call, CoverageStatus(status), account=where) for call, status, where in coverage
    )
    (row,) = rows(tables(replace(one, coverage=told)), "resources")
    assert (row["policy_known"], row["opening"]) == ((True, "none") if known else (False, None))


def test_whom_a_policy_names_outside_of_the_directory(tmp_path: Path) -> None:
    given = policy(("roles/viewer", ["user:x@gmail.com", "user:a@corp.example", "user:b@other.example", "allUsers"]))
    bucket = asset(BUCKET, "storage.googleapis.com/Bucket", iam_policy=given)
    (row,) = rows(translated(tmp_path, organization(), project(), bucket), "resources")
    assert row["shared"] == ["user:x@gmail.com"]


def test_a_resource_keeps_place_time_and_labels(tmp_path: Path) -> None:
    data = {"name": "b", "location": "EU", "timeCreated": "2026-01-02T03:04:05.678Z", "labels": {"owner": "web"}}
    (row,) = rows(translated(tmp_path, project(), asset(BUCKET, "storage.googleapis.com/Bucket",
    resource={"data": data})),
                  "resources")  # fmt: skip
    assert (row["region"], row["tags"]) == ("EU", [("owner", "web")])
    assert row["created"] == datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def test_a_deleted_asset_is_not_there(tmp_path: Path) -> None:
    gone = asset(BUCKET, "storage.googleapis.com/Bucket", deleted=True)
    assert rows(translated(tmp_path, project(), gone), "resources") == []


def test_a_search_tells_of_resources_without_their_data(tmp_path: Path) -> None:
    one = {"name": BUCKET, "assetType": "storage.googleapis.com/Bucket", "project": "projects/33",
        "folders": ["folders/2"],
           "organization": ORG, "displayName": "b", "location": "eu", "state": "ACTIVE",
           "parentFullResourceName": f"{RM}projects/shop"}  # fmt: skip
    whole = {"name": f"{RM}projects/shop", "assetType": "cloudresourcemanager.googleapis.com/Project",
             "project": "projects/33", "organization": ORG, "displayName": "Shop", "state": "ACTIVE"}  # fmt: skip
    found = translated(tmp_path, **{"resources.json": [one, whole]})
    (row,) = rows(found, "resources")
    assert (row["account"], row["region"], row["opening"]) == ("shop", "eu", None)
    assert by_id(found, "scopes")["shop"]["number"] == "33"


def test_translation_is_the_same_every_time(tmp_path: Path) -> None:
    given = policy(("roles/owner", ["user:a@corp.example"]))
    (one,) = collected(tmp_path, {"a.jsonl": (organization(), project(iam_policy=given), SA_ASSET, key("k"))})
    first, second = tables(one), tables(one)
    assert all(first[name].equals(second[name]) for name in first)


def test_gaps_name_the_parts_that_were_not_imported(tmp_path: Path) -> None:
    from leastwise.providers.gcp import PROVIDER

    (one,) = collected(tmp_path, {"a.jsonl": (organization(), project())})
    told = {(gap.service, gap.call): gap.status for gap in PROVIDER.gaps(one)}
    assert set(told.values()) == {CoverageStatus.NOT_TRIED}
    assert ("cloudasset", "searchAllIamPolicies") in told
    assert ("iam", "policies.listPolicies") in told
    assert ("iam", "serviceAccounts.keys.list") not in told
