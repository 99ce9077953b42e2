resource "google_project_iam_member" "etl" {
  project = "bw-analytics"
  role    = "roles/editor"
  member  = "serviceAccount:etl@bw-analytics.iam.gserviceaccount.com"

  condition {
    title       = "this year"
    description = "by order"
    expression  = "request.time < timestamp(\"2027-01-01T00:00:00Z\")"
  }
}

resource "google_project_iam_member" "etl_always" {
  project = "bw-analytics"
  role    = "roles/editor"
  member  = "serviceAccount:etl@bw-analytics.iam.gserviceaccount.com"
}
