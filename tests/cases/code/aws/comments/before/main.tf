# The worker's rights.

resource "aws_iam_role" "worker" {
  name               = "worker" // fixed: others refer to it
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "work" {
  name = "work"
  role = aws_iam_role.worker.id /* the role above */

  # What the worker may do
  policy = jsonencode({
    Version = "2012-10-17" # fixed
    Statement = [
      # Reads its queue
      {
        Sid    = "Queue"
        Effect = "Allow"
        Action = [
          "sqs:ReceiveMessage", # takes
          "sqs:DeleteMessage",  # and removes
          # was needed once
          "sqs:PurgeQueue",
          "sqs:GetQueueAttributes",
        ]
        Resource = "arn:aws:sqs:eu-west-1:111111111111:jobs"
      },

      # Writes its results.
      # See the page about results.
      {
        Sid      = "Results"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "arn:aws:s3:::results/*" # all of them
      },

      /* Left over from
         the old days */
      {
        Sid      = "Old"
        Effect   = "Allow"
        Action   = "dynamodb:*"
        Resource = "*"
      },
    ]
  })
}
