locals {
  etl = "serviceAccount:etl@bw-analytics.iam.gserviceaccount.com"
}

resource "google_project_iam_binding" "editors" {
  project = "bw-analytics"
  role    = "roles/editor"

  members = [
    "group:data@brightwater.example",
    local.etl, # loads
    "user:rosa@brightwater.example",
  ]
}

resource "google_project_iam_binding" "viewers" {
  project = "bw-analytics"
  role    = "roles/viewer"
  members = ["group:data@brightwater.example"]
}
