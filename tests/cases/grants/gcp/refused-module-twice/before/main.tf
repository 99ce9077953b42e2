module "a" {
  source = "./m"
  member = "serviceAccount:etl@bw-analytics.iam.gserviceaccount.com"
}

module "b" {
  source = "./m"
  member = "user:rosa@brightwater.example"
}
