variable "members" {
  type = set(string)
}

resource "google_project_iam_member" "all" {
  for_each = var.members
  project  = "bw-analytics"
  role     = "roles/editor"
  member   = each.value
}
