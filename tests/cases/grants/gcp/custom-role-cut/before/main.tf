resource "google_project_iam_custom_role" "loader" {
  project = "bw-analytics"
  role_id = "loader"
  title   = "Loader"
  permissions = [
    "bigquery.jobs.create",
    "storage.objects.delete", # not any more
    "storage.objects.get",
  ]
}
