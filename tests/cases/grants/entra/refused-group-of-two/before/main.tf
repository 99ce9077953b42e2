resource "azuread_group" "admins" {
  display_name = "ops"
}

resource "azuread_directory_role_assignment" "ops" {
  role_id             = "62e90394-69f5-4237-9190-012177145e10"
  principal_object_id = azuread_group.admins.object_id
}
