data "aws_iam_policy_document" "work" {
  source_policy_documents = [var.base]

  statement {
    actions   = ["s3:*"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "work" {
  name = "work"
  role = "worker"

  policy = data.aws_iam_policy_document.work.json
}
