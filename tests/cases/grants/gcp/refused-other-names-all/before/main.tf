provider "google" {
  project = "bw-analytics"
}

resource "google_project_iam_member" "etl" {
  project = "bw-analytics"
  role    = "roles/storage.objectAdmin"
  member  = "serviceAccount:etl@bw-analytics.iam.gserviceaccount.com"
}

resource "google_storage_bucket_iam_binding" "admins" {
  bucket  = var.bucket
  role    = "roles/storage.objectAdmin"
  members = ["user:rosa@brightwater.example"]
}
