"""The operations that the fake knows, as the vendor's reference has them: address, versions, parameters, form of page.

https://learn.microsoft.com/rest/api/azure/; those of Graph stand with the directory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NODE = r"(?P<scope>/subscriptions/[^/]+|/providers/Microsoft\.Management/managementGroups/[^/]+)"
_SUB = r"(?P<scope>/subscriptions/[^/]+)"
_GROUP = r"(?P<scope>/providers/(?i:Microsoft\.Management/managementGroups)/[^/]+)"
_ANY = r"(?P<scope>(?:/.+)?)"
_OF = "/providers/Microsoft.Authorization"
_EVENTS = r"/providers/Microsoft\.Insights/eventtypes/management/values"
_SPACES = r"/providers/Microsoft\.OperationalInsights/workspaces"


@dataclass(frozen=True)
class Shape:
    """An operation: `required` and `optional` are parameters of the query besides the version."""

    name: str
    path: str
    versions: tuple[str, ...] = ()
    verb: str = "GET"
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    page: str = "link"
    place: str = "arm"

    def match(self, place: str, verb: str, path: str) -> re.Match[str] | None:
        """The path's parts, if it is of this operation."""
        if (place, verb) != (self.place, self.verb):
            return None
        return re.fullmatch(self.path, path)


def _arm(name: str, path: str, *versions: str, **more: object) -> Shape:
    return Shape(name, path, versions, **more)  # type: ignore[arg-type]


SHAPES: tuple[Shape, ...] = (
    _arm("tenants.list", "/tenants", "2020-01-01"),
    _arm("subscriptions.list", "/subscriptions", "2022-12-01", "2020-01-01"),
    _arm("subscriptions.get", _SUB, "2022-12-01", "2020-01-01", page="one"),
    _arm("resourceGroups.list", rf"{_SUB}/resourcegroups", "2021-04-01"),
    _arm("entities.list", "/providers/Microsoft.Management/getEntities", "2020-05-01", verb="POST",
         optional=("$filter",)),
    _arm("descendants.list", rf"{_GROUP}/descendants", "2020-05-01"),
    _arm("managementGroups.get", _GROUP, "2020-05-01", page="one", optional=("$expand", "$recurse")),
    _arm("roleDefinitions.list", rf"{_ANY}{_OF}/roleDefinitions", "2022-05-01-preview", "2022-04-01",
         optional=("$filter",)),
    _arm("roleAssignments.list", rf"{_ANY}{_OF}/roleAssignments", "2022-04-01", optional=("$filter",)),
    _arm("denyAssignments.list", rf"{_ANY}{_OF}/denyAssignments", "2024-07-01-preview", "2022-04-01",
         optional=("$filter",)),
    _arm("locks.list", rf"{_ANY}{_OF}/locks", "2020-05-01", "2016-09-01", optional=("$filter",)),
    _arm("policyAssignments.list", rf"{_ANY}{_OF}/policyAssignments", "2022-06-01", optional=("$filter",)),
    _arm("providerOperations.list", f"{_OF}/providerOperations", "2022-04-01", optional=("$expand",)),
    *(_arm(f"{types}.list", rf"{_ANY}{_OF}/{types}", "2020-10-01", optional=("$filter",)) for types in (
        "roleEligibilityScheduleInstances", "roleAssignmentScheduleInstances", "roleEligibilitySchedules",
        "roleAssignmentSchedules", "roleEligibilityScheduleRequests", "roleAssignmentScheduleRequests",
        "roleManagementPolicyAssignments")),
    _arm("resources.list", "/providers/Microsoft.ResourceGraph/resources", "2022-10-01", "2021-03-01", verb="POST",
         page="skip"),
    _arm("userAssignedIdentities.list", rf"{_SUB}/providers/Microsoft.ManagedIdentity/userAssignedIdentities",
         "2023-01-31"),
    _arm("federatedIdentityCredentials.list",
         rf"{_ANY}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/[^/]+/federatedIdentityCredentials",
         "2023-01-31"),
    _arm("registrationAssignments.list", rf"{_SUB}/providers/Microsoft.ManagedServices/registrationAssignments",
         "2022-10-01", "2019-09-01", optional=("$expandRegistrationDefinition",)),
    _arm("vaults.list", rf"{_SUB}/providers/Microsoft.KeyVault/vaults", "2022-07-01"),
    _arm("storageAccounts.list", rf"{_SUB}/providers/Microsoft.Storage/storageAccounts", "2023-01-01"),
    _arm("managedClusters.list", rf"{_SUB}/providers/Microsoft.ContainerService/managedClusters", "2023-10-01"),
    _arm("databaseAccounts.list", rf"{_SUB}/providers/Microsoft.DocumentDB/databaseAccounts", "2023-11-15"),
    *(_arm(f"{types}.list", rf"{_ANY}/providers/Microsoft.DocumentDB/databaseAccounts/[^/]+/{types}", "2023-11-15")
      for types in ("sqlRoleDefinitions", "sqlRoleAssignments")),
    *(_arm(f"{types}.list", rf"{_SUB}/providers/Microsoft.Sql/{types}", "2021-11-01", optional=("$expand",))
      for types in ("servers", "managedInstances")),
    _arm("automationAccounts.list", rf"{_SUB}/providers/Microsoft.Automation/automationAccounts", "2023-11-01",
         "2022-08-08"),
    _arm("diagnosticSettings.list", rf"{_ANY}/providers/Microsoft.Insights/diagnosticSettings", "2021-05-01-preview"),
    _arm("aadiam.diagnosticSettings.list", "/providers/microsoft.aadiam/diagnosticSettings", "2017-04-01"),
    _arm("permissions.list", rf"{_ANY}{_OF}/permissions", "2022-04-01"),
    _arm("activityLogs.list", rf"{_SUB}{_EVENTS}", "2015-04-01", required=("$filter",), optional=("$select",)),
    _arm("activityLogs.list", rf"{_GROUP}{_EVENTS}", "2017-03-01-preview", required=("$filter",),
         optional=("$select",)),
    _arm("tenantActivityLogs.list", rf"(?P<scope>){_EVENTS}", "2015-04-01", optional=("$filter", "$select")),
    _arm("workspaces.get", rf"(?i:{_ANY}{_SPACES}/[^/]+)", "2022-10-01", page="one"),
    _arm("tables.get", rf"(?i:{_ANY}{_SPACES}/[^/]+/tables/[^/]+)", "2022-10-01", page="one"),
    Shape("query.post", r"/v1/workspaces/(?P<scope>[^/]+)/query", verb="POST", place="logs", page="one"),
    *(Shape(f"feed.{name}", rf"/api/v1\.0/(?P<scope>[^/]+)/activity/feed/{path}", place="office", page="feed",
            required=required, optional=("PublisherIdentifier", *optional))
      for name, path, required, optional in (
          ("subscriptions", "subscriptions/list", (), ()),
          ("content", "subscriptions/content", ("contentType",), ("startTime", "endTime", "nextPage")),
          ("audit", "audit/[^/]+", (), ()))),
    Shape("containers.list", r"/[^/]+/?", place="storage", page="xml", required=("comp",),
          optional=("prefix", "marker", "maxresults")),
    Shape("blobs.list", r"/[^/]+/[^/]+", place="storage", page="xml", required=("comp", "restype"),
          optional=("prefix", "marker", "maxresults", "delimiter")),
    Shape("blobs.get", r"/[^/]+/[^/]+/.+", place="storage", page="xml"),
)  # fmt: skip
