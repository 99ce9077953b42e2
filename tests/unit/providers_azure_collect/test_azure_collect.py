"""Collecting Azure from the fake: the whole tenant, a management group, a subscription; one subscription anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.azure.around import a_run, bodies, collected, directory, gaps, keys, surround, told, whole
from fakes.azure.server import DENIED, TOKENS, FakeAzure, on
from fakes.azure.world import (
    ANN,
    APP,
    BEN,
    CANARY,
    COSMOS,
    CUSTOM,
    GROUPS,
    IDENTITY,
    LAB,
    LENT,
    MONGO,
    ONLINE,
    OPS,
    PROD,
    QUIET,
    ROOT,
    SERVER,
    SHARED,
    SHOP,
    STORE,
    TENANT,
    VAULT,
    assignment,
)
from leastwise.engine.columns import plain
from leastwise.errors import UsageError
from leastwise.model.scope import Collected, CoverageStatus
from leastwise.providers.azure import PROVIDER
from leastwise.providers.azure.collect.collector import collect
from leastwise.providers.azure.collect.declaration import declared
from leastwise.providers.entra import PROVIDER as ENTRA


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAzure]:
    with FakeAzure(tmp_path / "tls") as fake:
        surround(monkeypatch, fake)
        yield fake
        assert fake.strange == []


def values(found: Collected, kind: str, about: str = "") -> list[Any]:
    return [one for body in bodies(found, kind, about) for one in body["value"]]


def scopes(found: Collected, kind: str, about: str = "") -> set[str]:
    return {one["properties"]["scope"] for one in values(found, f"authorization.{kind}.list", about)}


def test_a_tenant_is_one_snapshot_of_everything_that_is_seen(azure: FakeAzure, tmp_path: Path) -> None:
    found = whole(azure, tmp_path / "run")
    assert (found.scope.provider, found.scope.kind, found.scope.id) == ("azure", "management_group", TENANT)
    assert gaps(found) == []
    assert scopes(found, "roleAssignments") == {
        "/", ROOT, PROD, SHOP, f"{SHOP}/resourceGroups/web", SHARED, LAB,
    }  # fmt: skip
    assert not azure.count("", LENT), "of another directory"
    (subscriptions,) = bodies(found, "subscription.subscriptions.list")
    assert {one["id"] for one in subscriptions["value"]} == {SHOP, SHARED, LAB}
    assert not list((tmp_path / "run").iterdir())


def test_every_kind_of_thing_is_read_once_with_all_its_pages(azure: FakeAzure, tmp_path: Path) -> None:
    found = whole(azure, tmp_path / "run")
    kinds = {one.kind for one in found.documents}
    of_azure = {service.kind(call) for service in declared() if service.place == "arm" for call in service.walk()}
    assert kinds == of_azure
    asked = [(one.place, one.name, one.path, sorted(one.query.items()), json.dumps(one.body)) for one in azure.log]
    probes = [one for one in asked if one[1] == "subscriptions.list"]
    assert len(asked) - len(probes) == len({str(one) for one in asked if one not in probes}), "asked twice"
    assert {one["name"] for one in values(found, "resources.resourceGroups.list", SHOP)} == {
        "web",
        "db",
        "net",
    }
    (resources,) = bodies(found, "resourceGraph.resources", SHOP)
    assert len(resources["data"]) == 6, "by $skipToken, two a page"
    names = [one.name for one in found.documents]
    assert len(names) == len(set(names))


def test_the_directory_is_a_snapshot_of_its_own(azure: FakeAzure, tmp_path: Path) -> None:
    found = directory(azure, tmp_path / "run")
    assert (found.scope.kind, found.scope.id) == ("tenant", TENANT) and gaps(found) == []
    members = {one["id"] for one in values(found, "graph.groups.members.list", OPS)}
    assert members == {ANN, BEN, APP}, "version 1.0 would leave the service principal out"
    assert {one["id"] for one in values(found, "graph.users.list")} == {ANN, BEN}
    assert not [one for one in found.documents if not one.kind.startswith("graph.")]


def test_credentials_of_applications_become_those_of_their_service_principals(azure: FakeAzure, tmp_path: Path) -> None:
    tables = ENTRA.translate(directory(azure, tmp_path / "run"))
    told = {(row["id"], row["principal"], row["kind"]) for row in plain(tables["credentials"]).to_pylist()}
    assert told == {
        ("k1", APP, "application_certificate"), ("k2", APP, "application_password"),
        ("f1", APP, "federated_credential"),
    }  # fmt: skip
    (trust,) = plain(tables["trusts"]).to_pylist()
    assert (trust["principal"], trust["patterns"]) == (APP, ["repo:bw/shop:ref:refs/heads/main"])


def test_what_is_above_is_told_at_subscriptions_and_at_the_root(azure: FakeAzure, tmp_path: Path) -> None:
    found = whole(azure, tmp_path / "run")
    assert scopes(found, "roleAssignments", ROOT) == {"/", ROOT}
    assert {"/", ROOT, PROD} < scopes(found, "roleAssignments", SHOP)
    assert PROD not in scopes(found, "roleAssignments", LAB)
    assert scopes(found, "denyAssignments", ONLINE) == {PROD}
    assert scopes(found, "roleEligibilityScheduleInstances") == {SHOP, PROD}


def test_roles_are_told_with_their_conditions_and_custom_ones_where_they_are(azure: FakeAzure, tmp_path: Path) -> None:
    found = whole(azure, tmp_path / "run")
    roles = values(found, "authorization.roleDefinitions.list")
    (entry,) = [one for one in roles if one["properties"]["roleName"] == "User Access Administrator"]
    assert entry["properties"]["permissions"][0]["condition"] == "@x"
    assert [one["name"] for one in values(found, "authorization.roleDefinitions.list", SHOP)] == [CUSTOM]
    assert values(found, "authorization.roleDefinitions.list", LAB) == []


def test_rules_of_activation_are_asked_for_where_somebody_is_eligible(azure: FakeAzure, tmp_path: Path) -> None:
    found = whole(azure, tmp_path / "run")
    assert scopes(found, "roleManagementPolicyAssignments") == {SHOP, PROD}
    assert azure.count("roleManagementPolicyAssignments") == 2


def test_identities_vaults_and_what_comes_in_from_outside(azure: FakeAzure, tmp_path: Path) -> None:
    found = whole(azure, tmp_path / "run")
    (federated,) = values(found, "managedIdentity.federatedIdentityCredentials.list", IDENTITY)
    assert federated["properties"]["subject"] == "repo:bw/shop:*"
    (vault,) = values(found, "resources.resources.get:microsoft.keyvault/vaults", SHOP)
    assert vault["properties"]["accessPolicies"][0]["permissions"] == {"secrets": ["get"]}
    (delegated,) = values(found, "managedServices.registrationAssignments.list", SHOP)
    told = delegated["properties"]["registrationDefinition"]["properties"]
    assert told["authorizations"][0]["principalId"] == BEN
    (operations,) = bodies(found, "authorization.providerOperations.list")
    assert operations["value"][0]["resourceTypes"][0]["operations"][0]["isDataAction"] is True
    assert values(found, "insights.diagnosticSettings.list", VAULT) == []


def test_roles_of_other_systems_become_grants_on_their_resources(azure: FakeAzure, tmp_path: Path) -> None:
    found = whole(azure, tmp_path / "run")
    assert not azure.count("sqlRoleAssignments.list", MONGO), "an account of another kind has no such roles"
    tables = PROVIDER.translate(found)
    own = {(row["target"], row["kind"]) for row in plain(tables["attachments"]).to_pylist()
           if row["kind"] == "resource_role"}  # fmt: skip
    assert own == {(COSMOS, "resource_role"), (SERVER, "resource_role")}
    beside = {row["id"]: row["beside"] for row in plain(tables["resources"]).to_pylist()}
    assert beside[COSMOS] == beside[QUIET] == [] and beside[MONGO] == ["account keys", "roles of Cosmos DB (not read)"]
    assert beside[SERVER] == ["logins of SQL (not read)", "users of databases (not read)"]
    assert beside[STORE] == ["account keys"], "what the account tells, not what the list leaves open"


def test_no_secret_and_no_token_is_written(azure: FakeAzure, tmp_path: Path) -> None:
    azure.faults = [on(DENIED, "locks.list")]
    several = collected(azure, tmp_path / "run").values()
    text = b"".join(one.body + str(found.coverage).encode() for found in several for one in found.documents)
    text += b"".join(one.read_bytes() for one in (tmp_path / "run").iterdir())
    assert CANARY.encode() not in text and b"canary" not in text
    assert not [one for one in TOKENS.values() if one.encode() in text]
    assert b"justification" in text, "that there is one is told, by a hash"


def test_a_management_group_is_read_with_what_it_inherits(azure: FakeAzure, tmp_path: Path) -> None:
    found = whole(azure, tmp_path / "run", management_groups=["mg-prod"])
    assert (found.scope.kind, found.scope.id) == ("management_group", "mg-prod")
    assert gaps(found) == []
    assert scopes(found, "roleAssignments") == {"/", ROOT, PROD, SHOP, f"{SHOP}/resourceGroups/web", SHARED}
    assert not azure.count("", LAB)
    lists = bodies(found, "management.managementGroups.list")
    assert LAB not in json.dumps(lists), "what lies beside it is not read, and must not look so"
    assert any(
        one["properties"].get("parentNameChain") == [TENANT] for one in lists[0]["value"] + lists[1].get("value", [])
    )


def test_a_subscription_alone_is_read_with_what_it_inherits(azure: FakeAzure, tmp_path: Path) -> None:
    found = whole(azure, tmp_path / "run", subscriptions=[SHOP])
    assert found.scope.key == f"azure:{SHOP.rpartition('/')[2]}" and gaps(found) == []
    assert {"/", ROOT, PROD, SHOP} < scopes(found, "roleAssignments")
    assert not azure.count("", LAB) and not azure.count("roleAssignments", GROUPS)


def test_each_tree_that_is_named_is_a_scope(azure: FakeAzure, tmp_path: Path) -> None:
    source = {"management_groups": ["mg-prod", TENANT], "subscriptions": [LAB.rpartition("/")[2]]}
    found = collected(azure, tmp_path / "run", **source)
    assert sorted(found) == sorted(
        [f"azure:{TENANT}", "azure:mg-prod", f"azure:{LAB.rpartition('/')[2]}", f"entra:{TENANT}"]
    )


def test_one_subscription_is_put_in_its_place(azure: FakeAzure, tmp_path: Path) -> None:
    before = whole(azure, tmp_path / "run")
    azure.log.clear()
    azure.world.extensions["roleAssignments"].append(assignment(SHOP, 99, "/r", BEN))
    azure.world.extensions["roleAssignments"].append(assignment(LAB, 98, "/r", BEN))
    azure.world.listed[f"{SHOP}/resourcegroups".lower()].pop()
    only = SHOP.rpartition("/")[2]
    found = whole(azure, tmp_path / "run", only=only, earlier=lambda scope: before)
    assert found.scope == before.scope and gaps(found) == []
    assert not azure.count("roleAssignments", LAB) and not azure.count("roleAssignments", GROUPS)
    names = {one["name"][-2:] for one in values(found, "authorization.roleAssignments.list")}
    assert "99" in names and "98" not in names
    assert len(values(found, "resources.resourceGroups.list", SHOP)) == 2
    unchanged = [one for one in told(before) if LAB in one[1] or PROD in one[1]]
    assert unchanged == [one for one in told(found) if LAB in one[1] or PROD in one[1]]
    assert "only subscription" in found.coverage[-1].detail


def test_one_subscription_without_a_snapshot_leaves_a_gap(azure: FakeAzure, tmp_path: Path) -> None:
    found = whole(azure, tmp_path / "run", only=SHOP.rpartition("/")[2])
    ((call, status, _, detail),) = gaps(found)
    assert (call, status) == ("collection.only", "not_tried") and SHOP.rpartition("/")[2] in detail


@pytest.mark.parametrize("only", [LENT.rpartition("/")[2], "00000000-0000-4000-8000-0000000000ee", "nobody"])
def test_only_what_the_tree_has(azure: FakeAzure, tmp_path: Path, only: str) -> None:
    assert collected(azure, tmp_path / "run", only=only) == {}


def test_the_same_snapshot_whatever_the_order(azure: FakeAzure, tmp_path: Path) -> None:
    one = whole(azure, tmp_path / "a", in_flight=1)
    many = whole(azure, tmp_path / "b", in_flight=12)
    assert told(one) == told(many)


def test_what_is_left_out_is_said(azure: FakeAzure, tmp_path: Path) -> None:
    found = whole(azure, tmp_path / "run", services=["authorization"], directory=False)
    left = {call for call, status, *_ in gaps(found) if status == CoverageStatus.NOT_TRIED}
    assert {"graph.users.list", "keyVault.vaults.list"} <= left
    assert "authorization.roleAssignments.list" not in left and not azure.count("users")


def test_a_directory_that_cannot_be_told_must_be_named(azure: FakeAzure, tmp_path: Path, monkeypatch: Any) -> None:
    azure.tokens.add("opaque")
    monkeypatch.setenv("FAKE_ARM_TOKEN", "opaque")
    found = whole(azure, tmp_path / "run")
    assert found.scope.id == TENANT, "the only one that is seen"
    with pytest.raises(UsageError, match="name one as tenant"):
        list(collect(keys(azure, tenant="other.example"), a_run(tmp_path / "run")))
