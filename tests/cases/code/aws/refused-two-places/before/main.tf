resource "aws_iam_role_policy" "work" {
  name = "work"
  role = "worker"

  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
