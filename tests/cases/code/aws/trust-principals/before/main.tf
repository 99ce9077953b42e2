data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    # ours
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111111111111:root", aws_iam_role.other.arn]
    }

    # no longer
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "worker" {
  name               = "worker"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
