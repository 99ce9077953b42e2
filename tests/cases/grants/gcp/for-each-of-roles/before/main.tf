resource "google_project_iam_member" "etl" {
  for_each = toset([
    "roles/bigquery.jobUser",
    "roles/editor", # too much
  ])

  project = "bw-analytics"
  role    = each.value
  member  = "serviceAccount:etl@bw-analytics.iam.gserviceaccount.com"
}
