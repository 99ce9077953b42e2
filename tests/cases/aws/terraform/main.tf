# A small estate as somebody would write it: what `collect` must find again after it was applied.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.0" }
  }
}

provider "aws" {
  region                      = "eu-central-1"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}

locals {
  people  = toset(["ann", "bob", "eve"])
  buckets = { letters = true, posters = false }
}

data "aws_caller_identity" "own" {}

resource "aws_iam_user" "people" {
  for_each = local.people
  name     = each.key
  path     = "/print/"
  tags     = { team = "print" }
}

resource "aws_iam_group" "press" {
  name = "press"
}

resource "aws_iam_user_group_membership" "press" {
  for_each = toset(["ann", "bob"])
  user     = aws_iam_user.people[each.key].name
  groups   = [aws_iam_group.press.name]
}

resource "aws_iam_policy" "limit" {
  name   = "limit"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["s3:*", "sqs:*"], Resource = "*" }] })
}

resource "aws_iam_policy" "read" {
  name = "read"
  path = "/print/"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Read"
      Effect    = "Allow"
      Action    = "s3:GetObject"
      Resource  = "${aws_s3_bucket.all["letters"].arn}/*"
      Condition = { Bool = { "aws:SecureTransport" = "true" } }
    }]
  })
}

resource "aws_iam_group_policy_attachment" "press" {
  group      = aws_iam_group.press.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_user_policy" "eve" {
  name   = "own"
  user   = aws_iam_user.people["eve"].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "iam:*", Resource = "*" }] })
}

resource "aws_iam_role" "printer" {
  name                 = "printer"
  max_session_duration = 7200
  permissions_boundary = aws_iam_policy.limit.arn
  tags                 = { team = "print" }
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role" "vendor" {
  name = "vendor"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::999999999999:root" }
      Condition = { StringEquals = { "sts:ExternalId" = "7d1f0c52" } }
    }]
  })
}

resource "aws_iam_role_policy" "printer" {
  name   = "queue"
  role   = aws_iam_role.printer.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "*" }] })
}

resource "aws_iam_role_policy_attachment" "vendor" {
  role       = aws_iam_role.vendor.name
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}

resource "aws_iam_instance_profile" "printer" {
  name = "printer"
  role = aws_iam_role.printer.name
}

resource "aws_iam_access_key" "bob" {
  user   = aws_iam_user.people["bob"].name
  status = "Inactive"
}

resource "aws_s3_bucket" "all" {
  for_each = local.buckets
  bucket   = "leastwise-${each.key}"
  tags     = { team = "print" }
}

resource "aws_s3_bucket_public_access_block" "all" {
  for_each                = local.buckets
  bucket                  = aws_s3_bucket.all[each.key].id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = each.value
  restrict_public_buckets = each.value
}

resource "aws_s3_bucket_policy" "all" {
  for_each = local.buckets
  bucket   = aws_s3_bucket.all[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Read"
      Effect    = "Allow"
      Principal = each.value ? { AWS = aws_iam_role.vendor.arn } : { AWS = "*" }
      Action    = "s3:GetObject"
      Resource  = "${aws_s3_bucket.all[each.key].arn}/*"
    }]
  })
}
