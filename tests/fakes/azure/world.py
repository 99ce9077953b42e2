"""A directory with a tree of management groups, subscriptions and what is granted in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .directory import ANN, APP, BEN, CANARY, OPS, TENANT, Directory
from .refusing import Refused

__all__ = ["ANN", "APP", "BEN", "CANARY", "OPS", "TENANT", "Directory", "Refused", "World"]

OTHER = "72f988bf-0000-4000-8000-00000000000b"
GROUPS = "/providers/Microsoft.Management/managementGroups"
ROOT = f"{GROUPS}/{TENANT}"
PROD, ONLINE = f"{GROUPS}/mg-prod", f"{GROUPS}/mg-online"
SHARED = "/subscriptions/00000000-0000-4000-8000-000000000001"
SHOP = "/subscriptions/00000000-0000-4000-8000-000000000002"
LAB = "/subscriptions/00000000-0000-4000-8000-000000000003"
LENT = "/subscriptions/00000000-0000-4000-8000-0000000000ff"
"""Of another directory, seen by Lighthouse."""
READER = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
OWNER = "/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
ADMINISTRATOR = "/providers/Microsoft.Authorization/roleDefinitions/18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
CUSTOM = "11111111-1111-4111-8111-111111111111"


def extension(scope: str, types: str, name: str, **properties: Any) -> dict[str, Any]:
    """A thing of Microsoft.Authorization (or another namespace, in `types`) at a scope."""
    namespace, _, kind = types.rpartition("/")
    place = f"{'' if scope == '/' else scope}/providers/{namespace or 'Microsoft.Authorization'}/{kind}/{name}"
    return {"id": place, "name": name, "type": f"{namespace or 'Microsoft.Authorization'}/{kind}",
            "properties": {"scope": scope, **properties}}  # fmt: skip


def assignment(scope: str, number: int, role: str, principal: str, kind: str = "User", **more: Any) -> dict[str, Any]:
    """A role assignment."""
    name = f"bbbbbbbb-0000-4000-8000-{number:012}"
    return extension(scope, "roleAssignments", name, roleDefinitionId=role, principalId=principal,
                     principalType=kind, **more)  # fmt: skip


def role(id: str, title: str, kind: str, scopes: list[str], **permissions: Any) -> dict[str, Any]:
    """A role definition."""
    entry = {"actions": [], "notActions": [], "dataActions": [], "notDataActions": [], **permissions}
    return {"id": id, "name": id.rpartition("/")[2], "type": "Microsoft.Authorization/roleDefinitions",
            "properties": {"roleName": title, "type": kind, "assignableScopes": scopes,
                           "permissions": [entry]}}  # fmt: skip


def _roles() -> list[dict[str, Any]]:
    return [
        role(READER, "Reader", "BuiltInRole", ["/"], actions=["*/read"]),
        role(OWNER, "Owner", "BuiltInRole", ["/"], actions=["*"]),
        role(ADMINISTRATOR, "User Access Administrator", "BuiltInRole", ["/"], condition="@x", conditionVersion="2.0",
             actions=["*/read", "Microsoft.Authorization/*"]),
        role(f"{SHOP}/providers/Microsoft.Authorization/roleDefinitions/{CUSTOM}", "Restarter", "CustomRole",
             [SHOP], actions=["Microsoft.Compute/virtualMachines/restart/action"]),
    ]  # fmt: skip


def _assignments() -> list[dict[str, Any]]:
    return [
        assignment("/", 1, ADMINISTRATOR, ANN),
        assignment(ROOT, 2, READER, OPS, "Group"),
        assignment(PROD, 3, OWNER, ANN),
        assignment(SHOP, 4, f"{SHOP}/providers/Microsoft.Authorization/roleDefinitions/{CUSTOM}", BEN),
        assignment(f"{SHOP}/resourceGroups/web", 5, READER, APP, "ServicePrincipal"),
        assignment(SHARED, 6, READER, BEN),
        assignment(LAB, 7, OWNER, BEN),
    ]


IDENTITY = f"{SHOP}/resourceGroups/web/providers/Microsoft.ManagedIdentity/userAssignedIdentities/deployer"
VAULT = f"{SHOP}/resourceGroups/web/providers/Microsoft.KeyVault/vaults/shop-kv"
STORE = f"{SHARED}/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/bwdata"
CLUSTER = f"{SHOP}/resourceGroups/web/providers/Microsoft.ContainerService/managedClusters/aks"
COSMOS = f"{SHOP}/resourceGroups/web/providers/Microsoft.DocumentDB/databaseAccounts/orders"
QUIET = f"{SHOP}/resourceGroups/web/providers/Microsoft.DocumentDB/databaseAccounts/quiet"
"""An account of Cosmos DB that gives no role to anybody."""
MONGO = f"{SHOP}/resourceGroups/web/providers/Microsoft.DocumentDB/databaseAccounts/mongo"
SERVER = f"{SHARED}/resourceGroups/data/providers/Microsoft.Sql/servers/ledger"
RUNNER = f"{SHARED}/resourceGroups/data/providers/Microsoft.Automation/automationAccounts/jobs"


def _extensions() -> dict[str, list[dict[str, Any]]]:
    everyone = {"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}
    eligible = {"roleDefinitionId": OWNER, "principalId": BEN, "principalType": "User", "memberType": "Direct",
                "startDateTime": "2026-01-01T00:00:00Z", "status": "Provisioned"}  # fmt: skip
    rule = {"id": "Approval_EndUser_Assignment", "ruleType": "RoleManagementPolicyApprovalRule",
            "setting": {"isApprovalRequired": True}}  # fmt: skip
    found = {
        "roleAssignments": _assignments(),
        "denyAssignments": [
            extension(SHOP, "denyAssignments", "deny-1", denyAssignmentName="stack", principals=[everyone],
                      permissions=[{"actions": ["Microsoft.Compute/*/delete"]}], denyAssignmentEffect="enforced"),
            extension(PROD, "denyAssignments", "deny-2", denyAssignmentName="group", principals=[everyone],
                      permissions=[{"actions": ["Microsoft.Network/*/delete"]}]),
        ],
        "locks": [extension(f"{SHOP}/resourceGroups/web", "locks", "keep", level="CanNotDelete", notes="n")],
        "policyAssignments": [
            extension(ROOT, "policyAssignments", "tag", policyDefinitionId="/p/1", enforcementMode="Default",
                      parameters={"key": {"value": CANARY}}),
        ],
        "roleEligibilityScheduleInstances": [
            extension(SHOP, "roleEligibilityScheduleInstances", "e1", **eligible),
            extension(PROD, "roleEligibilityScheduleInstances", "e2", **eligible),
        ],
        "roleAssignmentScheduleInstances": [
            extension(SHOP, "roleAssignmentScheduleInstances", "a1", **eligible, assignmentType="Activated"),
        ],
        "roleEligibilitySchedules": [extension(SHOP, "roleEligibilitySchedules", "s1", **eligible)],
        "roleAssignmentSchedules": [],
        "roleEligibilityScheduleRequests": [],
        "roleAssignmentScheduleRequests": [
            extension(SHOP, "roleAssignmentScheduleRequests", "r1", **eligible, requestType="SelfActivate",
                      justification="deploy 12", requestorId=BEN, createdOn="2026-01-01T07:00:00Z", customData=CANARY,
                      ticketInfo={"ticketNumber": "INC-9", "ticketSystem": "desk"}),
        ],
        "roleManagementPolicyAssignments": [
            extension(scope, "roleManagementPolicyAssignments", "p1", roleDefinitionId=OWNER, policyId="/policy/1",
                      effectiveRules=[rule]) for scope in (SHOP, PROD)
        ],
    }  # fmt: skip
    return found


def _thing(id: str, **more: Any) -> dict[str, Any]:
    _, _, kind = id.partition("/providers/")
    parts = kind.split("/")
    return {"id": id, "name": parts[-1], "type": f"{parts[0]}/{parts[1]}", "location": "westeurope", **more}


def _listed() -> dict[str, list[dict[str, Any]]]:
    """Lists by their address."""
    attached = {"type": "SystemAssigned, UserAssigned", "principalId": APP,
                "userAssignedIdentities": {IDENTITY: {"principalId": APP, "clientId": "c"}}}  # fmt: skip
    groups = {SHOP: ["web", "db", "net"], SHARED: ["data"], LAB: []}
    found: dict[str, list[dict[str, Any]]] = {
        f"{sub}/resourcegroups": [
            {"id": f"{sub}/resourceGroups/{name}", "name": name, "type": "Microsoft.Resources/resourceGroups",
             "location": "westeurope", "properties": {"provisioningState": "Succeeded"}} for name in names
        ]
        for sub, names in groups.items()
    }  # fmt: skip
    found |= {
        f"{SHOP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities": [
            _thing(IDENTITY, properties={"principalId": APP, "clientId": "c", "tenantId": TENANT})],
        f"{IDENTITY}/federatedIdentityCredentials": [
            {"id": f"{IDENTITY}/federatedIdentityCredentials/gh", "name": "gh", "properties": {
                "issuer": "https://token.actions.githubusercontent.com", "subject": "repo:bw/shop:*",
                "audiences": ["api://AzureADTokenExchange"]}}],
        f"{SHOP}/providers/Microsoft.ManagedServices/registrationAssignments": [
            {"id": f"{SHOP}/providers/Microsoft.ManagedServices/registrationAssignments/l", "name": "l", "properties": {
                "registrationDefinition": {"properties": {"managedByTenantId": OTHER, "authorizations": [
                    {"principalId": BEN, "roleDefinitionId": READER.rpartition("/")[2]}]}}}}],
        f"{SHOP}/providers/Microsoft.KeyVault/vaults": [_thing(VAULT, properties={
            "tenantId": TENANT, "enableRbacAuthorization": False, "vaultUri": CANARY, "accessPolicies": [
                {"tenantId": TENANT, "objectId": BEN, "permissions": {"secrets": ["get"]}}]})],
        f"{SHARED}/providers/Microsoft.Storage/storageAccounts": [_thing(STORE, properties={
            "allowSharedKeyAccess": True, "isHnsEnabled": False, "primaryEndpoints": {"blob": CANARY}})],
        f"{SHOP}/providers/Microsoft.ContainerService/managedClusters": [_thing(CLUSTER, identity=attached, properties={
            "disableLocalAccounts": False, "windowsProfile": {"adminPassword": CANARY},
            "servicePrincipalProfile": {"clientId": "msi", "secret": CANARY},
            "addonProfiles": {"omsagent": {"enabled": True, "config": {"key": CANARY}}}})],
        f"{SHOP}/providers/Microsoft.DocumentDB/databaseAccounts": [
            _thing(COSMOS, kind="GlobalDocumentDB", properties={"disableLocalAuth": True, "documentEndpoint": CANARY}),
            _thing(QUIET, kind="GlobalDocumentDB", properties={"disableLocalAuth": True}),
            _thing(MONGO, kind="MongoDB", properties={"disableLocalAuth": False})],
        f"{COSMOS}/sqlRoleDefinitions": [
            {"id": f"{COSMOS}/sqlRoleDefinitions/{CUSTOM}", "name": CUSTOM, "properties": {
                "roleName": "Orders", "type": "CustomRole", "assignableScopes": [COSMOS], "permissions": [
                    {"dataActions": ["Microsoft.DocumentDB/databaseAccounts/readMetadata"]}]}}],
        f"{COSMOS}/sqlRoleAssignments": [
            {"id": f"{COSMOS}/sqlRoleAssignments/1", "name": "1", "properties": {
                "roleDefinitionId": f"{COSMOS}/sqlRoleDefinitions/{CUSTOM}", "principalId": APP, "scope": COSMOS}}],
        f"{SHARED}/providers/Microsoft.Sql/servers": [_thing(SERVER, properties={
            "administratorLogin": CANARY, "administrators": {
                "administratorType": "ActiveDirectory", "principalType": "Group", "login": "ops", "sid": OPS,
                "tenantId": TENANT, "azureADOnlyAuthentication": False}})],
        f"{SHARED}/providers/Microsoft.Automation/automationAccounts": [_thing(RUNNER, identity=attached)],
        f"{SHOP}/providers/Microsoft.Insights/diagnosticSettings": [
            {"id": f"{SHOP[1:]}/providers/AzureResourceManager/diagnosticSettings/d", "name": "d",
             "type": "Microsoft.Insights/diagnosticSettings", "properties": {"workspaceId": "/w", "logs": [
                {"category": "Administrative", "enabled": True}]}}],
    }  # fmt: skip
    return {path.lower(): things for path, things in found.items()}


@dataclass
class World:
    """What there is. `parents` are those of management groups and subscriptions; `listed` answers lists by address."""

    parents: dict[str, str] = field(default_factory=lambda: {
        ROOT: "", PROD: ROOT, ONLINE: PROD, SHARED: PROD, SHOP: ONLINE, LAB: ROOT,
    })  # fmt: skip
    roles: list[dict[str, Any]] = field(default_factory=_roles)
    extensions: dict[str, list[dict[str, Any]]] = field(default_factory=_extensions)
    listed: dict[str, list[dict[str, Any]]] = field(default_factory=_listed)
    directory: Directory = field(default_factory=Directory)

    def answer(self, name: str, scope: str, path: str, query: Mapping[str, str], body: Any) -> Any:
        """The answer to an operation: a list where it is one that is paged."""
        special = getattr(self, f"_{name.replace('.', '_')}", None)
        if special is not None:
            return special(scope, query, body)
        types = name.partition(".")[0]
        if types in self.extensions:
            return list(self._at(types, scope or "/", query.get("$filter", "")))
        return self.listed.get(path.lower(), [])

    def store(
        self, name: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], page: int
    ) -> tuple[int, Mapping[str, str], bytes]:
        """What storage accounts answer: there are none here."""
        raise Refused(404, "ResourceNotFound", "There is no such account.")

    def feed(
        self, name: str, path: str, query: Mapping[str, str], page: int, url: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        """What the Management Activity API answers: it was never switched on here."""
        raise Refused(400, "AF20022", "No subscription found for the specified content type")

    def above(self, scope: str) -> Iterator[str]:
        """The scope and everything above it."""
        while scope:
            yield scope
            scope = self._parent(scope)

    def _parent(self, scope: str) -> str:
        if scope == "/":
            return ""
        if scope in self.parents:
            return self.parents[scope] or "/"
        head, _, _ = scope.rpartition("/")
        return head.rpartition("/")[0] if head.rpartition("/")[2] in ("resourceGroups",) else head or "/"

    def _at(self, types: str, scope: str, filter: str) -> Iterator[dict[str, Any]]:
        """At the scope and above; without `atScope()` below too."""
        above = set(self.above(scope))
        for one in self.extensions[types]:
            where = one["properties"]["scope"]
            below = scope in set(self.above(where)) and scope.startswith("/subscriptions/")
            if where in above or (below and filter != "atScope()"):
                yield one

    def _tenants_list(self, scope: str, query: Mapping[str, str], body: Any) -> list[dict[str, Any]]:
        return [{"id": f"/tenants/{TENANT}", "tenantId": TENANT, "defaultDomain": "brightwater.example"}]

    def _subscription(self, id: str, tenant: str = TENANT) -> dict[str, Any]:
        guid = id.rpartition("/")[2]
        return {"id": id, "subscriptionId": guid, "displayName": f"sub {guid[-1]}", "state": "Enabled",
                "tenantId": tenant, "authorizationSource": "RoleBased", "managedByTenants": []}  # fmt: skip

    def _subscriptions_list(self, scope: str, query: Mapping[str, str], body: Any) -> list[dict[str, Any]]:
        mine = [self._subscription(one) for one in self.parents if one.startswith("/subscriptions/")]
        return [*mine, self._subscription(LENT, OTHER)]

    def _subscriptions_get(self, scope: str, query: Mapping[str, str], body: Any) -> dict[str, Any]:
        if scope not in self.parents:
            raise Refused(404, "SubscriptionNotFound", f"The subscription '{scope}' could not be found.")
        return self._subscription(scope)

    def _entities_list(self, scope: str, query: Mapping[str, str], body: Any) -> list[dict[str, Any]]:
        name = query.get("$filter", "").removeprefix("name eq '").removesuffix("'")
        return [self._entity(one) for one in self.parents if name in ("", one.rpartition("/")[2])]

    def _entity(self, id: str) -> dict[str, Any]:
        chain = [one.rpartition("/")[2] for one in self.above(id)][1:-1][::-1]
        kind = "Microsoft.Management/managementGroups" if id.startswith(GROUPS) else "/subscriptions"
        return {"id": id, "type": kind, "name": id.rpartition("/")[2], "properties": {
            "tenantId": TENANT, "displayName": id.rpartition("/")[2], "parent": {"id": self.parents[id] or None},
            "parentNameChain": chain, "permissions": "view", "inheritedPermissions": "view"}}  # fmt: skip

    def _descendants_list(self, scope: str, query: Mapping[str, str], body: Any) -> list[dict[str, Any]]:
        found = []
        for one, parent in self.parents.items():
            if one != scope and scope in set(self.above(one)):
                kind = "Microsoft.Management/managementGroups"
                found.append({"id": one, "type": kind if one.startswith(GROUPS) else f"{kind}/subscriptions",
                              "name": one.rpartition("/")[2], "properties": {"parent": {"id": parent}}})  # fmt: skip
        return found

    def _managementGroups_get(self, scope: str, query: Mapping[str, str], body: Any) -> dict[str, Any]:
        if scope not in self.parents:
            raise Refused(404, "NotFound", "no such management group")
        return {"id": scope, "type": "Microsoft.Management/managementGroups", "name": scope.rpartition("/")[2],
                "properties": {"tenantId": TENANT, "displayName": "x", "details": {
                    "parent": {"id": self.parents[scope] or None}}}}  # fmt: skip

    def _resources_list(self, scope: str, query: Mapping[str, str], body: Any) -> list[dict[str, Any]]:
        asked = [f"/subscriptions/{one}" for one in body["subscriptions"]]
        if not all(one in self.parents for one in asked):
            raise Refused(400, "BadRequest", "Please provide valid subscriptions.")
        if set(body["options"]) - {"resultFormat", "$top", "$skipToken"}:
            raise Refused(400, "BadRequest", "options are not known")
        things = [one for path, many in self.listed.items() for one in many
                  if "/providers/" in path and "/providers/" in one["id"] and "location" in one]  # fmt: skip
        return [
            {**{name: told for name, told in one.items() if name != "properties"},
             "subscriptionId": sub.rpartition("/")[2]}
            for one in things for sub in asked if one["id"].startswith(f"{sub}/")
        ]  # fmt: skip

    def _providerOperations_list(self, scope: str, query: Mapping[str, str], body: Any) -> list[dict[str, Any]]:
        def operation(name: str, data: bool = False) -> dict[str, Any]:
            return {"name": name, "displayName": "x", "isDataAction": data, "properties": CANARY}

        blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
        return [
            {
                "id": "o",
                "name": "Microsoft.Storage",
                "operations": [operation("Microsoft.Storage/register/action")],
                "resourceTypes": [{"name": "blobs", "operations": [operation(f"{blobs}/read", True)]}],
            }
        ]

    def _roleManagementPolicyAssignments_list(
        self, scope: str, query: Mapping[str, str], body: Any
    ) -> list[dict[str, Any]]:
        wanted = query.get("$filter", "").removeprefix("roleDefinitionId eq '").removesuffix("'")
        return [one for one in self.extensions["roleManagementPolicyAssignments"]
                if one["properties"]["scope"] == scope and one["properties"]["roleDefinitionId"] == wanted]  # fmt: skip

    def _roleDefinitions_list(self, scope: str, query: Mapping[str, str], body: Any) -> list[dict[str, Any]]:
        wanted = query.get("$filter", "").removeprefix("type eq '").removesuffix("'")
        above = set(self.above(scope or "/"))
        found = [
            one for one in self.roles
            if wanted in ("", one["properties"]["type"]) and above & set(one["properties"]["assignableScopes"])
        ]  # fmt: skip
        if query["api-version"] == "2022-04-01":
            found = [_without_conditions(one) for one in found]
        return found


def _without_conditions(one: dict[str, Any]) -> dict[str, Any]:
    entries = [
        {name: told for name, told in entry.items() if not name.startswith("condition")}
        for entry in one["properties"]["permissions"]
    ]
    return {**one, "properties": {**one["properties"], "permissions": entries}}
