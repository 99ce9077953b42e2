data "azuread_application_published_app_ids" "well_known" {}

data "azuread_service_principal" "graph" {
  client_id = data.azuread_application_published_app_ids.well_known.result["MicrosoftGraph"]
}

resource "azuread_application" "billing" {
  display_name = "billing"
}

resource "azuread_service_principal" "billing" {
  client_id = azuread_application.billing.client_id
}

resource "azuread_app_role_assignment" "mail" {
  app_role_id         = data.azuread_service_principal.graph.app_role_ids["Mail.Send"]
  principal_object_id = azuread_service_principal.billing.object_id
  resource_object_id  = data.azuread_service_principal.graph.object_id
}

resource "azuread_app_role_assignment" "users" {
  app_role_id         = data.azuread_service_principal.graph.app_role_ids["User.Read.All"]
  principal_object_id = azuread_service_principal.billing.object_id
  resource_object_id  = data.azuread_service_principal.graph.object_id
}
