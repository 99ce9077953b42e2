resource "google_project_iam_member" "etl" {
  count   = 2
  project = "bw-analytics"
  role    = "roles/editor"
  member  = "serviceAccount:etl@bw-analytics.iam.gserviceaccount.com"
}
