resource "azuread_group" "admins" {
  display_name     = "tier0-admins"
  security_enabled = true
}

resource "azuread_group_member" "hiro" {
  group_object_id  = azuread_group.admins.object_id
  member_object_id = "db1840f8-8216-4ed3-94fe-3f27d2c5390b"
}
