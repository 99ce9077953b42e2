# Deployments from GitHub.

data "aws_iam_openid_connect_provider" "github" {
  url = "https://token.actions.githubusercontent.com"
}

data "aws_iam_policy_document" "gha_deploy_trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [data.aws_iam_openid_connect_provider.github.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:brightwater-parcel*"]
    }
  }
}

resource "aws_iam_role" "gha_deploy" {
  name               = "gha-deploy"
  description        = "Deployments from GitHub"
  assume_role_policy = data.aws_iam_policy_document.gha_deploy_trust.json

  tags = {
    owner = "team-platform"
    code  = "infra/ci"
  }
}

resource "aws_iam_policy" "gha_deploy" {
  name = "gha-deploy"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "iam:PassRole"
        Resource = aws_iam_role.etl_bridge.arn
      },
      {
        Effect   = "Allow"
        Action   = ["lambda:CreateFunction", "lambda:InvokeFunction"]
        Resource = "arn:aws:lambda:eu-west-1:222222222222:function:*"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "gha_deploy" {
  role       = aws_iam_role.gha_deploy.name
  policy_arn = aws_iam_policy.gha_deploy.arn
}

resource "aws_iam_role" "etl_bridge" {
  name        = "etl-bridge"
  description = "Carries shipment exports to the analytics project in Google Cloud"

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
    owner = "team-data"
    code  = "infra/ci"
  }
}

resource "aws_iam_policy" "etl_bridge" {
  name = "etl-bridge"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "arn:aws:s3:::bw-shipments/exports/*"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "etl_bridge" {
  for_each = toset([
    aws_iam_policy.etl_bridge.arn,
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
  ])

  role       = aws_iam_role.etl_bridge.name
  policy_arn = each.value
}
