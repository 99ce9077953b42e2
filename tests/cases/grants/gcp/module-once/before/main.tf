module "a" {
  source = "./m"
  member = "serviceAccount:etl@bw-analytics.iam.gserviceaccount.com"
}
