# The read-only role of `leastwise collect aws`, in one account. Use it as a module with one provider alias an account,
# or roll leastwise-role.template.json out with the stack set at the end.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.0" }
  }
}

variable "collector" {
  description = "ARN of the user or role that collects"
  type        = string
}

variable "external_id" {
  description = "External id that it gives"
  type        = string
  sensitive   = true
}

variable "role_name" {
  type    = string
  default = "LeastwiseReadOnly"
}

variable "organizational_units" {
  description = "Ids of the roots or units whose accounts get the role by a stack set; empty: only this account"
  type        = list(string)
  default     = []
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [var.collector]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

resource "aws_iam_policy" "leastwise" {
  name        = var.role_name
  description = "What leastwise collect aws calls"
  policy      = file("${path.module}/leastwise-policy.json")
}

resource "aws_iam_role" "leastwise" {
  name               = var.role_name
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "leastwise" {
  role       = aws_iam_role.leastwise.name
  policy_arn = aws_iam_policy.leastwise.arn
}

# Every member account, new ones too. Stack sets never reach the management account: the resources above do.
resource "aws_cloudformation_stack_set" "leastwise" {
  count            = length(var.organizational_units) > 0 ? 1 : 0
  name             = "leastwise-role"
  permission_model = "SERVICE_MANAGED"
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  template_body    = file("${path.module}/leastwise-role.template.json")

  parameters = {
    Collector  = var.collector
    ExternalId = var.external_id
    RoleName   = var.role_name
  }

  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }
}

resource "aws_cloudformation_stack_set_instance" "leastwise" {
  count          = length(var.organizational_units) > 0 ? 1 : 0
  stack_set_name = aws_cloudformation_stack_set.leastwise[0].name

  deployment_targets {
    organizational_unit_ids = var.organizational_units
  }
}
