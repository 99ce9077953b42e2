resource "aws_iam_role_policy" "work" {
  name = "work"
  role = "worker"

  policy = templatefile("${path.module}/work.json.tpl", { bucket = "a" })
}
