resource "azurerm_role_definition" "operator" {
  name  = "Operator"
  scope = "/subscriptions/11111111-1111-1111-1111-111111111111"

  permissions {
    actions = [
      "Microsoft.Compute/*/read",
      "Microsoft.Compute/virtualMachines/*", # all of it
      "Microsoft.Compute/virtualMachines/start/action",
    ]
    not_actions = []
  }

  assignable_scopes = ["/subscriptions/11111111-1111-1111-1111-111111111111"]
}

resource "azurerm_role_assignment" "operator" {
  scope                = "/subscriptions/11111111-1111-1111-1111-111111111111"
  role_definition_name = "Contributor"
  principal_id         = "22222222-2222-2222-2222-222222222222"
}

resource "azurerm_role_assignment" "computed" {
  scope                = "/subscriptions/11111111-1111-1111-1111-111111111111"
  role_definition_name = "Owner"
  principal_id         = azuread_group.admins.object_id
}
