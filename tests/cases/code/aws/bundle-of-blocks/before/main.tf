data "aws_iam_policy_document" "app" {
  # reading
  statement {
    sid = "Read"
    actions = [
      "s3:GetObject",
      "s3:GetObjectVersion", # unused
      "s3:ListBucket",
    ]
    resources = [
      aws_s3_bucket.data.arn,
      "${aws_s3_bucket.data.arn}/*",
    ]
  }

  # own things
  statement {
    actions   = ["iam:*"]
    resources = ["arn:aws:iam::111111111111:user/&{aws:username}"]

    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }

  # nobody needs it
  statement {
    effect    = "Allow"
    actions   = ["ec2:*"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "app" {
  name   = "app"
  policy = data.aws_iam_policy_document.app.json
}
