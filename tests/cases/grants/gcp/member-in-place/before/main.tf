provider "google" {
  project = "bw-analytics"
}

resource "google_service_account" "etl" {
  account_id = "etl"
}

resource "google_storage_bucket" "landing" {
  name     = "bw-landing"
  location = "EU"
}

# Loads what partners send
resource "google_storage_bucket_iam_member" "etl" {
  bucket = google_storage_bucket.landing.name
  role   = "roles/storage.objectAdmin" # to be cut
  member = "serviceAccount:${google_service_account.etl.email}"
}

resource "google_storage_bucket_iam_member" "bi" {
  bucket = google_storage_bucket.landing.name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:bi@bw-analytics.iam.gserviceaccount.com"
}
