data "azurerm_role_definition" "contributor" {
  name = "Contributor"
}

resource "azurerm_role_assignment" "hiro" {
  scope              = "/subscriptions/24817AED-ae2b-4c46-bd9a-32b774893484"
  role_definition_id = data.azurerm_role_definition.contributor.id
  principal_id       = "DB1840f8-8216-4ed3-94fe-3f27d2c5390b"
}
