data "aws_iam_policy_document" "work" {
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

resource "aws_iam_user_policy" "work" {
  name   = "work"
  user   = "someone"
  policy = data.aws_iam_policy_document.work.json
}
