module "worker" {
  source  = "./modules/role"
  role    = "worker"
  actions = ["s3:*"]
}
