data "google_iam_policy" "bucket" {
  binding {
    role    = "roles/storage.admin"
    members = ["serviceAccount:etl@bw-analytics.iam.gserviceaccount.com"]
  }

  # everybody of data
  binding {
    role    = "roles/storage.objectViewer"
    members = ["group:data@brightwater.example"]
  }
}

resource "google_storage_bucket_iam_policy" "bucket" {
  bucket      = "bw-landing"
  policy_data = data.google_iam_policy.bucket.policy_data
}
