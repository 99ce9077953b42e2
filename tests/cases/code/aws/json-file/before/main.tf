resource "aws_iam_role_policy" "work" {
  name = "work"
  role = "worker"

  policy = file("${path.module}/policies/work.json")
}
