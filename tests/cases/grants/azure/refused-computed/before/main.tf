resource "azurerm_role_assignment" "who" {
  scope                = "/subscriptions/24817aed-ae2b-4c46-bd9a-32b774893484"
  role_definition_name = "Contributor"
  principal_id         = data.azurerm_client_config.current.object_id
}
