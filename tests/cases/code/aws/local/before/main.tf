locals {
  statements = {
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "*"
      Resource = "*"
    }]
  }
}

resource "aws_iam_role_policy" "work" {
  name = "work"
  role = "worker"

  policy = jsonencode(local.statements)
}
