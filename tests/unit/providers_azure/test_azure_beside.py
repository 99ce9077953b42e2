"""Systems of access of a resource's own: grants where they can be read, otherwise a word on the resource."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from azure_support import ANN, BOB, SUB, TENANT, assignment, rows, translated

from leastwise.model.scope import RawDocument, Scope
from leastwise.providers.azure import PROVIDER
from leastwise.store.readmodels import build

HERE = f"/subscriptions/{SUB}"
RG = f"{HERE}/resourceGroups/rg/providers"
STORE, VAULT = f"{RG}/Microsoft.Storage/storageAccounts/s", f"{RG}/Microsoft.KeyVault/vaults/v"
COSMOS, SQL = f"{RG}/Microsoft.DocumentDB/databaseAccounts/c", f"{RG}/Microsoft.Sql/servers/q"
CLUSTER, BUS = f"{RG}/Microsoft.ContainerService/managedClusters/k", f"{RG}/Microsoft.ServiceBus/namespaces/b"
IDENTITY = f"{RG}/Microsoft.ManagedIdentity/userAssignedIdentities/i"
READER, CONTRIBUTOR = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"
MINE = "12341234-0000-4000-8000-000000000001"


def thing(id: str, **properties: Any) -> dict[str, Any]:
    """A resource as Resource Manager tells it."""
    space, kind, name = id.rpartition("/providers/")[2].split("/")
    return {"id": id, "name": name, "type": f"{space}/{kind}", "location": "x", "properties": properties}


def listed(id: str) -> dict[str, Any]:
    """The same as a list of resources tells it, without its properties."""
    return {key: told for key, told in thing(id).items() if key != "properties"}


def flat(id: str, **told: Any) -> dict[str, Any]:
    """The same as the command line writes it."""
    return listed(id) | told


@pytest.mark.parametrize(
    ("resource", "beside"),
    [
        (thing(STORE, minimumTlsVersion="TLS1_2"), ["account keys"]),
        (thing(STORE, allowSharedKeyAccess=True), ["account keys"]),
        (thing(STORE, allowSharedKeyAccess=False), []),
        (flat(STORE, allowSharedKeyAccess=None), ["account keys"]),
        (flat(STORE, allowSharedKeyAccess=False, isHnsEnabled=True), ["access lists of files (not read)"]),
        (flat(STORE, allowSharedKeyAccess=False, isLocalUserEnabled=True), ["local users"]),
        (listed(STORE), ["account keys (not told)", "local users (not told)", "access lists of files (not told)"]),
        (thing(VAULT, enableRbacAuthorization=True, accessPolicies=[]), []),
        (thing(VAULT, enableRbacAuthorization=False, accessPolicies=[]), ["access policies"]),
        (thing(VAULT, enableRbacAuthorization=False), ["access policies (not read)"]),
        (thing(VAULT, accessPolicies=[]), ["access policies"]),
        (listed(VAULT), ["access policies (not told)"]),
        (thing(COSMOS, disableLocalAuth=True), ["roles of Cosmos DB (not read)"]),
        (thing(COSMOS, x=1), ["account keys", "roles of Cosmos DB (not read)"]),
        (thing(SQL, administrators={"azureADOnlyAuthentication": True}), ["users of databases (not read)"]),
        (thing(SQL, version="12.0"), ["logins of SQL (not read)", "users of databases (not read)"]),
        (thing(CLUSTER, disableLocalAccounts=True), ["roles of Kubernetes (not read)"]),
        (thing(CLUSTER, dnsPrefix="x"), ["local accounts", "roles of Kubernetes (not read)"]),
        (thing(BUS, disableLocalAuth=False), ["shared access keys"]),
        (thing(BUS, disableLocalAuth=True), []),
        (thing(f"{RG}/Microsoft.Compute/virtualMachines/vm", x=1), []),
    ],
)
def test_what_lets_in_beside_roles_is_named(tmp_path: Path, resource: Any, beside: list[str]) -> None:
    tables = translated(tmp_path, resource)
    (row,) = [one for one in rows(tables, "resources") if one["id"] == resource["id"]]
    assert row["beside"] == beside
    assert build("azure", SUB, tables)["resources_view"].to_pylist()[0]["beside"] == beside


@pytest.mark.parametrize("turned", [False, True])
def test_what_an_object_tells_goes_before_what_a_list_leaves_open(tmp_path: Path, turned: bool) -> None:
    both = [listed(STORE), thing(STORE.replace("resourceGroups/rg", "resourcegroups/RG"), allowSharedKeyAccess=False)]
    (row,) = rows(translated(tmp_path, *(both[::-1] if turned else both)), "resources")
    assert row["beside"] == []


def grants(tmp_path: Path, *objects: Any) -> set[tuple[str, str, str, str]]:
    tables = translated(tmp_path, *objects)
    view = build("azure", SUB, tables)["grants"].to_pylist()
    names = {row["id"]: row["name"] for row in rows(tables, "policies")}
    return {(row["principal"], names.get(row["policy"], row["policy"]), row["resource"], row["kind"]) for row in view}


def cosmos(who: str, role: str, scope: str = COSMOS, name: str = "a1") -> dict[str, Any]:
    return {"id": f"{COSMOS}/sqlRoleAssignments/{name}", "name": name,
            "type": "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments",
            "properties": {"principalId": who, "scope": scope,
                           "roleDefinitionId": f"{COSMOS}/sqlRoleDefinitions/{role}"}}  # fmt: skip


def definition(*data: str, key: str = MINE) -> dict[str, Any]:
    return {"id": f"{COSMOS}/sqlRoleDefinitions/{key}", "name": key, "roleName": "Orders", "typePropertiesType":
            "CustomRole", "type": "Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions",
            "assignableScopes": [COSMOS], "permissions": [{"dataActions": list(data)}]}  # fmt: skip


def test_roles_of_cosmos_are_grants_on_the_account_and_in_it(tmp_path: Path) -> None:
    items = "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items"
    objects = [
        thing(COSMOS, disableLocalAuth=True), cosmos(ANN, READER), cosmos(BOB, MINE, f"{COSMOS}/dbs/shop", "a2"),
        definition(f"{items}/create"), cosmos(BOB, CONTRIBUTOR, "/dbs/shop/colls/orders", "a3"),
    ]  # fmt: skip
    assert grants(tmp_path, *objects) == {
        (ANN, "Cosmos DB Built-in Data Reader", COSMOS, "resource_role"),
        (BOB, "Orders", f"{COSMOS}/dbs/shop", "resource_role"),
        (BOB, "Cosmos DB Built-in Data Contributor", f"{COSMOS}/dbs/shop/colls/orders", "resource_role"),
    }
    tables = translated(tmp_path, *objects)
    (account,) = [row for row in rows(tables, "resources") if row["id"] == COSMOS]
    assert account["beside"] == []
    told = {tuple(row["actions"]) for row in rows(tables, "statements") if row["actions"][0].startswith("data:")}
    assert (f"data:{items}/create",) in told and len(told) == 3
    assert {row["admin"] for row in build("azure", SUB, tables)["identities"].to_pylist()} == {"no"}


def test_a_role_of_cosmos_that_was_not_read_is_a_gap(tmp_path: Path) -> None:
    tables = translated(tmp_path, cosmos(ANN, MINE), assignment(HERE))
    assert any("Cosmos DB whose role was not read" in row["detail"] for row in rows(tables, "coverage"))
    assert len(rows(tables, "attachments")) == 2
    broken = translated(tmp_path, cosmos("", READER), cosmos(ANN, READER, "no//scope"), assignment(HERE))
    gaps = " ".join(row["detail"] for row in rows(broken, "coverage"))
    assert "without a role or principal" in gaps and "at a scope that is none" in gaps


def test_administrators_of_servers_are_grants(tmp_path: Path) -> None:
    of_server = {"administratorType": "ActiveDirectory", "principalType": "Group", "login": "dba", "sid": ANN,
                 "tenantId": TENANT, "azureADOnlyAuthentication": True}  # fmt: skip
    apart = {"id": f"{SQL}/administrators/ActiveDirectory", "name": "ActiveDirectory",
             "type": "Microsoft.Sql/servers/administrators", "login": "bob", "sid": BOB}  # fmt: skip
    postgres = {"id": f"{RG}/Microsoft.DBforPostgreSQL/flexibleServers/p/administrators/{ANN}", "name": ANN,
                "type": "Microsoft.DBforPostgreSQL/flexibleServers/administrators",
                "properties": {"objectId": ANN, "principalName": "dba", "principalType": "Group"}}  # fmt: skip
    name = "administrator of the server"
    assert grants(tmp_path, thing(SQL, administrators=of_server), apart, postgres) == {
        (ANN, name, SQL, "resource_role"), (BOB, name, SQL, "resource_role"),
        (ANN, name, f"{RG}/Microsoft.DBforPostgreSQL/flexibleServers/p", "resource_role"),
    }  # fmt: skip


def test_an_application_that_rules_a_server_is_told_by_its_client_id(tmp_path: Path) -> None:
    client = "c11e0000-0000-4000-8000-000000000001"
    server = thing(SQL, administrators={"principalType": "Application", "login": "deploy", "sid": client})
    identity = flat(IDENTITY, principalId=ANN, clientId=client.upper())
    assert grants(tmp_path, server, identity) == {(ANN, "administrator of the server", SQL, "resource_role")}
    lost = translated(tmp_path, server)
    assert rows(lost, "attachments") == []
    assert any("told by its client id alone (deploy)" in row["detail"] for row in rows(lost, "coverage"))


def test_groups_that_rule_a_cluster_are_grants(tmp_path: Path) -> None:
    cluster = flat(CLUSTER, aadProfile={"adminGroupObjectIDs": [ANN], "enableAzureRbac": False})
    assert grants(tmp_path, cluster) == {(ANN, "cluster-admin of Kubernetes", CLUSTER, "resource_role")}


def test_what_is_stored_of_them_holds_what_grants_are_made_of(tmp_path: Path) -> None:
    """A snapshot is translated again from what was stored: nothing of it may have become a hash."""
    of_server = {"principalType": "Group", "login": "dba", "sid": ANN, "azureADOnlyAuthentication": False}
    for kept in (cosmos(ANN, READER), definition("Microsoft.DocumentDB/databaseAccounts/readMetadata"),
                 thing(SQL, administrators=of_server), flat(CLUSTER, aadProfile={"adminGroupObjectIDs": [ANN]}),
                 {"id": f"{IDENTITY}/federatedIdentityCredentials/f", "issuer": "https://issuer.example",
                  "subject": None, "audiences": ["x"],
                  "claimsMatchingExpression": {"value": "claims['sub'] matches 'a*'"}},
                 {"id": f"{SQL}/administrators/x", "type": "Microsoft.Sql/servers/administrators", "sid": ANN,
                  "login": "dba"}):  # fmt: skip
        body = json.dumps([kept]).encode()
        document = RawDocument(Scope("azure", "subscription", SUB), "resources", "resources.resources.get:x", "x.json",
                               body, "", datetime(2026, 11, 1, tzinfo=UTC))  # fmt: skip
        assert json.loads(PROVIDER.redact(document, b"k" * 32)) == [kept]
