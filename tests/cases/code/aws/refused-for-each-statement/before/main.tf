data "aws_iam_policy_document" "work" {
  dynamic "statement" {
    for_each = var.buckets
    content {
      actions   = ["s3:*"]
      resources = ["*"]
    }
  }
}

resource "aws_iam_role_policy" "work" {
  name = "work"
  role = "worker"

  policy = data.aws_iam_policy_document.work.json
}
