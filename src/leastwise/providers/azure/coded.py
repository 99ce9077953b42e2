"""Which types of Terraform carry which document or attachment of Azure.

https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/role_definition and …/role_assignment
"""

from __future__ import annotations

from leastwise.model.coding import Attacher, Blocks, Carrier, Coding

_KEYS = {
    "actions": "actions",
    "not_actions": "notActions",
    "data_actions": "dataActions",
    "not_data_actions": "notDataActions",
}
_PERMISSIONS = Blocks("permissions", "permissions", _KEYS, lists=frozenset(_KEYS))
_APART = frozenset(("condition",))

CODING = Coding(
    "azure",
    (Carrier("azurerm_role_definition", (), "bundle", ("name",), blocks=_PERMISSIONS),),
    tuple(
        Attacher("azurerm_role_assignment", (bundle,), to=(("principal_id",),), on=(("scope",),), apart=_APART)
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
)
"""What code of Azure looks like."""
