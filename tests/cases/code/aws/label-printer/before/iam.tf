# Labels are printed at the depots by an ECS service.

data "aws_iam_policy_document" "ecs_tasks" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "label_printer" {
  name               = "label-printer"
  description        = "Prints parcel labels at the depots"
  assume_role_policy = data.aws_iam_policy_document.ecs_tasks.json

  tags = {
    owner = "team-printing"
    code  = "infra/printing"
  }
}

resource "aws_iam_role_policy" "label_printer" {
  name = "label-printer"
  role = aws_iam_role.label_printer.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "s3:*" # TODO narrow this once the US depots are live
        Resource = "*"
      },
    ]
  })
}
