resource "aws_s3_bucket" "labels" {
  for_each = toset(["bw-labels-eu", "bw-labels-us", "bw-label-templates"])
  bucket   = each.value

  tags = {
    owner = "team-printing"
  }
}
