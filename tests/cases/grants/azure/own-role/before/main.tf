provider "azurerm" {
  features {}
  subscription_id = "24817aed-ae2b-4c46-bd9a-32b774893484"
}

data "azurerm_subscription" "current" {}

resource "azurerm_resource_group" "erp" {
  name     = "erp"
  location = "westeurope"
}

resource "azurerm_user_assigned_identity" "erp" {
  name                = "id-erp"
  location            = "westeurope"
  resource_group_name = azurerm_resource_group.erp.name
}

resource "azurerm_role_assignment" "erp" {
  scope                = data.azurerm_subscription.current.id
  role_definition_name = "Contributor" # for now
  principal_id         = azurerm_user_assigned_identity.erp.principal_id
  principal_type       = "ServicePrincipal"
}
