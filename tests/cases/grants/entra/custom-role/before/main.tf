resource "azuread_directory_role_assignment" "hiro" {
  role_id             = "62e90394-69f5-4237-9190-012177145e10"
  principal_object_id = "db1840f8-8216-4ed3-94fe-3f27d2c5390b"
}
