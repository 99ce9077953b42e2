resource "aws_iam_role" "worker" {
  name                = "worker"
  assume_role_policy  = data.aws_iam_policy_document.trust.json
  managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"]
}

# Administrators are gone.
resource "aws_iam_role_policy_attachment" "power" {
  role       = aws_iam_role.worker.name
  policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
}

resource "aws_iam_policy_attachment" "logs" {
  name       = "logs"
  roles      = ["other", aws_iam_role.worker.name]
  policy_arn = "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"
}

resource "aws_iam_role_policy_attachment" "many" {
  for_each = toset([
    "arn:aws:iam::aws:policy/AmazonS3FullAccess", # storage
    "arn:aws:iam::aws:policy/AmazonSQSFullAccess",
  ])

  role       = aws_iam_role.worker.name
  policy_arn = each.value
}
