resource "aws_iam_role_policy" "work" {
  name = "work"
  role = "worker"

  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "Read",
          "Effect": "Allow",
          "Action": ["s3:GetObject", "s3:ListBucket", "s3:*"],
          "Resource": [
            "${aws_s3_bucket.data.arn}/*",
            "${aws_s3_bucket.data.arn}",
            "arn:aws:s3:::old/*"
          ]
        },
        {
          "Effect": "Allow",
          "Action": "iam:*",
          "Resource": "arn:aws:iam::*:user/$${aws:username}"
        }
      ]
    }
  EOT
}

resource "aws_s3_bucket" "data" {
  bucket = "data"
}
