# Closing of the books: runs on the first day of February, May, August and November.

resource "aws_cloudwatch_event_rule" "quarter_close" {
  name                = "quarter-close"
  description         = "Closing of the books"
  schedule_expression = "cron(0 6 1 2,5,8,11 ? *)"
}

data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "quarter_close" {
  name               = "quarter-close"
  description        = "Closes the books on the first day of the quarter's second month"
  assume_role_policy = data.aws_iam_policy_document.lambda.json

  tags = {
    owner = "team-finance"
    code  = "infra/finance"
  }
}

data "aws_iam_policy_document" "quarter_close" {
  statement {
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::bw-ledger/*"]
  }

  statement {
    actions   = ["rds:CreateDBSnapshot", "rds:DeleteDBInstance"]
    resources = ["*"]
  }

  statement {
    actions   = ["ses:SendRawEmail"]
    resources = ["arn:aws:ses:eu-west-1:222222222222:identity/brightwater.example"]
  }
}

resource "aws_iam_policy" "quarter_close" {
  name   = "quarter-close"
  policy = data.aws_iam_policy_document.quarter_close.json
}

resource "aws_iam_role_policy_attachment" "quarter_close" {
  role       = aws_iam_role.quarter_close.name
  policy_arn = aws_iam_policy.quarter_close.arn
}
