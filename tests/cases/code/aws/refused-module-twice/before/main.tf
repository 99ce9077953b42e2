module "worker" {
  source = "./modules/role"
}

module "other" {
  source = "./modules/role"
}
