# ops-janitor switches off old access keys every working day.

resource "aws_iam_role" "ops_janitor" {
  name        = "ops-janitor"
  description = "Switches off old access keys"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "lambda.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
    ]
  })

  tags = {
    owner = "team-platform"
    code  = "infra/ops"
  }
}

resource "aws_iam_policy" "ops_janitor" {
  name = "ops-janitor"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "iam:*"
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "ops_janitor" {
  for_each = toset([
    aws_iam_policy.ops_janitor.arn,
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
  ])

  role       = aws_iam_role.ops_janitor.name
  policy_arn = each.value
}
