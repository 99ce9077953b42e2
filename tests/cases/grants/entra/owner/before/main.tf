resource "azuread_application_registration" "portal" {
  display_name = "portal"
}

resource "azuread_application_owner" "hiro" {
  application_id  = "/applications/ef5e4c8f-aa57-4ba7-9b99-85efe5973ea3"
  owner_object_id = "db1840f8-8216-4ed3-94fe-3f27d2c5390b"
}
