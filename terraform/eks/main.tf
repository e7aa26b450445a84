# The cluster of one environment, its nodes, its add-ons, and the roles that pods assume.

data "aws_partition" "current" {}

# Only to say what to do when there is no state to read; the next block would just say that there is none.
data "aws_s3_objects" "vpc_state" {
  bucket = var.state_bucket
  prefix = local.vpc_state_key

  lifecycle {
    postcondition {
      condition     = contains(self.keys, local.vpc_state_key)
      error_message = "The bucket ${var.state_bucket} holds no ${local.vpc_state_key}: apply terraform/vpc for this environment first, or correct state_bucket."
    }
  }
}

data "terraform_remote_state" "vpc" {
  backend = "s3"

  config = {
    bucket = data.aws_s3_objects.vpc_state.bucket
    key    = local.vpc_state_key
    region = var.region
  }

  lifecycle {
    postcondition {
      condition     = can(self.outputs.node_security_group_id)
      error_message = "The state ${local.vpc_state_key} in ${var.state_bucket} has no network in it: apply terraform/vpc for this environment first."
    }
  }
}

locals {
  vpc_state_key = "vpc/terraform.tfstate"
  vpc           = data.terraform_remote_state.vpc.outputs

  name      = var.cluster_name != "" ? var.cluster_name : "${var.project}-${var.environment}-eksdemo"
  partition = data.aws_partition.current.partition

  # Written out, not read from the cluster, so that roles and keys do not wait for it.
  cluster_arn          = "arn:${local.partition}:eks:${var.region}:${var.account_id}:cluster/${local.name}"
  cluster_log_group    = "/aws/eks/${local.name}/cluster"
  log_group_arn_prefix = "arn:${local.partition}:logs:${var.region}:${var.account_id}:log-group"
  managed_policies     = "arn:${local.partition}:iam::aws:policy"
}
