resource "aws_iam_role_policy" "work" {
  name = "work"
  role = var.role

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = var.actions
        Resource = "*"
      },
    ]
  })
}

variable "role" {
  type = string
}

variable "actions" {
  type = list(string)
}
