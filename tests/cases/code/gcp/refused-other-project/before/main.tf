resource "google_project_iam_member" "viewer" {
  project = "bw-analytics"
  role    = "roles/viewer"
  member  = "user:rosa@brightwater.example"
}

# The loaders
resource "google_project_iam_binding" "editors" {
  project = "bw-analytics"
  role    = "roles/editor"

  members = [
    "group:data@brightwater.example",
    "user:rosa@brightwater.example", # on loan
    "serviceAccount:${google_service_account.loader.email}",
  ]
}

resource "google_project_iam_member" "elsewhere" {
  project = "bw-other"
  role    = "roles/viewer"
  member  = "user:rosa@brightwater.example"
}

resource "google_project_iam_member" "bound" {
  project = "bw-analytics"
  role    = "roles/owner"
  member  = "user:rosa@brightwater.example"

  condition {
    title      = "until"
    expression = "request.time < timestamp(\"2027-01-01T00:00:00Z\")"
  }
}

resource "google_project_iam_member" "provider_project" {
  role   = "roles/browser"
  member = "user:rosa@brightwater.example"
}

resource "google_project_iam_custom_role" "loader" {
  role_id = "loader"
  title   = "Loader"
  permissions = [
    "bigquery.jobs.create",
    # reading
    "bigquery.tables.getData",
    "storage.objects.delete",
    "storage.objects.get",
  ]
}

data "google_iam_policy" "bucket" {
  binding {
    role    = "roles/storage.admin"
    members = ["user:rosa@brightwater.example", "group:data@brightwater.example"]
  }

  # everybody of data
  binding {
    role    = "roles/storage.objectViewer"
    members = ["group:data@brightwater.example"]
  }
}

resource "google_storage_bucket_iam_policy" "bucket" {
  bucket      = "bw-data"
  policy_data = data.google_iam_policy.bucket.policy_data
}
