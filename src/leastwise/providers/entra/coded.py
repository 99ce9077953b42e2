"""Which types of Terraform carry which document or attachment of Entra ID.

The pages of https://registry.terraform.io/providers/hashicorp/azuread/latest/docs: `directory_role_assignment`,
`custom_directory_role`, `app_role_assignment`, `group_member` and `application_owner`.
"""

from __future__ import annotations

from leastwise.model.coding import Attacher, Blocks, Carrier, Coding, Made

_PERMISSIONS = Blocks(
    "permissions",
    "rolePermissions",
    {"allowed_resource_actions": "allowedResourceActions"},
    lists=frozenset({"allowed_resource_actions"}),
)
_Form = dict[str, tuple[str, ...]]
_USER: _Form = dict.fromkeys(("object_id", "id"), ("{user_principal_name}", "{object_id}"))
_GROUP: _Form = dict.fromkeys(("object_id", "id"), ("group:{display_name}", "{object_id}"))
_APPLICATION: _Form = {
    **dict.fromkeys(("client_id", "application_id"), ("application:{display_name}", "{client_id}")),
    **dict.fromkeys(("object_id", "id"), ("registration:{display_name}", "{object_id}")),
    "app_role_ids[]": ("{key}",),
}
_SERVICE: _Form = {
    **dict.fromkeys(("object_id", "id"), ("{client_id}", "{application_id}", "application:{display_name}")),
    "app_role_ids[]": ("{key}",),
}
_BOTH: dict[str, dict[str, tuple[str, ...]]] = {
    "azuread_user": _USER,
    "azuread_group": _GROUP,
    "azuread_application": _APPLICATION,
    "azuread_service_principal": _SERVICE,
    "azuread_administrative_unit": dict.fromkeys(("object_id", "id"), ("unit:{display_name}", "{object_id}")),
}
_FORMS: dict[str, dict[str, tuple[str, ...]]] = {
    **_BOTH,
    **{f"data.{name}": forms for name, forms in _BOTH.items()},
    "azuread_directory_role": dict.fromkeys(("template_id", "object_id"), ("{template_id}", "{display_name}")),
    "azuread_custom_directory_role": dict.fromkeys(("object_id", "id"), ("{display_name}",)),
    "data.azuread_application_published_app_ids": {
        "result.MicrosoftGraph": ("MicrosoftGraph",),
        "result[]": ("{key}",),
    },
}
"""What has an id that is made by the vendor is called as estates call it: by its name, where no other has it."""
_ROLE = "azuread_directory_role_assignment"

CODING = Coding(
    "entra",
    (
        Carrier(
            "azuread_custom_directory_role",
            (),
            "bundle",
            ("display_name",),
            blocks=_PERMISSIONS,
            taken=("rolePermissions",),
        ),
    ),
    (
        Attacher(
            _ROLE,
            ("role_id",),
            to=(("principal_object_id",),),
            on=(("directory_scope_id",), ("app_scope_id",)),
            unset="/",
        ),
        Attacher(
            "azuread_app_role_assignment",
            ("app_role_id",),
            to=(("principal_object_id",),),
            on=(("resource_object_id",),),
        ),
        Attacher("azuread_group_member", ("group_object_id",), "member", (("member_object_id",),)),
        Attacher("azuread_group", ("display_name",), "member", (("members",),)),
        Attacher("azuread_application_owner", ("application_id",), "owner", (("owner_object_id",),)),
        Attacher("azuread_application", ("display_name",), "owner", (("owners",),)),
    ),
    dict.fromkeys(("azuread_group", "azuread_application", "azuread_custom_directory_role"), "display_name"),
    frozenset({"display_name"}),
    {},
    ("id", "object_id"),
    made=(
        Made(
            "attachment",
            "identity",
            _ROLE,
            {"role_id": "{policy}", "principal_object_id": "{owner}"},
            "{id}",
            on="/",
        ),
        Made(
            "attachment",
            "identity",
            _ROLE,
            {"role_id": "{policy}", "principal_object_id": "{owner}", "directory_scope_id": "{scope}"},
            "{id}",
            on="(?P<scope>/.+)",
        ),
        Made(
            "document",
            "bundle",
            "azuread_custom_directory_role",
            {"version": "1.0"},
            "{id}",
            taken={
                "display_name": ("displayName",),
                "description": ("description",),
                "enabled": ("isEnabled",),
            },
            nested={"permissions": (("rolePermissions",), {"allowed_resource_actions": "allowedResourceActions"})},
            refers="object_id",
        ),
    ),
    forms=_FORMS,
)
"""What code of Entra ID looks like."""
