variable "member" {}

resource "google_project_iam_member" "it" {
  project = "bw-analytics"
  role    = "roles/editor"
  member  = var.member
}
