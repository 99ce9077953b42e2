provider "google" {
  project = "bw-analytics"
}

resource "google_project_iam_member" "etl" {
  project = "bw-analytics"
  role    = "roles/bigquery.dataViewer"
  member  = "serviceAccount:etl@bw-analytics.iam.gserviceaccount.com"
}
