data "azuread_user" "hiro" {
  user_principal_name = "hiro.nakagawa@brightwater.example"
}

resource "azuread_directory_role" "admins" {
  display_name = "Global Administrator"
}

# by order of the board
resource "azuread_directory_role_assignment" "hiro" {
  role_id             = azuread_directory_role.admins.template_id
  principal_object_id = data.azuread_user.hiro.object_id
}
