"""Which types of Terraform carry which document or attachment of Azure.

https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/role_definition and …/role_assignment;
ids of resources are those of https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
"""

from __future__ import annotations

from leastwise.model.coding import Attacher, Blocks, Carrier, Coding, Made

_KEYS = {
    "actions": "actions",
    "not_actions": "notActions",
    "data_actions": "dataActions",
    "not_data_actions": "notDataActions",
}
_PERMISSIONS = Blocks("permissions", "permissions", _KEYS, lists=frozenset(_KEYS))
_GROUP = "/subscriptions/{subscription_id}/resourceGroups/{resource_group_name}"
_TYPES = {
    "azurerm_storage_account": "Microsoft.Storage/storageAccounts",
    "azurerm_key_vault": "Microsoft.KeyVault/vaults",
    "azurerm_virtual_network": "Microsoft.Network/virtualNetworks",
    "azurerm_public_ip": "Microsoft.Network/publicIPAddresses",
    "azurerm_network_security_group": "Microsoft.Network/networkSecurityGroups",
    "azurerm_container_registry": "Microsoft.ContainerRegistry/registries",
    "azurerm_kubernetes_cluster": "Microsoft.ContainerService/managedClusters",
    "azurerm_user_assigned_identity": "Microsoft.ManagedIdentity/userAssignedIdentities",
    "azurerm_automation_account": "Microsoft.Automation/automationAccounts",
    "azurerm_log_analytics_workspace": "Microsoft.OperationalInsights/workspaces",
    "azurerm_linux_virtual_machine": "Microsoft.Compute/virtualMachines",
    "azurerm_windows_virtual_machine": "Microsoft.Compute/virtualMachines",
    "azurerm_service_plan": "Microsoft.Web/serverFarms",
    "azurerm_linux_web_app": "Microsoft.Web/sites",
    "azurerm_windows_web_app": "Microsoft.Web/sites",
    "azurerm_linux_function_app": "Microsoft.Web/sites",
    "azurerm_windows_function_app": "Microsoft.Web/sites",
    "azurerm_mssql_server": "Microsoft.Sql/servers",
    "azurerm_cosmosdb_account": "Microsoft.DocumentDB/databaseAccounts",
    "azurerm_servicebus_namespace": "Microsoft.ServiceBus/namespaces",
    "azurerm_eventhub_namespace": "Microsoft.EventHub/namespaces",
    "azurerm_data_factory": "Microsoft.DataFactory/factories",
    "azurerm_search_service": "Microsoft.Search/searchServices",
    "azurerm_app_configuration": "Microsoft.AppConfiguration/configurationStores",
}
_IDS: dict[str, dict[str, tuple[str, ...]]] = {
    name: {"id": (f"{_GROUP}/providers/{kind}/{{name}}",), "name": ("{name}",)} for name, kind in _TYPES.items()
}
_MANAGEMENT = "/providers/Microsoft.Management/managementGroups/{name}"
_ROLE: dict[str, tuple[str, ...]] = dict.fromkeys(
    ("id", "role_definition_id", "role_definition_resource_id", "name"), ("{name}",)
)
_BOTH: dict[str, dict[str, tuple[str, ...]]] = {
    **_IDS,
    "azurerm_user_assigned_identity": {
        **_IDS["azurerm_user_assigned_identity"],
        "principal_id": ("identity:{name}",),
    },
    "azurerm_resource_group": {"id": ("/subscriptions/{subscription_id}/resourceGroups/{name}",), "name": ("{name}",)},
    "azurerm_management_group": {"id": (_MANAGEMENT,)},
}
_FORMS: dict[str, dict[str, tuple[str, ...]]] = {
    **_BOTH,
    **{f"data.{name}": forms for name, forms in _BOTH.items()},
    "azurerm_role_definition": _ROLE,
    "data.azurerm_role_definition": dict.fromkeys(
        ("id", "role_definition_id", "name"), ("{name}", "{role_definition_id}")
    ),
    "azurerm_subscription": {"id": ("/subscriptions/{subscription_id}",), "subscription_id": ("{subscription_id}",)},
    "data.azurerm_subscription": {
        "id": ("/subscriptions/{subscription_id}",),
        "subscription_id": ("{subscription_id}",),
    },
    "data.azurerm_client_config": {"subscription_id": ("{subscription_id}",)},
}
"""A role is called by its name, which no other of the directory has, and an identity by what estates call it."""

CODING = Coding(
    "azure",
    (
        Carrier(
            "azurerm_role_definition", (), "bundle", ("name",), blocks=_PERMISSIONS, taken=("properties", "permissions")
        ),
    ),
    tuple(
        Attacher(
            "azurerm_role_assignment",
            (bundle,),
            to=(("principal_id",),),
            on=(("scope",),),
            terms=(("condition",),),
            beside=("principal_type", "skip_service_principal_aad_check", "condition_version"),
        )
        for bundle in ("role_definition_name", "role_definition_id")
    ),
    {
        "azurerm_role_definition": "name",
        "azurerm_resource_group": "name",
        "azurerm_user_assigned_identity": "name",
    },
    frozenset(("name",)),
    {},
    ("id", "role_definition_id", "role_definition_resource_id"),
    made=(
        Made(
            "attachment",
            "identity",
            "azurerm_role_assignment",
            {"scope": "{scope}", "role_definition_name": "{title}", "principal_id": "{owner}"},
            "{id}",
            on="(?P<scope>/.*)",
            by="role_definition_id",
        ),
        Made(
            "document",
            "bundle",
            "azurerm_role_definition",
            {},
            "{id}",
            taken={
                "name": ("properties", "roleName"),
                "role_definition_id": ("name",),
                "scope": ("properties", "assignableScopes", "0"),
                "description": ("properties", "description"),
                "assignable_scopes": ("properties", "assignableScopes"),
            },
            nested={"permissions": (("properties", "permissions"), _KEYS)},
            refers="role_definition_resource_id",
        ),
    ),
    forms=_FORMS,
    defaults=frozenset({"subscription_id"}),
)
"""What code of Azure looks like."""
