# What developers may do in bw-prod.

data "aws_ssoadmin_instances" "this" {}

resource "aws_ssoadmin_permission_set" "developer" {
  instance_arn     = tolist(data.aws_ssoadmin_instances.this.arns)[0]
  name             = "Developer"
  description      = "Developers of the web shop and the tracking services"
  session_duration = "PT8H"
}

data "aws_iam_policy_document" "developer" {
  statement {
    actions   = ["lambda:GetFunction", "lambda:ListFunctions", "lambda:UpdateFunctionCode"]
    resources = ["*"]
  }

  statement {
    actions   = ["logs:FilterLogEvents", "logs:GetLogEvents", "logs:DescribeLogGroups", "logs:DescribeLogStreams"]
    resources = ["*"]
  }

  statement {
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["arn:aws:s3:::bw-build-artifacts/*"]
  }

  statement {
    actions   = ["ecs:DescribeServices", "ecs:DescribeTasks", "ecs:ListTasks", "cloudwatch:GetMetricData"]
    resources = ["*"]
  }
}

resource "aws_ssoadmin_permission_set_inline_policy" "developer" {
  instance_arn       = aws_ssoadmin_permission_set.developer.instance_arn
  permission_set_arn = aws_ssoadmin_permission_set.developer.arn
  inline_policy      = data.aws_iam_policy_document.developer.json
}
