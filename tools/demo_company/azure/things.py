"""Resource groups, web apps, storage accounts, vaults, databases, the cluster: what is there, and as whom it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from demo_company.azure.places import PROD, REGION, SANDBOX, SUBSCRIPTIONS, group, inside, within
from demo_company.clock import alive
from demo_company.entra.staff import group_id
from demo_company.identity_center import TENANT
from demo_company.ids import guid

STORAGE, VAULTS, SITES = "Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults", "Microsoft.Web/sites"
USER_ASSIGNED = "Microsoft.ManagedIdentity/userAssignedIdentities"
WEB, DATA, PAY, OPS, NET = (group(one) for one in ("erp-web", "erp-data", "erp-payments", "erp-ops", "erp-network"))
LAB, DEMO = (group(one, SANDBOX) for one in ("sbx-lab", "sbx-demo"))
GROUPS = {WEB: "team-erp", DATA: "team-erp", PAY: "team-finance", OPS: "team-platform", NET: "team-platform",
          LAB: "team-data", DEMO: "team-erp"}  # fmt: skip
"""Resource groups and their owners."""
PORTAL, API, JOBS, PAYMENTS = (
    inside(at, SITES, name)
    for at, name in ((WEB, "erp-portal"), (WEB, "erp-api"), (WEB, "erp-jobs"), (PAY, "erp-payments"))
)
PLAN = inside(WEB, "Microsoft.Web/serverfarms", "erp-plan")
DOCS, ARCHIVE, LOGS, SCRATCH = (
    inside(at, STORAGE, name)
    for at, name in ((DATA, "bwerpdocs"), (DATA, "bwerparchive"), (OPS, "bwerplogs"), (LAB, "bwsandbox"))
)
INVOICES = f"{DOCS}/blobServices/default/containers/invoices"
VAULT, PAY_VAULT, OLD_VAULT = (
    inside(at, VAULTS, name) for at, name in ((DATA, "bw-erp-kv"), (PAY, "bw-pay-kv"), (DATA, "bw-old-kv"))
)
SQL = inside(DATA, "Microsoft.Sql/servers", "bw-erp-sql")
WORKSPACE = inside(OPS, "Microsoft.OperationalInsights/workspaces", "bw-erp-logs")
CLUSTER = inside(OPS, "Microsoft.ContainerService/managedClusters", "erp-batch")
AUTOMATION = inside(OPS, "Microsoft.Automation/automationAccounts", "erp-automation")


@dataclass(frozen=True, slots=True)
class Identity:
    """A managed identity: of its own resource (`own`), or one that is attached to several."""

    name: str
    at: str
    own: bool
    since: str = "2024-03-04"

    @property
    def principal(self) -> str:
        """Its object id."""
        return guid("managed identity", self.name)

    @property
    def client(self) -> str:
        """Its app id."""
        return guid("managed identity client", self.name)

    @property
    def id(self) -> str:
        """The id of the resource that it is, or belongs to."""
        return self.at if self.own else inside(self.at, USER_ASSIGNED, self.name)


ERP_API = Identity("id-erp-api", WEB, False)
ERP_PAYMENTS = Identity("id-erp-payments", PAY, False)
AGENTPOOL = Identity("erp-batch-agentpool", OPS, False, "2025-03-17")
DEPLOYER = Identity("id-sandbox-deploy", DEMO, False, "2026-04-20")
IDENTITIES = (
    ERP_API, ERP_PAYMENTS, AGENTPOOL, DEPLOYER,
    Identity("erp-portal", PORTAL, True), Identity("erp-jobs", JOBS, True),
    Identity("erp-automation", AUTOMATION, True), Identity("erp-batch", CLUSTER, True, "2025-03-17"),
)  # fmt: skip


def identity(name: str) -> Identity:
    """A managed identity by its name."""
    return next(one for one in IDENTITIES if one.name == name)


def identities(day: datetime) -> list[Identity]:
    """Those that exist on a day."""
    return [one for one in IDENTITIES if alive(day, one.since, "")]


@dataclass(frozen=True, slots=True)
class Thing:
    """A resource: its id, what the vendor says of it beside names and places, as whom it runs."""

    id: str
    type: str
    properties: dict[str, Any] = field(default_factory=dict)
    runs_as: str = ""
    since: str = "2024-03-04"
    kind: str = ""
    until: str = ""


def _account(id: str, keys: bool, since: str = "2024-03-04") -> Thing:
    told = {"allowSharedKeyAccess": keys, "allowBlobPublicAccess": False, "isHnsEnabled": False,
            "publicNetworkAccess": "Disabled" if not keys else "Enabled"}  # fmt: skip
    return Thing(id, STORAGE, told, since=since, kind="StorageV2")


def _vault(id: str, *policies: dict[str, Any], roles: bool = False) -> Thing:
    told = {"tenantId": TENANT, "enableRbacAuthorization": roles, "enablePurgeProtection": True,
            "publicNetworkAccess": "Disabled", "accessPolicies": list(policies)}  # fmt: skip
    return Thing(id, VAULTS, told)


def _policy(principal: str, *secrets: str) -> dict[str, Any]:
    return {"tenantId": TENANT, "objectId": principal,
            "permissions": {"keys": [], "secrets": list(secrets), "certificates": [], "storage": []}}  # fmt: skip


def _site(id: str, runs_as: str, kind: str = "app,linux", since: str = "2024-03-04") -> Thing:
    return Thing(id, SITES, {"state": "Running", "httpsOnly": True, "serverFarmId": PLAN}, runs_as, since, kind)


THINGS = (
    Thing(PLAN, "Microsoft.Web/serverfarms", {"status": "Ready"}),
    _site(PORTAL, "erp-portal"),
    _site(API, ERP_API.name),
    _site(JOBS, "erp-jobs", "functionapp,linux"),
    _site(PAYMENTS, ERP_PAYMENTS.name, since="2024-05-06"),
    _account(DOCS, keys=False),
    _account(ARCHIVE, keys=True),
    _account(LOGS, keys=False),
    _account(SCRATCH, keys=True, since="2024-06-03"),
    _vault(VAULT, roles=True),
    _vault(PAY_VAULT, _policy(ERP_PAYMENTS.principal, "get", "list"),
           _policy(group_id("erp-payments-ops"), "get", "list", "set", "delete")),
    _vault(OLD_VAULT, _policy(group_id("erp-dba"), "get", "list")),
    Thing(SQL, "Microsoft.Sql/servers", {"state": "Ready", "publicNetworkAccess": "Disabled"}),
    Thing(f"{SQL}/databases/erp", "Microsoft.Sql/servers/databases", {"status": "Online"}),
    Thing(WORKSPACE, "Microsoft.OperationalInsights/workspaces", {"retentionInDays": 400}),
    Thing(AUTOMATION, "Microsoft.Automation/automationAccounts", {"state": "Ok"}, "erp-automation"),
    Thing(CLUSTER, "Microsoft.ContainerService/managedClusters",
          {"disableLocalAccounts": True, "enableRBAC": True, "aadProfile": {"managed": True, "enableAzureRBAC": True},
           "identityProfile": {"kubeletidentity": {"resourceId": AGENTPOOL.id, "clientId": AGENTPOOL.client,
                                                   "objectId": AGENTPOOL.principal}}},
          "erp-batch", "2025-03-17"),
    Thing(inside(NET, "Microsoft.Network/virtualNetworks", "erp-vnet"), "Microsoft.Network/virtualNetworks"),
    Thing(inside(DEMO, SITES, "erp-demo"), SITES, {"state": "Running"}, DEPLOYER.name, "2026-04-20", "app"),
    Thing(inside(LAB, "Microsoft.Compute/virtualMachines", "lab-vm-1"), "Microsoft.Compute/virtualMachines",
          since="2026-02-02", until="2026-09-11"),
)  # fmt: skip


def rows(day: datetime) -> list[dict[str, Any]]:
    """Resources and managed identities as Resource Graph tells them (`resources`)."""
    things = [one for one in THINGS if alive(day, one.since, one.until)]
    own = [
        Thing(one.id, USER_ASSIGNED, {"tenantId": TENANT, "principalId": one.principal, "clientId": one.client},
              since=one.since)
        for one in identities(day) if not one.own
    ]  # fmt: skip
    return [_row(one) for one in (*things, *own)]


def containers() -> list[dict[str, Any]]:
    """Resource groups as Resource Graph tells them (`resourcecontainers`)."""
    return [_row(Thing(id, "microsoft.resources/subscriptions/resourcegroups"), owner) for id, owner in GROUPS.items()]


def _row(one: Thing, owner: str = "") -> dict[str, Any]:
    at = one.id.partition("/providers/")[0]
    return {
        "id": one.id, "name": one.id.rpartition("/")[2], "type": one.type.lower(), "tenantId": TENANT,
        "kind": one.kind, "location": REGION, "resourceGroup": at.rpartition("/")[2].lower(),
        "subscriptionId": SUBSCRIPTIONS[within(one.id)], "managedBy": "", "sku": None, "plan": None,
        "properties": one.properties | {"provisioningState": "Succeeded"},
        "tags": {"owner": owner or GROUPS[at], "environment": "production" if within(one.id) == PROD else "lab"},
        "identity": _identity(one.runs_as), "zones": None, "extendedLocation": None,
    }  # fmt: skip


def _identity(name: str) -> dict[str, Any] | None:
    if not name:
        return None
    one = identity(name)
    if one.own:
        return {"type": "SystemAssigned", "principalId": one.principal, "tenantId": TENANT}
    return {"type": "UserAssigned",
            "userAssignedIdentities": {one.id: {"principalId": one.principal, "clientId": one.client}}}  # fmt: skip
