terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }

  # The bucket, its region and the locking come from ../env/ENVIRONMENT.s3.tfbackend.
  backend "s3" {
    key = "delivery/terraform.tfstate"
  }
}

provider "aws" {
  region = var.region

  # Credentials of another account are refused before anything is read or changed.
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = merge(var.tags, {
      Project     = var.project
      Environment = var.environment
      Stack       = "delivery"
      ManagedBy   = "terraform"
    })
  }
}
